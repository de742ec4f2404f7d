import { AttachmentOrder } from './attachments.js';
import { BatchDecoder } from './batch_decode.js';
import { equalBytes } from './bytes.js';
import { DEFINITION_KINDS, Definitions, checkTraceInfo } from './definitions.js';
import { Fault, OK } from './fault.js';
import { decodeFlatBuffer } from './flatbuffer_decode.js';
import { CODEC_NONE, CODEC_ZSTD, HEADER_SIZE, decodeHeader, paddingOf } from './frame.js';
import { Ledger } from './ledger.js';
import { LIMITS } from './limits.js';
import { OpenCalls } from './open_calls.js';
import { PREAMBLE_SIZE, decodePreamble } from './preamble.js';
import { viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';
import { sourceOf } from './source.js';
import { StructVector, describe, readStruct } from './struct.js';
import { xxh3 } from './xxh3.js';
import { decompress } from './zstd.js';

const { TraceInfo, Definitions: DefinitionLists, EventBatch, Attachment, Index, Summary } = SCHEMA.tables;
const { End } = SCHEMA.structs;
const NOTHING = new Uint8Array();

/**
 * Reads a trace in one pass, from its start. Yields, in the order of the stream,
 *
 *   { trace_info }                      once, first
 *   { definition: kind, value }         kind: type, component, instance, memory or function; each once
 *   { attachment: { id, name, offset, total_size, bytes } }    one piece
 *   { event: { sequence, kind, flags, time, subject, detail, payload } }    pieces joined
 *
 * and last the verdict, `{ verdict, offset, event, expected, found, message }` [VERDICT-01]. 64-bit
 * members are BigInt, enumerators names, flags a list of names, bytes Uint8Array; a payload stays
 * valid only until the next item. Everything that stands before the fault is yielded.
 *
 * Nothing in the bytes makes it throw; what the source throws passes through. Memory: one block,
 * one index frame's worth of entries, the definitions, and the payload being joined.
 *
 * @param {Uint8Array|number|{read: function}} from  bytes, a file descriptor, or a source
 * @param {{order?: boolean}} options  order: also that calls nest and `open_calls` agree
 *     [ORDER-02] [ORDER-08] [ORDER-09]
 */
export function* readTrace(from, { order = false } = {}) {
  const reader = new Reader(sourceOf(from), order ? new OpenCalls() : null);
  try {
    yield* reader.items();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    yield error.report();
    return;
  }
  yield OK;
}

class Reader {
  #source;
  #offset = 0;
  #salt;
  #sequence = 0;
  #info = null;
  #definitions = new Definitions();
  #definitionBytes = 0;
  #attachments = new AttachmentOrder();
  #calls;
  #batches;
  #ledger = new Ledger();
  #bulk = null;
  #isIndexComplete = false;
  #summaryOffset = null;

  constructor(source, calls) {
    this.#source = source;
    this.#calls = calls;
  }

  *items() {
    this.#salt = decodePreamble(this.#take(PREAMBLE_SIZE));
    for (;;) {
      const start = this.#offset;
      try {
        const frame = this.#frame();
        yield* this.#judge(frame);
        if (frame.kind === 'end') return;
      } catch (error) {
        throw error instanceof Fault ? error.at({ offset: start }) : error;
      }
    }
  }

  #take(size) {
    const bytes = this.#source.read(size);
    this.#offset += bytes.length;
    return bytes;
  }

  // The place of what is missing is the end of the input. // [VERDICT-03]
  #truncated(expected, found) {
    return new Fault('truncated', expected, `${found}`, { offset: this.#offset });
  }

  /** The next frame with a good header, hash and padding, its body decompressed. */
  #frame() {
    const offset = this.#offset;
    const header = this.#take(HEADER_SIZE);
    if (header.length === 0) throw this.#truncated('an end frame', 'the end of the input'); // [END-01]
    if (header.length < HEADER_SIZE) throw this.#truncated(`${HEADER_SIZE} bytes of frame header at offset ${offset}`, header.length);
    const frame = { offset, ...decodeHeader(header, { salt: this.#salt, sequence: this.#sequence }) };
    const size = frame.stored_size + paddingOf(frame.stored_size);
    const bodyOffset = this.#offset;
    const stored = this.#take(size);
    if (stored.length < size) throw this.#truncated(`${size} bytes of body and padding at offset ${bodyOffset}`, stored.length);
    const body = stored.subarray(0, frame.stored_size);
    const hash = xxh3(body, this.#salt);
    if (hash !== frame.body_hash) { // [FRAME-08]
      throw new Fault('corrupt', `body_hash 0x${frame.body_hash.toString(16)}`, `0x${hash.toString(16)}`);
    }
    if (stored.subarray(frame.stored_size).some((byte) => byte !== 0)) throw new Fault('corrupt', 'zero padding', 'other bytes'); // [FRAME-10]
    this.#sequence++;
    frame.body = frame.kind !== null && frame.codec === CODEC_ZSTD ? decompress(body, frame.decoded_size) : body;
    return frame;
  }

  *#judge(frame) {
    switch (frame.kind) {
      case null: return this.#place(frame);
      case 'trace_info': return yield* this.#traceInfo(frame);
      case 'definitions': return yield* this.#readDefinitions(frame);
      case 'bulk': return this.#readBulk(frame);
      case 'events': return yield* this.#readEvents(frame);
      case 'attachment': return yield* this.#readAttachment(frame);
      case 'index': return this.#readIndex(frame);
      case 'summary': return this.#readSummary(frame);
      case 'end': return this.#readEnd(frame);
    }
  }

  /** Whether a frame of this kind may stand here. */
  #place({ kind, number }) {
    const found = kind ?? `kind ${number}`;
    if ((this.#info === null) !== (kind === 'trace_info')) { // [STREAM-01]
      throw new Fault('invalid', this.#info ? 'one trace_info frame only' : 'a trace_info frame first', found);
    }
    if (this.#bulk !== null && kind !== 'events') throw new Fault('invalid', 'an events frame after a bulk frame', found); // [STREAM-02]
    if (this.#isIndexComplete && kind !== 'summary' && kind !== 'end') { // [INDEX-03]
      throw new Fault('invalid', `a summary after an index of fewer than ${LIMITS.index_interval} entries`, found);
    }
    if ((this.#summaryOffset !== null) !== (kind === 'end')) { // [SUM-01]
      throw new Fault('invalid', this.#summaryOffset !== null ? 'an end frame after the summary' : 'a summary before the end frame', found);
    }
  }

  *#traceInfo(frame) {
    const info = decodeFlatBuffer(TraceInfo, frame.body);
    this.#place(frame);
    checkTraceInfo(info);
    this.#info = info;
    this.#batches = new BatchDecoder(info, this.#definitions, this.#calls);
    yield { trace_info: info };
  }

  *#readDefinitions(frame) {
    this.#definitionBytes += frame.decoded_size;
    const lists = decodeFlatBuffer(DefinitionLists, frame.body);
    this.#place(frame);
    if (this.#definitionBytes > LIMITS.definition_bytes) {
      throw new Fault('limit', `at most ${LIMITS.definition_bytes} bytes of definitions`, `${this.#definitionBytes}`);
    }
    this.#ledger.addDefinitions(frame.offset);
    this.#definitions.announceFunctions(lists.functions);
    for (const [kind, { list }] of Object.entries(DEFINITION_KINDS)) {
      for (const value of lists[list]) {
        if (this.#definitions.add(kind, value)) yield { definition: kind, value };
      }
    }
  }

  #readBulk(frame) {
    this.#place(frame);
    if (frame.body.length === 0) throw new Fault('invalid', 'a bulk frame that is not empty', 'an empty one'); // [STREAM-02]
    this.#bulk = frame.body;
    this.#ledger.addBulk(frame);
  }

  *#readEvents(frame) {
    const batch = decodeFlatBuffer(EventBatch, frame.body);
    this.#place(frame);
    // [STREAM-02]
    if (this.#bulk === null && batch.bulk_size !== 0) throw new Fault('invalid', `a bulk frame of ${batch.bulk_size} bytes before`, 'none');
    if (this.#bulk !== null && batch.bulk_size !== this.#bulk.length) throw new Fault('invalid', `bulk_size ${this.#bulk.length}`, `${batch.bulk_size}`);
    const bulk = this.#bulk ?? NOTHING;
    this.#bulk = null;
    if (this.#ledger.entries.length === LIMITS.index_interval) { // [INDEX-01]
      throw new Fault('invalid', `an index after ${LIMITS.index_interval} events frames`, 'one more events frame');
    }
    for (const event of this.#batches.decode(batch, bulk)) yield { event };
    this.#ledger.addEvents(frame.offset, frame, batch);
  }

  *#readAttachment(frame) {
    const attachment = decodeFlatBuffer(Attachment, frame.body);
    this.#place(frame);
    this.#attachments.add(attachment);
    yield { attachment };
  }

  #readIndex(frame) {
    const index = decodeFlatBuffer(Index, frame.body);
    this.#place(frame);
    if (this.#ledger.entries.length === 0) throw new Fault('invalid', 'events frames before an index', 'none'); // [INDEX-03]
    agree(this.#ledger.index(), index, 'index'); // [INDEX-01] [INDEX-02] [INDEX-03]
    this.#isIndexComplete = this.#ledger.entries.length < LIMITS.index_interval;
    this.#ledger.closeIndex(frame.offset);
  }

  #readSummary(frame) {
    const summary = decodeFlatBuffer(Summary, frame.body);
    this.#place(frame);
    this.#attachments.finish(); // [STREAM-06]
    if (this.#ledger.entries.length > 0) { // [INDEX-01]
      throw new Fault('invalid', `an index of ${this.#ledger.entries.length} events frames before the summary`, 'none');
    }
    agree(this.#ledger.summary({ // [SUM-01]
      next_sequence: this.#batches.nextSequence,
      last_time: this.#batches.lastTime,
      definition_count: this.#definitions.count,
    }), summary, 'summary');
    if (this.#batches.continued) throw new Fault('invalid', 'all pieces of a payload', 'a summary'); // [PAY-03]
    if (this.#calls && this.#calls.count > 0) throw new Fault('invalid', 'no call open at the end', `${this.#calls.count}`); // [ORDER-08]
    this.#summaryOffset = frame.offset;
  }

  #readEnd(frame) {
    this.#place(frame);
    if (frame.codec !== CODEC_NONE || frame.stored_size !== End.size) { // [END-01]
      throw new Fault('invalid', `an end frame of ${End.size} bytes, codec none`, `${frame.stored_size} bytes, codec ${frame.codec}`);
    }
    agree({
      summary_offset: BigInt(this.#summaryOffset),
      frame_count: BigInt(this.#sequence),
      event_count: this.#ledger.eventCount,
    }, readStruct(End, viewOf(frame.body), 0), 'end');
    const offset = this.#offset;
    if (this.#take(1).length > 0) throw new Fault('corrupt', 'the end of the file after the end frame', 'more bytes', { offset }); // [END-01]
  }
}

/** Asks that a redundant record say what the stream said. */
function agree(expected, found, name) {
  for (const member of Object.keys(expected)) {
    const [a, b] = [expected[member], found[member]];
    if (a instanceof StructVector ? !equalBytes(a.bytes, b.bytes) : describeAll(a) !== describeAll(b)) {
      throw new Fault('invalid', `${member} of the ${name} as in the stream, ${describe(a)}`, describe(b));
    }
  }
}

const describeAll = (value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v));
