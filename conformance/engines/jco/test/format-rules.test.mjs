// One fault each: the rule, a trace that breaks it, its verdict, and what the sentence says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NONE, structBytes } from '../src/format/index.js';
import { compress } from '../src/format/zstd.js';
import { xxh3 } from '../src/format/xxh3.js';
import { DEFINITIONS, INFO, SALT, SIGNATURE, batch, bodyOf, event, forge, number, read, structs } from './support/forge.mjs';

const zeros = (size) => new Uint8Array(size);
const withDefinitions = (...frames) => [['definitions', DEFINITIONS], ...frames];
const oneBatch = (events, more) => forge(withDefinitions(['events', batch(events, more)]), { next: more?.next });
const single = (kind, more, payloads = zeros(0)) => oneBatch([event(kind, more)], { payloads });
const definition = (list, value) => forge([['definitions', { ...DEFINITIONS, [list]: [...DEFINITIONS[list], value] }]]);
const type = (value) => definition('types', { id: 1, ...value });
const attachments = (...pieces) => forge(pieces.map((piece) => ['attachment', piece]));
const CONTINUED = 1, TIME = 2, WIDE = 4, REDACTED = 8, HASHED = 16, OMITTED = 32;
const u64 = (...values) => new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
const bodyHash = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setBigUint64(16, xxh3(bytes.subarray(32, 32 + view.getUint32(8, true)), SALT), true);
};
/** A marker batch whose frame header or body is changed; sizes and hash are set again. */
const patched = (patch) => forge([['events', batch([event('marker')]), patch]]);
const zstdBatch = (change) => {
  const frame = compress(zeros(4096), 1);
  return forge([['bulk', change(frame), (view, bytes) => {
    bytes[5] = 1;
    view.setUint32(12, 4096, true);
    bodyHash(bytes);
  }]], { finish: false });
};

test('the traces that the faults are put into are ok', () => {
  for (const trace of [forge([]), forge(withDefinitions()), single('export_call'), attachments({ id: 0, bytes: zeros(0) })]) {
    assert.equal(read(trace).verdict.message, 'ok');
  }
});

const preamble = (change) => {
  const trace = forge([]);
  change(trace, new DataView(trace.buffer));
  new DataView(trace.buffer).setBigUint64(24, xxh3(trace.subarray(0, 24)), true);
  return trace;
};

