import { SCHEMA } from './schema.js';
import { StructVector, writeStruct } from './struct.js';
import { viewOf } from './scalar.js';

const { Event, IndexEntry } = SCHEMA.structs;
const PAYLOAD_SIZE = Event.fields.find(({ name }) => name === 'payload_size').offset;

/**
 * What a trace amounts to so far: the writer makes `index`, `summary` and `end` of it, and the
 * reader compares them with it.
 */
export class Ledger {
  entries = [];
  definitionsOffsets = [];
  indexOffsets = [];
  eventCount = 0n;
  payloadBytes = 0n;
  storedBytes = 0n;
  decodedBytes = 0n;
  #kinds = new Array(256).fill(0);

  addDefinitions(offset) {
    this.definitionsOffsets.push(BigInt(offset));
  }

  /** A bulk frame. */
  addBulk({ stored_size, decoded_size }) {
    this.storedBytes += BigInt(stored_size);
    this.decodedBytes += BigInt(decoded_size);
  }

  /** An events frame; `events` is the StructVector of its batch. */
  addEvents(offset, { stored_size, decoded_size }, { base_sequence, base_time, events }) {
    this.entries.push({ offset: BigInt(offset), base_sequence, base_time, event_count: events.length });
    this.storedBytes += BigInt(stored_size);
    this.decodedBytes += BigInt(decoded_size);
    this.eventCount += BigInt(events.length);
    let payload = 0;
    for (let at = 0; at < events.bytes.length; at += Event.size) {
      this.#kinds[events.bytes[at]]++;
      payload += events.view.getUint32(at + PAYLOAD_SIZE, true);
    }
    this.payloadBytes += BigInt(payload);
  }

  /** The Index of what was added since the last one. // [INDEX-01] [INDEX-02] */
  index() {
    const bytes = new Uint8Array(this.entries.length * IndexEntry.size);
    this.entries.forEach((entry, i) => writeStruct(IndexEntry, viewOf(bytes), i * IndexEntry.size, entry));
    return {
      previous_offset: this.indexOffsets.at(-1) ?? 0n,
      entries: new StructVector(IndexEntry, bytes),
      definitions_offsets: [...this.definitionsOffsets],
    };
  }

  /** Says that the index was written at `offset`. */
  closeIndex(offset) {
    this.indexOffsets.push(BigInt(offset));
    this.entries = [];
    this.definitionsOffsets = [];
  }

  /** The Summary. // [SUM-01] */
  summary({ next_sequence, last_time, definition_count }) {
    return {
      event_count: this.eventCount,
      next_sequence,
      last_time,
      definition_count,
      payload_bytes: this.payloadBytes,
      stored_bytes: this.storedBytes,
      decoded_bytes: this.decodedBytes,
      index_offsets: [...this.indexOffsets],
      kind_counts: this.#kinds.map((count, kind) => ({ kind, count: BigInt(count) })).filter(({ count }) => count > 0n),
    };
  }
}
