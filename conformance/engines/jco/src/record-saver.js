import { unsigned } from './engine-values.js';
import { NONE } from './format/limits.js';
import { xxh3 } from './format/xxh3.js';
import { ReadBuffers } from './record-buffers.js';
import { Lifts } from './record-lifts.js';

const SNAPSHOT = Object.freeze(['snapshot']);

/**
 * Writes what the host put into guest memory, as `lower`s, and digests of memories.
 * // [RECORD-02] [RECORD-03]
 */
export class Saver {
  #plan;
  #write;
  #memories = [];
  #views = [];
  #buffers;
  #lifts;

  /** @param {(kind: string, subject: number, detail: bigint, payload: Uint8Array, flags?: string[]) => void} write */
  constructor(plan, write) {
    this.#plan = plan;
    this.#write = write;
    this.#buffers = new ReadBuffers(plan.raw.types);
    this.#lifts = new Lifts(plan.raw.types, this.#bytesOf, (memory, address, bytes) => this.#write('lift', memory, BigInt(address), bytes));
  }

  addMemory(id, memory) {
    this.#memories[id] = memory;
  }

  /** The blocks of a lowering that ends. */
  areas(areas) {
    for (let i = 0; i < areas.count; i++) this.#lower(areas.memory, areas.start(i), areas.end(i));
  }

  /** The blocks that [start, end) is about to take the place of. */
  taken(areas, start, end) {
    for (const [from, to] of areas.take(start, end)) this.#lower(areas.memory, from, to);
  }

  /** What an import or built-in that returns normally wrote, but for its blocks. // [RECORD-04] */
  beforeImportResult(fn, args, results) {
    if (fn.result_area_param !== NONE && fn.memory !== null) {
      const start = unsigned(args[fn.result_area_param]);
      this.#lower(fn.memory, start, start + fn.result_area_size);
    }
    this.#changedBuffers();
    if (fn.builtin) this.#buffers.afterBuiltin(fn, args, results, this.#bytesOf, this.#lower);
  }

  beforeExportEnter(fn, args) {
    this.#changedBuffers();
    if (fn.role === 'callback') this.#buffers.delivered(fn.instance, args[0], args[1]);
  }

  /** What the host lifts of the arguments of an import or built-in, as `lift`s. // [LIFT-02] */
  liftParams(fn, args) {
    this.#lifts.params(fn, args);
  }

  /** What it lifts of the result of an export. */
  liftResults(fn, values) {
    this.#lifts.results(fn, values);
  }

  /** A digest of every memory that is there. // [DIGEST-01] */
  digests() {
    for (let id = 0; id < this.#plan.memories.length; id++) {
      if (!this.#memories[id]) continue;
      const bytes = this.#bytesOf(id);
      const payload = new Uint8Array(16);
      const view = new DataView(payload.buffer);
      view.setBigUint64(0, BigInt(bytes.length), true);
      view.setBigUint64(8, xxh3(bytes), true); // [PAY-08]
      this.#write('digest', id, 0n, payload);
    }
  }

  #changedBuffers() {
    if (!this.#buffers.isEmpty) this.#buffers.changed(this.#bytesOf, this.#lower);
  }

  #lower = (memory, start, end) => {
    if (memory === null) return;
    const bytes = this.#bytesOf(memory).subarray(start, end);
    if (bytes.length > 0) this.#write('lower', memory, BigInt(start), bytes, SNAPSHOT);
  };

  // A view of a memory, made anew when it has grown.
  #bytesOf = (memory) => {
    const { buffer } = this.#memories[memory];
    if (this.#views[memory]?.buffer !== buffer) this.#views[memory] = new Uint8Array(buffer);
    return this.#views[memory];
  };
}