const CASES = [
  ['PRE-04', preamble((_, view) => view.setUint16(10, 2, true)), 'unsupported', /format 0\.1, found 0\.2/],
  ['PRE-04', preamble((_, view) => view.setUint16(8, 1, true)), 'unsupported', /found 1\.1/],
  ['PRE-05', preamble((_, view) => view.setUint32(12, 1, true)), 'corrupt', /reserved 0/],
  ['PRE-01', zeros(0), 'not-a-trace', /an empty file/],

  ['FRAME-03', patched((view) => view.setUint8(4, 100)), 'unsupported', /critical kind 100/],
  ['FRAME-03', patched((view) => view.setUint8(4, 9)), 'unsupported', /critical kind 9/],
  ['FRAME-04', patched((view) => view.setUint8(5, 2)), 'unsupported', /codec 0 or 1, found 2/],
  ['FRAME-05', patched((view) => view.setUint16(6, 1, true)), 'corrupt', /skippable false of kind events/],
  ['FRAME-05', patched((view) => view.setUint16(6, 2, true)), 'unsupported', /no frame flag but skippable/],
  ['FRAME-05 before flags', patched((view) => view.setUint16(6, 3, true)), 'corrupt', /skippable/],
  ['FRAME-06', patched((view) => view.setUint32(12, 7, true)), 'corrupt', /as decoded_size/],
  ['FRAME-06', patched((view) => view.setUint8(5, 1)), 'corrupt', /a compressed body smaller/],
  ['FRAME-07', patched((view) => { view.setUint32(8, 16777217, true); view.setUint32(12, 16777217, true); }), 'limit', /at most 16777216/],
  ['FRAME-09', patched((view) => view.setUint32(24, 7, true)), 'corrupt', /frame sequence 1, found 7/],

  ['FRAME-11', zstdBatch((frame) => Uint8Array.from([...frame, ...frame])), 'corrupt', /one zstd frame/],
  ['FRAME-11', zstdBatch((frame) => Uint8Array.from([...frame, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0])), 'corrupt', /one zstd frame/],
  ['FRAME-11', zstdBatch((frame) => Uint8Array.from([...frame, 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])), 'corrupt', /one zstd frame/],
  ['FRAME-11', zstdBatch((frame) => frame.subarray(0, -1)), 'corrupt', /block of a zstd frame/],
  ['FRAME-11', zstdBatch((frame) => { frame[0] ^= 1; return frame; }), 'corrupt', /the magic of a zstd frame/],
  ['FRAME-11', zstdBatch((frame) => Uint8Array.from([...frame.subarray(0, 4), 0, 0x58, ...frame.subarray(7)])), 'corrupt', /with its content size/],
  ['FRAME-11', zstdBatch((frame) => { frame[5] ^= 1; return frame; }), 'corrupt', /zstd content size 4096/],
  ['FRAME-11', zstdBatch(() => zeros(2)), 'corrupt', /header of a zstd frame/],

  ['FRAME-13', forge([['definitions', zeros(3)]]), 'invalid', /offset of root/],
  ['FRAME-13', forge([['definitions', zeros(0)]]), 'invalid', /offset of root/],
  ['FRAME-13', forge([['definitions', badUtf8()]]), 'invalid', /UTF-8 in Component\.name/],
  ['FRAME-13', forge([['definitions', badEnum()]]), 'unsupported', /an enumerator of TypeKind/],

  ['STREAM-01', forge([], { info: null }), 'invalid', /a trace_info frame first, found summary/],
  ['STREAM-01', forge([['trace_info', INFO]]), 'invalid', /one trace_info frame only/],
  ['STREAM-02', forge([['bulk', zeros(300)]]), 'invalid', /an events frame after a bulk frame/],
  ['STREAM-02', forge([['bulk', zeros(300)], ['events', batch([event('marker', { payload_size: 300 })])]]), 'invalid', /bulk_size 300, found 0/],
  ['STREAM-02', forge([['events', batch([event('marker', { payload_size: 300 })], { bulk_size: 300 })]]), 'invalid', /a bulk frame of 300 bytes before/],
  ['STREAM-02', forge([['bulk', zeros(0)]]), 'invalid', /not empty/],
  ['STREAM-06', attachments({ id: 1, bytes: zeros(0) }), 'invalid', /attachment 0, found 1/],
  ['STREAM-06', attachments({ id: 0, total_size: 2, bytes: zeros(1) }), 'invalid', /a piece of 2 bytes, found 1/],
  ['STREAM-06', attachments({ id: 0, total_size: 262145, bytes: zeros(262144) }), 'invalid', /before the summary/],
  ['STREAM-06', attachments({ id: 0, total_size: 262145, bytes: zeros(262144) }, { id: 1, bytes: zeros(0) }), 'invalid', /a piece of attachment 0/],
  ['STREAM-06', attachments({ id: 0, total_size: 262145, bytes: zeros(262144) }, { id: 0, name: 'x', total_size: 262145, offset: 262144, bytes: zeros(1) }), 'invalid', /the name ""/],
  ['STREAM-06', attachments({ id: 0, total_size: 262145, bytes: zeros(262144) }, { id: 0, total_size: 262145, bytes: zeros(1) }), 'invalid', /the piece at 262144/],

  ['INDEX-01', forge([['index', { entries: structs('IndexEntry', []), definitions_offsets: [] }]]), 'invalid', /events frames before an index/],
  ['INDEX-01', forge([['events', batch([event('marker')])], ...closing()], { finish: false }), 'invalid', /an index of 1 events frames before the summary/],
  ['INDEX-03', forge([['events', batch([event('marker')])], ['index', { entries: structs('IndexEntry', [{ offset: trace1(), base_sequence: 0n, base_time: 0n, event_count: 1 }]) }], ['events', batch([event('marker')], { base_sequence: 1 })]]), 'invalid', /a summary after an index of fewer than 4096/],
  ['INDEX-02', forge([['events', batch([event('marker')])]], { finish: { index: { previous_offset: 8 } } }), 'invalid', /previous_offset of the index/],
  ['INDEX-03', forge([['events', batch([event('marker')])]], { finish: { index: { entries: structs('IndexEntry', [{ offset: 0n, base_sequence: 0n, base_time: 0n, event_count: 1 }]) } } }), 'invalid', /entries of the index/],
  ['INDEX-01', forge([['definitions', DEFINITIONS], ['events', batch([event('marker')])]], { finish: { index: { definitions_offsets: [] } } }), 'invalid', /definitions_offsets of the index/],
  ...['event_count', 'next_sequence', 'last_time', 'definition_count', 'payload_bytes', 'stored_bytes', 'decoded_bytes']
    .map((member) => ['SUM-01', forge([], { summary: { [member]: 9 } }), 'invalid', new RegExp(`${member} of the summary`)]),
  ['SUM-01', forge([], { summary: { index_offsets: [64] } }), 'invalid', /index_offsets of the summary/],
  ['SUM-01', forge([], { summary: { kind_counts: [{ kind: 1, count: 1 }] } }), 'invalid', /kind_counts of the summary/],
  ['SUM-01', forge([['end', structBytes('End', { summary_offset: 0, frame_count: 2, event_count: 0 })]], { finish: false }), 'invalid', /a summary before the end frame/],
  ...['summary_offset', 'frame_count', 'event_count']
    .map((member) => ['END-01', forge([], { end: { [member]: 9 } }), 'invalid', new RegExp(`${member} of the end`)]),

  ['TRACE-01', forge([], { info: { ...INFO, uuid: zeros(15) } }), 'invalid', /16 bytes of uuid/],
  ['TRACE-04', forge([], { info: { ...INFO, clock: 'coarse' } }), 'invalid', /clock_unit not 0 with clock coarse/],
  ['TRACE-04', forge([], { info: { ...INFO, clock_unit: 1 } }), 'invalid', /clock_unit 0 with clock none/],
  ['TRACE-07', forge([], { info: { ...INFO, features: ['map', 'async'] } }), 'invalid', /features sorted/],
  ['TRACE-07', forge([], { info: { ...INFO, quirks: ['a', 'a'] } }), 'invalid', /quirks sorted/],

  ['DEF-01', type({ id: 2, kind: 'u8' }), 'invalid', /the id 1 of the next type, found 2/],
  ['DEF-02', definition('types', { id: 0, kind: 'u8' }), 'invalid', /type 0 repeated as it was/],
  ['DEF-04', definition('instances', { id: 1, component: 1 }), 'invalid', /a component defined before/],
  ['DEF-04', definition('instances', { id: 1, component: NONE }), 'invalid', /found none/],
  ['DEF-04', definition('functions', { id: 2, instance: 0, index: 2, options: { realloc: 3 } }), 'invalid', /a function defined before as realloc/],
  ['DEF-04', definition('functions', { id: 2, instance: 0, index: 2, options: { memory: 1 } }), 'invalid', /a memory defined before/],
  ['DEF-04', definition('functions', { id: 2, instance: 0, index: 2, immediates: { type: 1 } }), 'invalid', /as immediate type/],
  ['TYPE-01', type({ kind: 'u8', element: 0 }), 'invalid', /no element of type 1, a u8/],
  ['TYPE-01', type({ kind: 'list' }), 'invalid', /an element of type 1, a list/],
  ['TYPE-01', type({ kind: 'list', element: 0, length: 1 }), 'invalid', /length 0/],
  ['TYPE-01', type({ kind: 'option', element: 0, is_async: true }), 'invalid', /is_async false/],
  ['TYPE-01', type({ kind: 'tuple', members: [{ name: 'x', type: 0 }] }), 'invalid', /members without names/],
  ['TYPE-01', type({ kind: 'enum', members: [{ name: 'x', type: 0 }] }), 'invalid', /members without types/],
  ['TYPE-01', type({ kind: 'record', members: [{ name: 'x' }] }), 'invalid', /a type of every member/],
  ['TYPE-01', type({ kind: 'own', element: 0 }), 'invalid', /a resource as element/],
  ['TYPE-02', type({ kind: 'list', element: 1 }), 'invalid', /a type defined before/],
  ['COMP-01', definition('components', { id: 1, digest: zeros(31) }), 'invalid', /32 bytes of digest/],
  ['MEM-02', definition('memories', { id: 1, instance: 0, shared: true }), 'invalid', /not shared/],
  ['FUNC-08', definition('functions', { id: 2, instance: 0, index: 2, core_params: ['externref'] }), 'unsupported', /no reference type/],

  ['FUNC-01', definition('functions', { id: 2, instance: 0, role: 'import', ...SIGNATURE }), 'invalid', /one function of the key 0 core_func 0 import/],
  ['FUNC-04', definition('functions', { id: 2, instance: 0, role: 'realloc' }), 'invalid', /a core_instance of function 2, a realloc/],
  ['FUNC-04', definition('functions', { id: 2, instance: 0, role: 'builtin', core_instance: 0 }), 'invalid', /no core_instance of function 2, a builtin/],
  ['FUNC-04', definition('functions', { id: 2, instance: 0, role: 'builtin', core_export: 'f' }), 'invalid', /no core_export/],
  ['EVENT-01', forge([['events', batch([event('marker')], { base_sequence: 1 })]]), 'invalid', /base_sequence 0, found 1/],
  ['EVENT-02', forge([['events', batch([event('marker')], { base_time: 1 })]]), 'invalid', /base_time 0 with clock none/],
  ['EVENT-02', forge([['events', batch([event('marker', { time_delta: 1 })])]]), 'invalid', /time delta 0 with clock none/],
  ['EVENT-02', forge([['events', batch([event('marker')], { base_time: 5 })], ['events', batch([event('marker')], { base_time: 4, base_sequence: 1 })]], { info: { ...INFO, clock: 'coarse', clock_unit: 1 } }), 'invalid', /base_time of at least 5/],
  ['EVENT-03', forge([['events', batch([event('marker', { payload_size: 3 })], { payloads: zeros(2) })]]), 'invalid', /3 bytes in payloads, found 2/],
  ['EVENT-03', forge([['events', batch([event('marker', { payload_size: 300 })], { payloads: zeros(300) })]]), 'invalid', /0 bytes in payloads, found 300/],
  ['EVENT-03', forge([['events', batch([event('marker', { flags: WIDE })])]]), 'invalid', /8 bytes in payloads, found 0/],
  ['EVENT-03', forge([['bulk', zeros(301)], ['events', batch([event('marker', { payload_size: 300 })], { bulk_size: 301 })]]), 'invalid', /300 bytes in the bulk frame, found 301/],
  ['EVENT-04', single(127), 'unsupported', /a known event kind/],
  ['EVENT-04', single(0), 'unsupported', /a known event kind/],
  ['EVENT-04', single('export_call', { flags: 128 }), 'unsupported', /known event flags/],
  ['EVENT-04', single('export_call', { flags: REDACTED }), 'invalid', /flags that export_call allows, found redacted/],
  ['EVENT-05', oneBatch([event('marker')], { definitions: 7 }), 'invalid', /at most 6 definitions/],
  ['EVENT-05', single('lower', { subject: 1 }), 'invalid', /a defined memory as subject of lower/],
  ['EVENT-05', oneBatch([event('marker')], { open_calls: [{ event: 0, thread: 0, subject: 0, call: 0, kind: 3 }] }), 'invalid', /an open call before event 0/],
  ['EVENT-06', second({ event: 0n, thread: 0, subject: 0, call: 0, kind: number('lower') }), 'invalid', /a kind that opens a call/],
  ['EVENT-06', second({ event: 0n, thread: 1, subject: 0, call: 0, kind: 3 }, { event: 0n, thread: 0, subject: 0, call: 0, kind: 3 }), 'invalid', /by thread/],
  ['EVENT-05', second({ event: 0n, thread: 0, subject: 2, call: 0, kind: 3 }), 'invalid', /a defined subject/],
  ['EVENT-07', oneBatch([]), 'invalid', /at least one event/],

  ['PAY-01', timed({ flags: TIME, time_delta: 1 }, u64(65536)), 'invalid', /time_delta 0 with time_prefix/],
  ['PAY-01', timed({ flags: TIME }, u64(65535)), 'invalid', /a time prefix over 65535/],
  ['PAY-02', single('lower', { flags: WIDE, detail: 1 }, u64(2n ** 32n)), 'invalid', /detail 0 with wide/],
  ['PAY-02', single('lower', { flags: WIDE }, u64(2n ** 32n - 1n)), 'invalid', /a wide detail over/],
  ['PAY-03', pieces([65536, 1], {}, 65537), 'ok', /ok/],
  ['PAY-03', pieces([65536], {}, 65536), 'invalid', /continued|more than 65536/],
  ['PAY-03', pieces([65535, 2], {}, 65537), 'invalid', /65536 bytes in a continued piece/],
  ['PAY-03', pieces([65536, 2], {}, 65537), 'invalid', /1 bytes in a further piece, found 2/],
  ['PAY-03', pieces([65536, 1], { subject: 1 }, 65537), 'invalid', /subject 0 in a further piece/],
  ['PAY-03', pieces([65536, 1], { detail: 1 }, 65537), 'invalid', /detail 0 in a further piece/],
  ['PAY-03', pieces([65536, 1], { time_delta: 1 }, 65537), 'invalid', /time_delta 0 in a further piece/],
  ['PAY-03', pieces([65536, 1], { flags: 64 }, 65537), 'invalid', /no flag but continued/],
  ['PAY-03', pieces([65536, 1], { kind: number('lift') }, 65537), 'invalid', /kind lower in a further piece/],
  ['PAY-03', pieces([65536, 1], { flags: CONTINUED }, 65537), 'invalid', /continued false/],
  ['PAY-03', pieces([65536], {}, 65537), 'invalid', /all pieces of a payload/],
  ['PAY-04', oneBatch([event('marker')], { continued_size: 1 }), 'invalid', /continued_size 0, found 1/],
  ['PAY-07', single('lift', { flags: HASHED | REDACTED, payload_size: 16 }, zeros(16)), 'invalid', /at most one of/],
  ['PAY-09', single('export_call', { payload_size: 1 }, zeros(1)), 'invalid', /0 bytes of body of export_call/],
  ['PAY-09', single('export_enter', { payload_size: 5 }, zeros(5)), 'invalid', /4 bytes of body of export_enter of function 0/],
  ['PAY-09', single('import_result', { subject: 1 }), 'invalid', /4 bytes of body/],
  ['PAY-09', single('digest', { payload_size: 15 }, zeros(15)), 'invalid', /16 bytes/],
  ['PAY-09', single('lift', { flags: OMITTED, payload_size: 1 }, zeros(1)), 'invalid', /0 bytes of body of omitted lift/],
  ['PAY-09', single('lower', { flags: REDACTED, payload_size: 8 }, zeros(8)), 'invalid', /16 bytes of body of redacted lower/],
  ['PAY-09', single('trap', { payload_size: 7 }, zeros(7)), 'invalid', /at least 8 bytes/],
  ['PAY-10', single('trap', { payload_size: 8 }, Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0)), 'unsupported', /a TrapOrigin, found 3/],
  ['PAY-10', single('trap', { payload_size: 8 }, Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0)), 'invalid', /padding 0 in trap/],
  ['PAY-10', single('copy', { payload_size: 8 }, Uint8Array.of(0, 3, 0, 0, 0, 0, 0, 0)), 'unsupported', /a CopyResult/],
  ['PAY-10', single('copy', { payload_size: 8 }, Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 0)), 'invalid', /is_future/],
  ['PAY-10', single('instantiate', { detail: 1 }), 'invalid', /0 as detail of instantiate/],
  ['PAY-10', single('marker', { subject: 1 }), 'invalid', /subject 0 of marker/],
  ['PAY-10', single('gap', { subject: 0, payload_size: 8 }, u64(1)), 'invalid', /subject 4294967295 of gap/],
  ['EXPORT-01', single('export_call', { subject: 1 }), 'invalid', /a function that export_call may name, found one with the role import/],
  ['IMPORT-01', single('import_call'), 'invalid', /found one with the role export/],
  ['REALLOC-01', single('realloc_call'), 'invalid', /found one with the role export/],
  ['EVENT-04', oneBatch([event('marker', { flags: 128 | WIDE, payload_size: 255 })]), 'unsupported', /known event flags/],
  ['EVENT-03', oneBatch([event('lower', { flags: WIDE }), event('marker', { flags: 128 })]), 'invalid', /within the arenas/],
  ['GAP-01', single('gap', { subject: NONE, detail: 5, payload_size: 8 }, u64(1)), 'unsupported', /a known reason of a gap/],
  ['GAP-02', single('gap', { subject: NONE, payload_size: 8 }, u64(2n ** 63n)), 'invalid', /below 2\^63/],
  ['CALL-01', single('export_call', { flags: WIDE }, u64(2n ** 32n)), 'invalid', /a call id of 32 bits/],
  ['GAP-02', oneBatch([event('gap', { subject: NONE, payload_size: 8 }), event('marker')], { payloads: u64(1) }), 'invalid', /the last event of its batch/],
  ['TASK-01', single('task_resolve', { payload_size: 4 }, Uint8Array.of(5, 0, 0, 0)), 'invalid', /2 to 4 as state/],
  ['GROW-01', single('grow', { detail: 2, payload_size: 16 }, zeros(16)), 'invalid', /0 or 1 as detail of grow/],
  ['MARKER-01', single('marker', { detail: 2, payload_size: 1 }, zeros(1)), 'invalid', /a namespace of 2 bytes/],
  ['MARKER-01', single('marker', { detail: 1, payload_size: 1 }, Uint8Array.of(0xff)), 'invalid', /UTF-8 as namespace/],
];

