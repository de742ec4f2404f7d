// A small trace with every kind of definition and event, and what it was made of.
import { MemorySink, NONE, TraceWriter, structBytes } from '../../src/format/index.js';

export const bytes = (size, seed = 1) => Uint8Array.from({ length: size }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 255);
const i32 = (...values) => new Uint8Array(new Uint32Array(values).buffer);

const SIGNATURE = { core_params: ['i32', 'i64'], core_results: ['i32'] };
export const DEFINITIONS = [
  ['type', { id: 0, kind: 'u32' }],
  ['type', { id: 1, kind: 'record', members: [{ name: 'a"\n\u0007é', type: 0 }] }],
  ['type', { id: 2, kind: 'resource', name: 'r' }],
  ['type', { id: 3, kind: 'own', element: 2 }],
  ['type', { id: 4, kind: 'func', members: [{ name: 'x', type: 1 }], element: 3, is_async: true }],
  ['component', { id: 0, name: '\ufeffc', digest: '11'.repeat(32), size: '18446744073709551615', attachment: 0 }],
  ['instance', { id: 0, component: 0, bindings: [{ name: 'wasi:io/streams@0.2.3' }] }],
  ['instance', { id: 1, component: 0, path: [0, 3], bindings: [{ name: 'x', side: 'guest', instance: 0, export_name: 'y' }] }],
  ['memory', { id: 0, instance: 0, export_name: 'memory', index_type: 'i64' }],
  ['function', { id: 0, instance: 0, role: 'export', core_instance: 0, core_export: 'f', ...SIGNATURE, type: 4, options: { memory: 0, realloc: 2 } }],
  ['function', { id: 1, instance: 1, role: 'import', ...SIGNATURE, names: [{ instance_name: 'i', function_name: 'f' }] }],
  ['function', { id: 2, instance: 0, role: 'realloc', core_instance: 1, core_params: ['i32', 'i32', 'i32', 'i32'], core_results: ['i32'] }],
  ['function', { id: 3, instance: 0, role: 'builtin', builtin: 'context.get', immediates: { slot: 1 }, core_params: ['v128'], core_results: ['f64'] }],
];

const PARAMS = new Uint8Array([...i32(1), 1, 2, 3, 4, 5, 6, 7, 8]);
export const EVENTS = [
  { kind: 'instantiate', subject: 0, time: 1n },
  { kind: 'instantiate_end', subject: 0, time: 1n },
  { kind: 'export_call', subject: 0, detail: 1n, time: 70000n },
  { kind: 'realloc_call', subject: 2, payload: i32(0, 0, 4, 4), time: 70000n },
  { kind: 'realloc_result', subject: 2, payload: i32(1024), time: 70000n },
  { kind: 'lower', subject: 0, detail: 0x123456789an, payload: bytes(255), time: 80000n },
  { kind: 'export_enter', subject: 0, detail: 1n, payload: PARAMS, time: 80000n },
  { kind: 'lift', flags: ['hashed'], subject: 0, detail: 5n, payload: structBytes('HashPayload', { size: 9n, hash: 7n }), time: 80000n },
  { kind: 'import_call', flags: ['omitted'], subject: 1, detail: 2n, time: 80000n },
  { kind: 'lower', flags: ['snapshot'], subject: 0, detail: 4096n, payload: bytes(256), time: 80000n },
  { kind: 'task_start', subject: 1, detail: 2n, time: 80000n },
  { kind: 'task_resolve', subject: 1, detail: 2n, payload: i32(2), time: 80000n },
  { kind: 'task_resolve_end', subject: 1, detail: 2n, time: 80000n },
  { kind: 'copy', subject: 0, detail: 3n, payload: structBytes('CopyPayload', { direction: 1, result: 2, is_future: 1, count: 5 }), time: 80000n },
  { kind: 'copy_end', subject: 0, detail: 3n, time: 80000n },
  { kind: 'end_dropped', subject: 0, detail: 3n, time: 80000n },
  { kind: 'grow', subject: 0, detail: 0n, payload: structBytes('GrowPayload', { delta: 1n, result: -1n }), time: 80000n },
  { kind: 'grow', subject: 77, detail: 1n, payload: structBytes('GrowPayload', { delta: 1n, result: -1n }), time: 80000n },
  { kind: 'import_result', flags: ['redacted'], subject: 1, detail: 2n, payload: structBytes('HashPayload', { size: 4n, hash: 0n }), time: 2n ** 60n },
  { kind: 'thread_start', subject: 1, detail: 9n, time: 2n ** 60n },
  { kind: 'thread_switch', subject: 0, detail: 0n, time: 2n ** 60n },
  { kind: 'task_cancel', subject: 0, detail: 1n, time: 2n ** 60n },
  { kind: 'digest', subject: 0, payload: structBytes('HashPayload', { size: 65536n, hash: 3n }), time: 2n ** 60n },
  { kind: 'marker', detail: 2n, payload: Uint8Array.of(0xc3, 0xa9, 0xff), time: 2n ** 60n },
  { kind: 200, flags: ['snapshot'], subject: 5, detail: 6n, payload: bytes(3), time: 2n ** 60n },
  { kind: 'trap', subject: NONE, detail: 16n, payload: new Uint8Array([...structBytes('TrapPayload', { origin: 0, status: -3 }), 0xc3, 0xa9]), time: 2n ** 60n },
  { kind: 'gap', subject: NONE, detail: 4n, payload: structBytes('GapPayload', { count: 12n }), time: 2n ** 60n },
  { kind: 'export_result', flags: ['omitted'], subject: 0, detail: 1n, time: 2n ** 64n - 1n },
];

export const INFO = {
  producer_name: 'sample', producer_version: '0', uuid: bytes(16), recorded_by: 'synthetic',
  clock: 'per_event', clock_unit: 1, start_time: 5, features: ['async', 'map'],
  determinism: { nan: 'canonical', memory_limit: '4294967296', interruption: 'fuel' },
};

/** Writes the sample; `edit(writer)` may add to it before the end. */
export function writeSample(options = {}, edit = () => {}) {
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, INFO, { salt: 1n, blockMs: Infinity, ...options });
  for (const [kind, value] of DEFINITIONS) writer.define(kind, value);
  writer.attach('c.wasm', bytes(11));
  for (const event of EVENTS) writer.event(event);
  edit(writer);
  writer.finish();
  return sink.bytes();
}
