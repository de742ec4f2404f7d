import { ByteBuffer } from './bytes.js';
import { CONTINUED, TIME_PREFIX, WIDE } from './event_kinds.js';
import { encodeFlatBuffer } from './flatbuffer_encode.js';
import { LIMITS } from './limits.js';
import { SCHEMA } from './schema.js';
import { StructVector } from './struct.js';

const EVENT = SCHEMA.structs.Event;
const AT = Object.fromEntries(EVENT.fields.map(({ name, offset }) => [name, offset]));

/** The block being filled: structs, arena and bulk arena. */
export class BatchEncoder {
  #events = new ByteBuffer();
  #payloads = new ByteBuffer();
  #bulk = new ByteBuffer();
  #record = new Uint8Array(EVENT.size);
  #view = new DataView(this.#record.buffer);
  #prefixBytes = new Uint8Array(8);
  #prefix = new DataView(this.#prefixBytes.buffer);
  #head = null;
  #time = 0n;

  get count() {
    return this.#events.length / EVENT.size;
  }

  /** Bytes of structs and payloads so far. */
  get size() {
    return this.#events.length + this.#payloads.length + this.#bulk.length;
  }

  /** Starts a block; `open` is as of its start, and so is `continued`. */
  begin({ base_sequence, base_time, definitions, continued_size, open_calls }) {
    this.#head = { base_sequence, base_time, definitions, continued_size, open_calls };
    this.#time = base_time;
  }

  /**
   * Appends an event, or its first piece.
   * @param {{number: number, flags: number, time: bigint, subject: number, detail: bigint,
   *          body: Uint8Array}} event
   * @returns {Uint8Array} what of the body is still to come, in further pieces
   */
  append({ number, flags, time, subject, detail, body }) {
    const delta = time - this.#time;
    this.#time = time;
    const prefix = (value) => {
      this.#prefix.setBigUint64(0, value, true);
      this.#payloads.append(this.#prefixBytes);
    };
    let narrowDelta = Number(delta & 0xffffn);
    if (delta > 0xffffn) { // [PAY-01]
      flags |= TIME_PREFIX;
      narrowDelta = 0;
      prefix(delta);
    }
    if (detail > 0xffffffffn) { // [PAY-02]
      flags |= WIDE;
      prefix(detail);
      detail = 0n;
    }
    if (body.length > LIMITS.piece_size) { // [PAY-03]
      flags |= CONTINUED;
      prefix(BigInt(body.length));
    }
    this.#store(number, flags, narrowDelta, subject, Number(detail), body.subarray(0, LIMITS.piece_size));
    return body.subarray(LIMITS.piece_size);
  }

  /** Appends a further piece; returns what is still to come. // [PAY-03] */
  appendPiece(number, subject, rest) {
    const piece = rest.subarray(0, LIMITS.piece_size);
    const isLast = piece.length === rest.length;
    this.#store(number, isLast ? 0 : CONTINUED, 0, subject, 0, piece);
    return rest.subarray(piece.length);
  }

  #store(kind, flags, delta, subject, detail, body) {
    this.#view.setUint8(AT.kind, kind);
    this.#view.setUint8(AT.flags, flags);
    this.#view.setUint16(AT.time_delta, delta, true);
    this.#view.setUint32(AT.subject, subject, true);
    this.#view.setUint32(AT.detail, detail, true);
    this.#view.setUint32(AT.payload_size, body.length, true);
    this.#events.append(this.#record);
    (body.length >= LIMITS.bulk_threshold ? this.#bulk : this.#payloads).append(body); // [EVENT-03]
  }

  /**
   * Ends the block; the encoder is then empty.
   * @returns {{bulk: ?Uint8Array, body: Uint8Array, head: object, events: StructVector}} valid until
   *     the next event
   */
  finish() {
    const bulk = this.#bulk.view();
    const events = new StructVector(EVENT, this.#events.view());
    const body = encodeFlatBuffer(SCHEMA.tables.EventBatch, {
      ...this.#head,
      bulk_size: bulk.length,
      events,
      payloads: this.#payloads.view(),
    }, this.#events.length + this.#payloads.length + 1024);
    this.#events.clear();
    this.#payloads.clear();
    this.#bulk.clear();
    return { bulk: bulk.length > 0 ? bulk : null, body, head: this.#head, events };
  }
}