/** The offset of the frame after trace_info. */
function trace1() {
  return BigInt(32 + ((32 + bodyOf('trace_info', INFO).length + 7) & ~7));
}

/** A summary and end that follow no index. */
function closing() {
  return [['summary', {}], ['end', zeros(24)]];
}

/** Two batches, the second with these open calls. */
function second(...open_calls) {
  return forge(withDefinitions(['events', batch([event('export_call')])], ['events', batch([event('marker')], { base_sequence: 1, open_calls })]));
}

function timed(more, payloads) {
  return forge([['events', batch([event('marker', more)], { payloads })]], { info: { ...INFO, clock: 'coarse', clock_unit: 1 } });
}

/** A `lower` in pieces of these sizes; `more` changes the last one. */
function pieces(sizes, more, total) {
  const events = sizes.map((payload_size, i) => event('lower', { payload_size, flags: i === 0 ? CONTINUED : 0, ...(i === sizes.length - 1 && i > 0 ? more : {}) }));
  const bulk = sizes.filter((size) => size >= 256).reduce((a, b) => a + b, 0);
  const small = sizes.filter((size) => size < 256).reduce((a, b) => a + b, 0);
  return forge(withDefinitions(['bulk', zeros(bulk)], ['events', batch(events, { bulk_size: bulk, payloads: Uint8Array.from([...u64(total), ...zeros(small)]) })]));
}

