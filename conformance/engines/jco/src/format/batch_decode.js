import { utf8Decode } from './bytes.js';
import {
  BODY_FLAGS, CONTINUED, HASHED, KNOWN_FLAGS, OMITTED, PREFIX_FLAGS, REDACTED, TIME_PREFIX, WIDE,
  bodyFlagNames, kindOf, prefixSize,
} from './event_kinds.js';
import { Fault } from './fault.js';
import { LIMITS, NONE } from './limits.js';
import { decodeOpenCalls } from './open_calls.js';
import { viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';

const EVENT = SCHEMA.structs.Event;
const AT = Object.fromEntries(EVENT.fields.map(({ name, offset }) => [name, offset]));
const MAX_U64 = 2n ** 64n - 1n;
const FLAT_SIZES = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }; // [PAY-05]

/** Turns the batches of a trace, in order, into events whose pieces are joined. */
export class BatchDecoder {
  nextSequence = 0n;
  lastTime = 0n;
  #info;
  #definitions;
  #calls;
  #first = true;
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
    this.#first = false;
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
        if (this.#pending) {
          this.#addPiece(event, body);
        } else {
          this.#begin(event, prefixes, body, sequence, time, i === length - 1);
          time = this.#pending.time;
        }
        this.nextSequence = this.#pending.next ?? sequence + 1n;
        this.lastTime = time;
        if (this.#pending.remaining !== 0) continue;
        const whole = this.#finish();
        this.#follow(whole);
        yield whole;
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
    for (let at = 0; at < events.bytes.length; at += EVENT.size) {
      const flags = events.view.getUint8(at + AT.flags);
      const size = events.view.getUint32(at + AT.payload_size, true);
      if (!isFurther) small += prefixSize(flags);
      isFurther = (flags & CONTINUED) !== 0;
      if (size > LIMITS.piece_size) throw new Fault('limit', `payload_size of at most ${LIMITS.piece_size}`, `${size}`);
      if (size >= LIMITS.bulk_threshold) large += size;
      else small += size;
    }
    if (small !== payloads.length) fault(`${small} bytes in payloads`, `${payloads.length}`); // [EVENT-03]
    if (large !== bulk.length) fault(`${large} bytes in the bulk frame`, `${bulk.length}`); // [EVENT-03]

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
    if ((flags & ~KNOWN_FLAGS) !== 0) throw new Fault('unsupported', 'known event flags', `0x${flags.toString(16)}`);
    if ((flags & ~PREFIX_FLAGS & ~kind.flags) !== 0) fault(`flags that ${kind.name} allows`, bodyFlagNames(flags).join(' '));

    const view = viewOf(prefixes);
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
    if (time > MAX_U64) fault('a time below 2^64', `${time}`);

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
    this.#checkSubject(kind, event.subject, detail);
    this.#checkDetail(kind, detail);
    const isGap = kind.name === 'gap';
    if (isGap && !isLast) fault('a gap as the last event of its batch', 'another event after it'); // [GAP-02]
    this.#pending = {
      kind, flags: flags & BODY_FLAGS, sequence, time, subject: event.subject, detail,
      parts: [body], total, remaining: total - body.length, next: null,
    };
    if (this.#pending.remaining === 0) this.#checkBody(this.#pending, body);
    if (isGap) { // [GAP-02]
      const count = viewOf(body).getBigUint64(0, true);
      this.#pending.next = sequence + (count === 0n ? 1n : count);
      if (this.#pending.next > MAX_U64) fault('event numbers below 2^64', `a gap of ${count}`);
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
    if (isLast) this.#checkBody(pending, pending.body = Buffer.concat(pending.parts));
  }

  #finish() {
    const { kind, flags, sequence, time, subject, detail, parts, body } = this.#pending;
    this.#pending = null;
    return { sequence, kind: kind.name, flags: bodyFlagNames(flags), time, subject, detail, payload: body ?? parts[0] };
  }

  #follow({ kind, sequence, subject, detail }) {
    if (kind === 'gap') this.#afterGap = true;
    const expected = this.#calls?.follow(kind, sequence, subject, detail);
    if (expected) throw new Fault('invalid', `${kind} to close the innermost open call, ${expected}`, 'another, or none'); // [ORDER-02]
  }

