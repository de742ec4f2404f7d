import { xxh3 } from './format/xxh3.js';
import { Diverged, Halted } from './replay-outcome.js';

/** The events that are about guest memory: what the host wrote is written, the rest compared. */
export class ReplayMemory {
  #guest;
  #identity;
  #compareDigests;
  #differs;

  /** How many digests were compared. */
  digests = 0;

  /**
   * @param {import('./replay-guest.js').Guest} guest
   * @param {import('./replay-identity.js').Identity} identity
   * @param {(difference: Diverged) => void} differs is told of other bytes than the recorded
   */
  constructor(guest, identity, compareDigests, differs) {
    this.#differs = differs;
    this.#guest = guest;
    this.#identity = identity;
    this.#compareDigests = compareDigests;
  }

  lower({ sequence, subject, detail, payload, flags }) {
    if (flags.includes('redacted')) throw new Halted('unsupported', `event ${sequence} is redacted: what the host wrote is not known`);
    const bytes = this.#bytes(sequence, subject);
    if (detail + BigInt(payload.length) > BigInt(bytes.length)) {
      throw new Diverged(sequence, `memory ${subject}`, `${payload.length} bytes written at ${detail}`, `a memory of ${bytes.length} bytes`);
    }
    bytes.set(payload, Number(detail));
  }

  lift({ sequence, subject, detail, payload, flags }) {
    if (flags.includes('omitted') || flags.includes('redacted')) return;
    const bytes = this.#bytes(sequence, subject);
    const isHash = flags.includes('hashed');
    const size = isHash ? view(payload).getBigUint64(0, true) : BigInt(payload.length);
    const isInside = detail + size <= BigInt(bytes.length);
    const read = isInside ? bytes.subarray(Number(detail), Number(detail + size)) : null;
    const isEqual = isInside && (isHash ? xxh3(read) === view(payload).getBigUint64(8, true) : Buffer.compare(read, payload) === 0);
    if (!isEqual) this.#differs(new Diverged(sequence, `memory ${subject}`, `${size} bytes read at ${detail}`, isInside ? 'other bytes there' : 'none there'));
  }

  digest({ sequence, subject, payload }) {
    if (!this.#compareDigests) return;
    const bytes = this.#bytes(sequence, subject);
    const size = view(payload).getBigUint64(0, true);
    const hash = view(payload).getBigUint64(8, true);
    const found = xxh3(bytes);
    this.digests++;
    if (size !== BigInt(bytes.length) || hash !== found) {
      this.#differs(new Diverged(sequence, `memory ${subject}`, `a digest of ${size} bytes, ${hex(hash)}`, `${bytes.length} bytes, ${hex(found)}`));
    }
  }

  /** All memories as they are now, by the plan's ids. */
  all() {
    return this.#guest.memories().map(({ id, bytes }) => (
      { memory: id, size: bytes.length, hash: xxh3(bytes).toString(16).padStart(16, '0') }));
  }

  #bytes(sequence, id) {
    const planned = this.#identity.memory(id);
    const bytes = planned === null ? null : this.#guest.memory(planned);
    if (bytes === null) throw new Diverged(sequence, `memory ${id}`, 'a memory', 'none in the component');
    return bytes;
  }
}

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const hex = (hash) => `0x${hash.toString(16).padStart(16, '0')}`;
