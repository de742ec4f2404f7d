// Traces that a writer would not write: frames from values, with anything in them.
import { encodeFlatBuffer } from '../../src/format/flatbuffer_encode.js';
import { defaults } from '../../src/format/flatbuffer_decode.js';
import { encodeFrame } from '../../src/format/frame.js';
import { readTrace, SCHEMA, structBytes } from '../../src/format/index.js';
import { Ledger } from '../../src/format/ledger.js';
import { encodePreamble } from '../../src/format/preamble.js';
import { StructVector, writeStruct } from '../../src/format/struct.js';
import { viewOf } from '../../src/format/scalar.js';
import { normalize } from '../../src/format/values.js';
import { xxh3 } from '../../src/format/xxh3.js';

export const SALT = 0x1122334455667788n;
const TABLES = {
  trace_info: 'TraceInfo', definitions: 'Definitions', events: 'EventBatch', attachment: 'Attachment', index: 'Index', summary: 'Summary',
};

export const INFO = { producer_name: 'forge', producer_version: '1', uuid: new Uint8Array(16).fill(0xab), recorded_by: 'synthetic' };
export const SIGNATURE = { core_params: ['i32'], core_results: ['i32'] };

/** One of each kind; function 0 an export, 1 an import, both (i32) → i32. */
export const DEFINITIONS = {
  types: [{ id: 0, kind: 'u32' }],
  components: [{ id: 0, name: 'c', digest: new Uint8Array(32) }],
  instances: [{ id: 0, component: 0 }],
  memories: [{ id: 0, instance: 0 }],
  functions: [{ id: 0, instance: 0, role: 'export', core_instance: 0, ...SIGNATURE }, { id: 1, instance: 0, role: 'import', ...SIGNATURE }],
};

/** A batch of events given as `{ kind, flags, time_delta, subject, detail, payload_size }`. */
export function batch(events, more = {}) {
  const value = {
    ...defaults(SCHEMA.tables.EventBatch), definitions: 0,
    ...more, events: structs('Event', events),
  };
  value.open_calls = structs('OpenCall', more.open_calls ?? []);
  return value;
}

export const number = (kind) => SCHEMA.enums.EventKind.numbers.get(kind);

/** An Event struct. */
export const event = (kind, more = {}) => ({
  kind: typeof kind === 'number' ? kind : number(kind), flags: 0, time_delta: 0, subject: 0, detail: 0, payload_size: 0, ...more,
});

export function structs(name, values) {
  const struct = SCHEMA.structs[name];
  const bytes = new Uint8Array(values.length * struct.size);
  values.forEach((value, i) => writeStruct(struct, viewOf(bytes), i * struct.size, value));
  return new StructVector(struct, bytes);
}

/** The bytes of a frame body. */
export function bodyOf(kind, value) {
  return value instanceof Uint8Array ? value : encodeFlatBuffer(SCHEMA.tables[TABLES[kind]], valueOf(kind, value));
}

const valueOf = (kind, value) => (value instanceof Uint8Array ? value : normalize(SCHEMA.tables[TABLES[kind]], value));

/**
 * A trace of `frames`, `[kind, value or bytes, patch?]`; index, summary and end follow, from what
 * the frames hold, unless `finish` is false or gives others. `patch(view)` changes a header before
 * its check is made.
 */
export function forge(frames, { finish = true, info = INFO, lastTime = 0n, next, summary = {}, end = {}, definitionCount } = {}) {
  const parts = [encodePreamble(SALT)];
  const ledger = new Ledger();
  let offset = 32;
  let sequence = 0;
  let nextSequence = 0n;
  let count = 0;
  const put = (kind, given, patch) => {
    const value = valueOf(kind, given);
    const body = bodyOf(kind, value);
    const frame = encodeFrame(kind, body, { salt: SALT, sequence: sequence++, level: 0 });
    if (patch) {
      patch(viewOf(frame.bytes), frame.bytes);
      viewOf(frame.bytes).setUint32(28, Number(xxh3(frame.bytes.subarray(0, 28), SALT) & 0xffffffffn), true);
    }
    const sizes = { stored_size: body.length, decoded_size: body.length };
    if (kind === 'definitions') {
      ledger.addDefinitions(offset);
      if (!(value instanceof Uint8Array)) count += Object.values(value).reduce((sum, list) => sum + list.length, 0);
    }
    if (kind === 'bulk') ledger.addBulk(sizes);
    if (kind === 'events' && value.events) {
      ledger.addEvents(offset, sizes, value);
      nextSequence = value.base_sequence + BigInt(value.events.length);
    }
    if (kind === 'index') ledger.closeIndex(offset);
    parts.push(frame.bytes);
    offset += frame.bytes.length;
  };
  if (info) put('trace_info', info);
  for (const [kind, value, patch] of frames) put(kind, value, patch);
  if (finish) {
    if (ledger.entries.length > 0) put('index', { ...ledger.index(), ...finish.index });
    const summaryOffset = offset;
    put('summary', {
      ...ledger.summary({ next_sequence: next ?? nextSequence, last_time: lastTime, definition_count: definitionCount ?? count }), ...summary,
    });
    put('end', structBytes('End', { summary_offset: summaryOffset, frame_count: sequence + 1, event_count: ledger.eventCount, ...end }));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** All items, and the verdict. */
export function read(bytes, options) {
  const items = [...readTrace(bytes, options)];
  return { items: items.slice(0, -1), verdict: items.at(-1) };
}
