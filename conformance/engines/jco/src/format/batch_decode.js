import {
  BODY_FLAGS, CONTINUED, KNOWN_FLAGS, TIME_PREFIX, WIDE, bodyFlagNames, kindOf, prefixSize,
} from './event_kinds.js';
import { EventRules, checkFlags } from './event_rules.js';
import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { decodeOpenCalls } from './open_calls.js';
import { viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';

const EVENT = SCHEMA.structs.Event;
const AT = Object.fromEntries(EVENT.fields.map(({ name, offset }) => [name, offset]));
const TIME_END = 2n ** 64n;
const SEQUENCE_END = 2n ** 63n;

/** Turns the batches of a trace, in order, into events whose pieces are joined. */
export class BatchDecoder {
  nextSequence = 0n;
  lastTime = 0n;
  #info;
  #definitions;
  #rules;
  #calls;
  #afterGap = false;
  #pending = null;

  /**
   * @param {object} info                  TraceInfo
   * @param {Definitions} definitions      of the trace so far
   * @param {?OpenCalls} calls             followed, and compared with every batch, when given
   */
  constructor(info, definitions, calls = null) {
    this.#info = info;
    this.#definitions = definitions;
    this.#rules = new EventRules(info, definitions);
    this.#calls = calls;
  }

  /** Whether pieces of a payload are still to come. */
  get continued() {
    return this.#pending !== null;
  }

  /**
   * The events of one batch that end in it. Rules of the batch come first, then each event's.
   * @param {object} batch      value of the EventBatch
   * @param {Uint8Array} bulk   its bulk arena, or an empty array
   */
  *decode(batch, bulk) {
    this.#checkBatch(batch, bulk);
    const { view, length } = batch.events;
    let sequence = batch.base_sequence;
    let time = batch.base_time;
    let small = 0;
    let large = 0;
    for (let i = 0; i < length; i++, sequence++) {
      const at = i * EVENT.size;
      const event = {
        number: view.getUint8(at + AT.kind),
        flags: view.getUint8(at + AT.flags),
        time_delta: view.getUint16(at + AT.time_delta, true),
        subject: view.getUint32(at + AT.subject, true),
        detail: view.getUint32(at + AT.detail, true),
      };
      const size = view.getUint32(at + AT.payload_size, true);
      const prefixes = batch.payloads.subarray(small, small += this.#pending ? 0 : prefixSize(event.flags));
      const body = size >= LIMITS.bulk_threshold ? bulk.subarray(large, large += size) : batch.payloads.subarray(small, small += size);
      try {
        if ((event.flags & ~KNOWN_FLAGS) !== 0) throw new Fault('unsupported', 'known event flags', `0x${event.flags.toString(16)}`); // [EVENT-04]
        if (small > batch.payloads.length || large > bulk.length) throw new Fault('invalid', 'prefixes and body within the arenas', 'more'); // [EVENT-03]
        if (this.#pending) {
          this.#addPiece(event, body);
        } else {
          this.#begin(event, prefixes, body, sequence, time, i === length - 1);
          time = this.#pending.time;
        }
        this.nextSequence = this.#pending.next ?? sequence + 1n;
        this.lastTime = time;
        if (this.#pending.remaining !== 0) continue;
        yield this.#finish();
      } catch (error) {
        throw error instanceof Fault ? error.at({ event: sequence }) : error;
      }
    }
  }

  #checkBatch(batch, bulk) {
    const fault = (expected, found) => { throw new Fault('invalid', expected, found); };
    const { base_sequence, base_time, events, payloads } = batch;
    if (base_sequence !== this.nextSequence) fault(`base_sequence ${this.nextSequence}`, `${base_sequence}`); // [EVENT-01]
    if (base_time < this.lastTime) fault(`base_time of at least ${this.lastTime}`, `${base_time}`); // [EVENT-02]
    if (this.#info.clock === 'none' && base_time !== 0n) fault('base_time 0 with clock none', `${base_time}`); // [EVENT-02]

    let small = 0;
    let large = 0;
    let isFurther = this.#pending !== null;
    let isKnown = true;
    for (let at = 0; at < events.bytes.length; at += EVENT.size) {
      const flags = events.view.getUint8(at + AT.flags);
      const size = events.view.getUint32(at + AT.payload_size, true);
      isKnown &&= (flags & ~KNOWN_FLAGS) === 0;
      if (!isFurther) small += prefixSize(flags);
      isFurther = (flags & CONTINUED) !== 0;
      if (size > LIMITS.piece_size) throw new Fault('limit', `payload_size of at most ${LIMITS.piece_size}`, `${size}`);
      if (size >= LIMITS.bulk_threshold) large += size;
      else small += size;
    }
    // What an unknown flag announces is unknown: then its event is at fault. // [EVENT-03] [EVENT-04]
    if (isKnown && small !== payloads.length) fault(`${small} bytes in payloads`, `${payloads.length}`);
    if (isKnown && large !== bulk.length) fault(`${large} bytes in the bulk frame`, `${bulk.length}`);

    if (batch.definitions > this.#definitions.count) { // [EVENT-05]
      fault(`at most ${this.#definitions.count} definitions before the batch`, `${batch.definitions}`);
    }
    const calls = decodeOpenCalls(batch.open_calls, base_sequence, this.#definitions); // [EVENT-06]
    if (this.#calls && this.#afterGap) this.#calls.replace(calls);
    else if (this.#calls) this.#compareCalls(calls); // [ORDER-09]
    this.#afterGap = false;
    if (events.length === 0) fault('at least one event in a batch', 'none'); // [EVENT-07]
    const remaining = BigInt(this.#pending?.remaining ?? 0);
    if (batch.continued_size !== remaining) fault(`continued_size ${remaining}`, `${batch.continued_size}`); // [PAY-04]
  }

  #compareCalls(calls) {
    const text = (list) => JSON.stringify([...list].map(({ event, thread, subject, call, kind }) => [`${event}`, thread, subject, call, kind]));
    const [expected, found] = [text(this.#calls), text(calls)];
    if (expected !== found) throw new Fault('invalid', `open_calls ${expected}`, found);
  }

  #begin(event, prefixes, body, sequence, timeBefore, isLast) {
    const fault = (expected, found) => { throw new Fault('invalid', expected, found); };
    const { number, flags } = event;
    const kind = kindOf(number);
    // [EVENT-04]
    if (kind === undefined) throw new Fault('unsupported', 'a known event kind, or an informative one', `${number}`);
    checkFlags(kind, flags & BODY_FLAGS);

    const view = prefixes.length > 0 ? viewOf(prefixes) : null;
    let at = 0;
    const prefix = () => view.getBigUint64((at += 8) - 8, true);
    let delta = BigInt(event.time_delta);
    if (flags & TIME_PREFIX) { // [PAY-01]
      if (delta !== 0n) fault('time_delta 0 with time_prefix', `${delta}`);
      delta = prefix();
      if (delta <= 0xffffn) fault('a time prefix over 65535', `${delta}`);
    }
    if (this.#info.clock === 'none' && delta !== 0n) fault('time delta 0 with clock none', `${delta}`); // [EVENT-02]
    const time = timeBefore + delta;
    if (time >= TIME_END) fault('a time below 2^64', `${time}`);

    let detail = BigInt(event.detail);
    if (flags & WIDE) { // [PAY-02]
      if (detail !== 0n) fault('detail 0 with wide', `${detail}`);
      detail = prefix();
      if (detail <= 0xffffffffn) fault('a wide detail over 4294967295', `${detail}`);
    }
    let total = body.length;
    if (flags & CONTINUED) { // [PAY-03]
      const declared = prefix();
      if (declared > BigInt(LIMITS.payload_size)) throw new Fault('limit', `a body of at most ${LIMITS.payload_size} bytes`, `${declared}`);
      total = Number(declared);
      if (body.length !== LIMITS.piece_size) fault(`${LIMITS.piece_size} bytes in a continued piece`, `${body.length}`);
      if (total <= LIMITS.piece_size) fault(`pieces of a body of more than ${LIMITS.piece_size} bytes only`, `${total}`);
    }
    this.#rules.checkHead(kind, event.subject, detail);
    const isGap = kind.name === 'gap';
    if (isGap && !isLast) fault('a gap as the last event of its batch', 'another event after it'); // [GAP-02]
    this.#pending = {
      kind, flags: flags & BODY_FLAGS, sequence, time, subject: event.subject, detail,
      parts: [body], total, remaining: total - body.length, next: null,
    };
    if (this.#pending.remaining === 0) this.#rules.checkBody(this.#pending, body);
    this.#follow(this.#pending);
    if (isGap) { // [GAP-02]
      const count = viewOf(body).getBigUint64(0, true);
      this.#pending.next = sequence + (count === 0n ? 1n : count);
      if (this.#pending.next >= SEQUENCE_END) fault('a number below 2^63 after a gap', `${this.#pending.next}`);
    }
  }

  #addPiece({ number, flags, time_delta, subject, detail }, payload) {
    const fault = (expected, found) => { throw new Fault('invalid', `${expected} in a further piece`, found); };
    const pending = this.#pending;
    // [PAY-03]
    if (number !== pending.kind.number) fault(`kind ${pending.kind.name}`, `${number}`);
    if (subject !== pending.subject) fault(`subject ${pending.subject}`, `${subject}`);
    if (detail !== 0) fault('detail 0', `${detail}`);
    if (time_delta !== 0) fault('time_delta 0', `${time_delta}`);
    if ((flags & ~CONTINUED) !== 0) fault('no flag but continued', `0x${flags.toString(16)}`);
    const expected = Math.min(pending.remaining, LIMITS.piece_size);
    if (payload.length !== expected) fault(`${expected} bytes`, `${payload.length}`);
    const isLast = payload.length === pending.remaining;
    if (isLast === ((flags & CONTINUED) !== 0)) fault(`continued ${!isLast}`, `${isLast}`);
    pending.parts.push(payload);
    pending.remaining -= payload.length;
    if (isLast) this.#rules.checkBody(pending, pending.body = Buffer.concat(pending.parts));
  }

  #finish() {
    const { kind, flags, sequence, time, subject, detail, parts, body } = this.#pending;
    this.#pending = null;
    return { sequence, kind: kind.name, flags: bodyFlagNames(flags), time, subject, detail, payload: body ?? parts[0] };
  }

  #follow({ kind: { name }, sequence, subject, detail }) {
    if (name === 'gap') this.#afterGap = true;
    const expected = this.#calls?.follow(name, sequence, subject, detail);
    if (expected) throw new Fault('invalid', `${name} to close the innermost open call, ${expected}`, 'another, or none'); // [ORDER-02]
  }
}
