import { randomBytes } from 'node:crypto';
import { AttachmentOrder } from './attachments.js';
import { BatchEncoder } from './batch_encode.js';
import { DEFINITION_KINDS, Definitions, checkTraceInfo } from './definitions.js';
import { bodyFlagBits, kindNamed } from './event_kinds.js';
import { EventRules, checkFlags } from './event_rules.js';
import { Fault } from './fault.js';
import { encodeFlatBuffer } from './flatbuffer_encode.js';
import { encodeFrame } from './frame.js';
import { Ledger } from './ledger.js';
import { LIMITS, NONE } from './limits.js';
import { OpenCalls } from './open_calls.js';
import { encodePreamble } from './preamble.js';
import { recordJson } from './record_json.js';
import { scalarFrom, viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';
import { describe, structBytes } from './struct.js';
import { normalize } from './values.js';

const { TraceInfo, Definitions: DefinitionLists, Attachment, Index, Summary } = SCHEMA.tables;
const KIND_ORDER = Object.keys(DEFINITION_KINDS);
const NOTHING = new Uint8Array();
const MAX_FRAMES = 2 ** 32 - 1;

/**
 * Writes a trace to `sink`, `{ write(Uint8Array) }`, in the order of the calls: definitions and
 * attachments stand between the events between which they were given. Synchronous; a block is
 * written when it is full, when the event that makes it `blockMs` old comes, and by `flush`.
 *
 * Each value is checked by itself, as a reader does; that calls nest [ORDER-02] is the caller's. A
 * wrong value throws a Fault and changes nothing; what the sink throws passes through, and the
 * writer then refuses all further calls, so that no end is written [END-02].
 */
export class TraceWriter {
  #sink;
  #salt;
  #level;
  #blockSize;
  #blockMs;
  #info;
  #rules;
  #offset = 0;
  #sequence = 0;
  #failed = false;

  #definitions = new Definitions();
  #pendingDefinitions = [];
  #pendingSize = 0;
  #definitionBytes = 0;
  #furthestFunction = -1;
  #attachments = new AttachmentOrder();
  #ledger = new Ledger();

  #batch = new BatchEncoder();
  #batchStarted = 0;
  #nextSequence = 0n;
  #lastTime = 0n;
  #calls = new OpenCalls();

  /**
   * @param {{write: function(Uint8Array): void}} sink  keeps nothing that it is given
   * @param {object} traceInfo  members of TraceInfo, by the names and forms of canonical JSON;
   *     missing ones have their defaults, and `uuid` a random value
   * @param {{level?: number, blockSize?: number, blockMs?: number, salt?: bigint}} options
   *     level: of zstd, 0 for none
   */
  constructor(sink, traceInfo, { level = 1, blockSize = 262144, blockMs = 100, salt } = {}) {
    this.#sink = sink;
    this.#level = level;
    this.#blockSize = blockSize;
    this.#blockMs = blockMs;
    this.#salt = salt ?? randomBytes(8).readBigUInt64LE(); // [PRE-06]
    this.#info = normalize(TraceInfo, { uuid: new Uint8Array(randomBytes(16)), ...traceInfo });
    checkTraceInfo(this.#info);
    this.#rules = new EventRules(this.#info, this.#definitions);
    this.#write(encodePreamble(this.#salt));
    this.#frame('trace_info', encodeFlatBuffer(TraceInfo, this.#info)); // [STREAM-01]
  }

  /** Number of the next event. */
  get nextSequence() {
    return this.#nextSequence;
  }

  /** The calls that are open, as `gap` takes them. */
  get openCalls() {
    return [...this.#calls];
  }

  /**
   * Defines a type, component, instance, memory or function. A definition with the same content as
   * before is passed over [DEF-02].
   * @param {string} kind
   * @param {object} value  members of the schema's record, by the names and forms of canonical
   *     JSON; missing ones have their defaults
   */
  define(kind, value) {
    this.#guard();
    if (!(kind in DEFINITION_KINDS)) throw new Fault('invalid', 'a kind of definition', describe(kind));
    const { table } = DEFINITION_KINDS[kind];
    const record = normalize(table, value);
    this.#definitions.announceFunctions([{ id: LIMITS.definitions }]);
    if (!this.#definitions.add(kind, record)) return;
    if (this.#batch.count > 0) this.#flushBatch();
    const last = this.#pendingDefinitions.at(-1);
    if (last && KIND_ORDER.indexOf(kind) < KIND_ORDER.indexOf(last.kind)) this.#flushDefinitions();
    this.#pendingDefinitions.push({ kind, record });
    this.#pendingSize += recordJson(table, record).length;
    if (kind === 'function') {
      for (const id of [record.options.realloc, record.options.post_return, record.options.callback]) {
        if (id !== NONE) this.#furthestFunction = Math.max(this.#furthestFunction, id);
      }
    }
    const isClosed = this.#definitions.function.length > this.#furthestFunction;
    if (this.#pendingSize >= this.#blockSize && isClosed) this.#flushDefinitions();
  }

  /**
   * Appends an event.
   * @param {object} event
   * @param {string|number} event.kind       an EventKind; the number of an unknown informative one
   * @param {string[]} [event.flags]         of redacted, hashed, omitted, snapshot
   * @param {bigint|number|string} [event.time]  absolute, in clock units; as the event before
   * @param {number} [event.subject]         0 when missing
   * @param {bigint|number|string} [event.detail]
   * @param {Uint8Array} [event.payload]     the body, without prefixes; copied
   * @returns {bigint} the number of the event, of its first piece
   */
  event({ kind, flags = [], time = this.#lastTime, subject = 0, detail = 0n, payload = NOTHING }) {
    this.#guard();
    const row = kindNamed(kind);
    if (row === undefined) throw new Fault('invalid', 'an event kind', describe(kind));
    const bits = bodyFlagBits(flags);
    time = scalarFrom('ulong', time);
    detail = scalarFrom('ulong', detail);
    if (bits === undefined) throw new Fault('invalid', 'flags redacted, hashed, omitted or snapshot', describe(flags));
    if (time === undefined || time < this.#lastTime) throw new Fault('invalid', `a time of at least ${this.#lastTime}`, describe(time)); // [EVENT-02]
    if (this.#info.clock === 'none' && time !== 0n) throw new Fault('invalid', 'time 0 with clock none', `${time}`);
    if (scalarFrom('uint', subject) === undefined) throw new Fault('invalid', 'a subject below 2^32', describe(subject));
    if (detail === undefined) throw new Fault('invalid', 'a detail below 2^64', 'something else');
    if (payload.length > LIMITS.payload_size) throw new Fault('limit', `a payload of at most ${LIMITS.payload_size} bytes`, `${payload.length}`);
    checkFlags(row, bits);
    this.#rules.checkHead(row, subject, detail);
    this.#rules.checkBody({ kind: row, flags: bits, subject, detail }, payload);
    if (kind === 'gap') afterGap(this.#nextSequence, payload);
    this.#calls.checkLimit(kind);

    this.#beginBatch(time, 0);
    const sequence = this.#nextSequence++;
    this.#calls.follow(kind, sequence, subject, detail);
    let rest = this.#batch.append({ number: row.number, flags: bits, time, subject, detail, body: payload });
    this.#lastTime = time;
    while (rest.length > 0) {
      if (this.#batch.size >= this.#blockSize) this.#flushBatch();
      this.#beginBatch(time, rest.length);
      this.#nextSequence++;
      rest = this.#batch.appendPiece(row.number, subject, rest);
    }
    if (kind === 'gap') { // [GAP-02]
      this.#nextSequence = afterGap(sequence, payload);
      this.#calls.replace([]); // [JSON-09]
      this.#flushBatch();
    } else if (this.#batch.size >= this.#blockSize || performance.now() - this.#batchStarted >= this.#blockMs) { // [STREAM-05]
      this.#flushBatch();
    }
    return sequence;
  }

  /**
   * Appends a `gap`.
   * @param {string} reason  a GapReason
   * @param {bigint|number} count  events that are missing, the gap's own number included; 0: unknown
   * @param {object[]} [openCalls]  calls open after it, `{ event, thread, subject, call,
   *     kind }`, outermost first in each thread; those before it: `writer.openCalls`
   */
  gap(reason, count, openCalls = []) {
    const detail = SCHEMA.enums.GapReason.numbers.get(reason);
    if (detail === undefined) throw new Fault('invalid', 'a reason of a gap', describe(reason));
    const sequence = this.event({ kind: 'gap', subject: NONE, detail, payload: structBytes('GapPayload', { count }) });
    this.#calls.replace(openCalls);
    return sequence;
  }

  /** Attaches bytes; returns the attachment's id. */
  attach(name, bytes) {
    const id = this.#attachments.nextId;
    const total_size = bytes.length;
    let offset = 0;
    do {
      const piece = bytes.subarray(offset, offset + LIMITS.attachment_piece_size);
      this.attachPiece({ id, name, offset, total_size, bytes: piece });
      offset += piece.length;
    } while (offset < total_size);
    return id;
  }

  /** Appends one piece of an attachment, as a reader yields it [STREAM-06]. */
  attachPiece(piece) {
    this.#guard();
    const record = normalize(Attachment, piece);
    this.#attachments.add(record);
    this.flush();
    this.#frame('attachment', encodeFlatBuffer(Attachment, record, record.bytes.length + 256));
  }

  /** Writes what is pending. */
  flush() {
    this.#guard();
    this.#flushDefinitions();
    this.#flushBatch();
  }

  /** Writes what is pending, index, summary and end; no other call may follow. */
  finish() {
    this.flush();
    this.#attachments.finish();
    if (this.#ledger.entries.length > 0) this.#writeIndex();
    const summaryOffset = this.#offset;
    this.#frame('summary', encodeFlatBuffer(Summary, this.#ledger.summary({
      next_sequence: this.#nextSequence,
      last_time: this.#lastTime,
      definition_count: this.#definitions.count,
    })));
    this.#frame('end', structBytes('End', {
      summary_offset: summaryOffset,
      frame_count: this.#sequence + 1,
      event_count: this.#ledger.eventCount,
    }));
    this.#failed = true;
  }

  #guard() {
    if (this.#failed) throw new Error('this writer has failed or is finished');
  }

  #beginBatch(time, continuedSize) {
    if (this.#batch.count > 0) return;
    this.#flushDefinitions();
    this.#batchStarted = performance.now();
    this.#batch.begin({
      base_sequence: this.#nextSequence,
      base_time: time,
      definitions: this.#definitions.count,
      continued_size: BigInt(continuedSize),
      open_calls: this.#calls.toVector(),
    });
  }

  #flushBatch() {
    if (this.#batch.count === 0) return;
    const { bulk, body, head, events } = this.#batch.finish();
    if (bulk !== null) this.#ledger.addBulk(this.#frame('bulk', bulk)); // [STREAM-02]
    const offset = this.#offset;
    const frame = this.#frame('events', body);
    this.#ledger.addEvents(offset, frame, { ...head, events });
    if (this.#ledger.entries.length === LIMITS.index_interval) this.#writeIndex(); // [INDEX-01]
  }

  #flushDefinitions() {
    if (this.#pendingDefinitions.length === 0) return;
    if (this.#definitions.function.length <= this.#furthestFunction) { // [DEF-04]
      throw new Fault('invalid', `function ${this.#furthestFunction}, to which options refer, in the same frame`, 'none');
    }
    const lists = {};
    for (const [kind, { list }] of Object.entries(DEFINITION_KINDS)) {
      lists[list] = this.#pendingDefinitions.filter((pending) => pending.kind === kind).map(({ record }) => record);
    }
    this.#pendingDefinitions = [];
    this.#pendingSize = 0;
    const body = encodeFlatBuffer(DefinitionLists, lists);
    this.#definitionBytes += body.length;
    if (this.#definitionBytes > LIMITS.definition_bytes) {
      throw new Fault('limit', `at most ${LIMITS.definition_bytes} bytes of definitions`, `${this.#definitionBytes}`);
    }
    this.#ledger.addDefinitions(this.#offset);
    this.#frame('definitions', body);
  }

  #writeIndex() {
    const offset = this.#offset;
    this.#frame('index', encodeFlatBuffer(Index, this.#ledger.index()));
    this.#ledger.closeIndex(offset);
  }

  #frame(kind, body) {
    if (this.#sequence === MAX_FRAMES) throw new Fault('limit', `at most ${MAX_FRAMES} frames`, 'one more'); // [FRAME-09]
    const { bytes, stored_size } = encodeFrame(kind, body, { salt: this.#salt, sequence: this.#sequence, level: this.#level });
    this.#sequence++;
    this.#write(bytes);
    return { stored_size, decoded_size: body.length };
  }

  #write(bytes) {
    try {
      this.#sink.write(bytes);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.#offset += bytes.length;
  }
}

/** The number of the event after a gap. // [GAP-02] */
function afterGap(sequence, payload) {
  const count = viewOf(payload).getBigUint64(0, true);
  const next = sequence + (count === 0n ? 1n : count);
  if (next >= 2n ** 63n) throw new Fault('invalid', 'a number below 2^63 after a gap', `${next}`);
  return next;
}