  #checkSubject(kind, subject, detail) {
    const defined = (what) => {
      if (!this.#definitions.has(what, subject)) throw new Fault('invalid', `a defined ${what} as subject of ${kind.name}`, `${subject}`); // [EVENT-05]
    };
    const exactly = (id) => {
      if (subject !== id) throw new Fault('invalid', `subject ${id} of ${kind.name}`, `${subject}`);
    };
    switch (kind.subject) {
      case 'instance': case 'function': case 'memory': return defined(kind.subject);
      case 'function or none': return subject === NONE ? undefined : defined('function');
      case 'memory or table': return detail === 0n ? defined('memory') : undefined;
      case 'none': return exactly(NONE);
      case 'zero': return exactly(0);
    }
  }

  #checkDetail(kind, detail) {
    const fault = (expected) => { throw new Fault('invalid', `${expected} as detail of ${kind.name}`, `${detail}`); };
    switch (kind.detail) {
      case 'zero': return detail === 0n || fault('0');
      case 'memory or table': return detail <= 1n || fault('0 or 1');
      case 'reason':
        if (detail > 0xffffffffn || !SCHEMA.enums.GapReason.names.has(Number(detail))) {
          throw new Fault('unsupported', 'a known reason of a gap', `${detail}`);
        }
    }
  }

  /** The size and form of a whole body. // [PAY-09] */
  #checkBody({ kind, flags, subject, detail }, body) {
    const exactly = (size, what = kind.name) => {
      if (body.length !== size) throw new Fault('invalid', `${size} bytes of body of ${what}`, `${body.length}`);
    };
    const exclusive = flags & (REDACTED | HASHED | OMITTED);
    if ((exclusive & (exclusive - 1)) !== 0) { // [PAY-07]
      throw new Fault('invalid', 'at most one of redacted, hashed, omitted', bodyFlagNames(flags).join(' '));
    }
    if (flags & OMITTED) return exactly(0, `omitted ${kind.name}`);
    if (flags & (HASHED | REDACTED)) return exactly(16, bodyFlagNames(exclusive) + ` ${kind.name}`);
    const view = viewOf(body);
    switch (kind.body) {
      case 'empty': return exactly(0);
      case 'params': return this.#checkFlat(kind, subject, 'core_params', exactly);
      case 'results': return this.#checkFlat(kind, subject, 'core_results', exactly);
      case 'hash': return exactly(16);
      case 'gap': return exactly(8);
      case 'grow': return exactly(16);
      case 'state':
        exactly(4);
        return inRange(view.getUint32(0, true), 2, 4, 'state of task_resolve');
      case 'trap':
        atLeast(body, 8, kind.name);
        known('TrapOrigin', body[0]);
        padding(body.subarray(1, 4), kind.name);
        return text(body.subarray(8), 'message of trap');
      case 'copy':
        exactly(8);
        known('CopyDirection', body[0]);
        known('CopyResult', body[1]);
        inRange(body[2], 0, 1, 'is_future of copy');
        return padding(body.subarray(3, 4), kind.name);
      case 'marker':
        if (detail > BigInt(body.length)) throw new Fault('invalid', `a namespace of ${detail} bytes`, `a body of ${body.length}`);
        return text(body.subarray(0, Number(detail)), 'namespace of marker');
    }
  }

  // In the profile `values` the sizes follow from values, which this library does not decode.
  #checkFlat(kind, subject, member, exactly) {
    if (this.#info.profile !== 'abi') return;
    const signature = this.#definitions.function[subject][member];
    exactly(signature.reduce((sum, type) => sum + (FLAT_SIZES[type] ?? 0), 0), `${kind.name} of function ${subject}`);
  }
}

function atLeast(body, size, name) {
  if (body.length < size) throw new Fault('invalid', `at least ${size} bytes of body of ${name}`, `${body.length}`);
}

function known(enumName, number) {
  if (!SCHEMA.enums[enumName].names.has(number)) throw new Fault('unsupported', `a ${enumName}`, `${number}`);
}

function inRange(number, low, high, name) {
  if (number < low || number > high) throw new Fault('invalid', `${low} to ${high} as ${name}`, `${number}`);
}

function padding(bytes, name) {
  if (bytes.some((byte) => byte !== 0)) throw new Fault('invalid', `padding 0 in ${name}`, 'another number');
}

function text(bytes, name) {
  if (utf8Decode(bytes) === null) throw new Fault('invalid', `UTF-8 as ${name}`, 'other bytes');
}