function definitionsBody(lists) {
  return forge([['definitions', lists]]);
}

function changedBody(lists, from, to) {
  const trace = definitionsBody(lists);
  const at = Buffer.from(trace).indexOf(from, 100);
  const infoFrame = 32 + ((32 + new DataView(trace.buffer).getUint32(40, true) + 7) & ~7);
  const body = trace.slice(infoFrame + 32, infoFrame + 32 + new DataView(trace.buffer).getUint32(infoFrame + 8, true));
  body.set(to, at - infoFrame - 32);
  return body;
}

function badUtf8() {
  return changedBody({ components: [{ id: 0, name: 'nnnn', digest: zeros(32) }] }, Buffer.from('nnnn'), [0x6e, 0xff, 0x6e, 0x6e]);
}

function badEnum() {
  const trace = definitionsBody({ types: [{ id: 0, kind: 'func' }] });
  const at = Buffer.from(trace).lastIndexOf(29, trace.length - 100);
  return changedBody({ types: [{ id: 0, kind: 'func' }] }, trace.subarray(at, at + 1), [99]);
}

for (const [i, [rule, trace, verdict, message]] of CASES.entries()) {
  test(`${rule} (${i}): ${verdict}, ${message.source}`, () => {
    const found = read(trace).verdict;
    assert.equal(found.verdict, verdict, found.message);
    assert.match(found.message, message);
  });
}

test('an unknown skippable frame and an unknown informative kind are passed over', () => {
  const skipped = forge([['attachment', zeros(5), (view) => view.setUint8(4, 100)], ['attachment', zeros(5), (view) => view.setUint8(4, 255)]]);
  assert.deepEqual([read(skipped).verdict.message, read(skipped).items.length], ['ok', 1]);
  assert.equal(read(single(129)).items.at(-1).event.kind, 129);
});

test('faults of events have their number, those of frames their offset', () => {
  const { verdict } = read(oneBatch([event('marker'), event('lower', { subject: 1 })]));
  assert.equal(verdict.event, 1n);
  assert.match(verdict.message, /^invalid at offset [0-9]+, event 1: expected a defined memory as subject of lower, found 1$/);
});

test('what stands before a fault in a batch or a definitions frame is read', () => {
  assert.equal(read(oneBatch([event('marker'), event('lower', { subject: 1 })])).items.filter((item) => item.event).length, 1);
  assert.equal(read(type({ kind: 'list' })).items.filter((item) => item.definition).length, 1);
});
