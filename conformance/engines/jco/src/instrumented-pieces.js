import { AREAS, EVENT_SIZE, HEADER, MAGIC, SEGMENT, VERSION } from './instrumented-layout.js';
import { kindOf } from './format/event_kinds.js';
import { LIMITS } from './format/limits.js';
import { Areas } from './record-areas.js';

const CONTINUED = 1;
const SNAPSHOT = 64;
const SNAPSHOT_FLAGS = Object.freeze(['snapshot']);
const NO_FLAGS = Object.freeze([]);

/**
 * The events of one recorder, from its pieces in order. A payload that was cut [PAY-03] is one
 * again; its end may come in a later piece. // [SINK-04]
 */
export class PieceReader {
  #open = null; // an event whose payload goes on: { event, parts, left }

  /**
   * @param {Uint8Array} events
   * @param {Uint8Array} payloads
   * @param {Uint8Array} bulk
   * @returns {object[]} { kind, flags, subject, detail, payload }; payloads are copies
   */
  read(events, payloads, bulk) {
    const structs = new DataView(events.buffer, events.byteOffset, events.byteLength);
    const small = new Arena(payloads);
    const large = new Arena(bulk);
    const found = [];
    for (let at = 0; at < events.length; at += EVENT_SIZE) {
      const flags = structs.getUint8(at + 1);
      const size = structs.getUint32(at + 12, true);
      const first = this.#open === null;
      let left = 0;
      if (first && flags & CONTINUED) {
        const prefix = small.take(8);
        left = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
      }
      const body = (size >= LIMITS.bulk_threshold ? large : small).take(size); // [EVENT-03]
      if (first) {
        const event = {
          kind: kindOf(structs.getUint8(at)).name,
          flags: flags & SNAPSHOT ? SNAPSHOT_FLAGS : NO_FLAGS,
          subject: structs.getUint32(at + 4, true),
          detail: BigInt(structs.getUint32(at + 8, true)),
          payload: body.slice(),
        };
        if (left === 0) {
          found.push(event);
          continue;
        }
        this.#open = { event: { ...event, payload: new Uint8Array(left) }, filled: 0 };
      }
      const { event, filled } = this.#open;
      event.payload.set(body, filled);
      this.#open.filled += size;
      if (flags & CONTINUED) continue;
      found.push(event);
      this.#open = null;
    }
    return found;
  }
}

class Arena {
  #bytes;
  #used = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  take(size) {
    if (size > this.#bytes.length - this.#used) throw new Error('a piece of the recorder ends in the middle of a payload');
    this.#used += size;
    return this.#bytes.subarray(this.#used - size, this.#used);
  }
}

const beginsWith = (memory, magic) => {
  const bytes = new Uint8Array(memory.buffer);
  return bytes.length > magic.length && magic.every((byte, index) => bytes[index] === byte);
};

/** Whether this is a recorder's memory. // [SINK-10] */
export const isRecorderMemory = (memory) => beginsWith(memory, MAGIC);

/** The instance whose recorder has this memory. */
export const instanceOf = (memory) => new DataView(memory.buffer).getUint32(HEADER.instance, true);

/** Whether this is the memory of the blocks of an open lowering. // [SINK-13] */
export const isAreasMemory = (memory) => beginsWith(memory, AREAS.magic);

/** The id of the guest's memory in which those blocks lie. */
export const guestMemoryOf = (memory) => new DataView(memory.buffer).getUint32(AREAS.memory, true);

/** The blocks that are outstanding in one memory of the guest, which are none then. */
export function takeAreas(memory) {
  const view = new DataView(memory.buffer);
  const areas = new Areas(guestMemoryOf(memory));
  const end = view.getUint32(AREAS.end, true);
  for (let at = AREAS.entries; at < end; at += 8) areas.add(view.getUint32(at, true), view.getUint32(at + 4, true));
  view.setUint32(AREAS.end, AREAS.entries, true);
  return areas;
}

/**
 * What a recorder holds that has not left yet, read from its memory; the memory then holds nothing.
 * @returns {{instance: number, pieces: Uint8Array[][]}} pieces as `write` has them
 */
export function takeTail(memory) {
  const view = new DataView(memory.buffer);
  const version = view.getUint32(HEADER.version, true);
  if (version !== VERSION) throw new Error(`the recorder's memory has version ${version}, not ${VERSION}`);
  const [eventsEnd, payloadsEnd] = [HEADER.eventsEnd, HEADER.payloadsEnd].map((at) => view.getUint32(at, true));
  const pieces = [];
  for (let segment = SEGMENT.first; segment <= eventsEnd; segment += SEGMENT.size) {
    const isLast = eventsEnd < segment + SEGMENT.size;
    const size = (at) => view.getUint32(segment + at, true);
    const arena = (start, bytes) => new Uint8Array(memory.buffer, segment + start, bytes).slice();
    const piece = [
      arena(SEGMENT.events, isLast ? eventsEnd - segment - SEGMENT.events : size(SEGMENT.eventsSize)),
      arena(SEGMENT.payloads, isLast ? payloadsEnd - segment - SEGMENT.payloads : size(SEGMENT.payloadsSize)),
      arena(SEGMENT.bulk, size(SEGMENT.bulkSize)),
    ];
    if (piece[0].length > 0) pieces.push(piece);
  }
  view.setUint32(HEADER.eventsEnd, SEGMENT.first + SEGMENT.events, true);
  view.setUint32(HEADER.payloadsEnd, SEGMENT.first + SEGMENT.payloads, true);
  view.setUint32(SEGMENT.first + SEGMENT.bulkSize, 0, true);
  return { instance: view.getUint32(HEADER.instance, true), pieces };
}
