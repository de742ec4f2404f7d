// The recorder alone, against a memory and a realloc that do what jco's never do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NONE } from '../src/format/limits.js';
import { Plan } from '../src/engine-plan.js';
import { GuestExit, Recorder } from '../src/record-recorder.js';

const options = (more) => ({ string_encoding: 'utf8', memory: NONE, realloc: NONE, post_return: NONE, callback: NONE, is_async: false, ...more });
const fn = (id, role, params, results, more = {}) => ({
  id, role, instance: 0, core_params: params, core_results: results, names: [], builtin: '', core_export: '', core_instance: NONE,
  result_area_param: NONE, result_area_size: 0, options: options(), ...more,
});
const i32 = (n) => Array(n).fill('i32');

// 0: an import with a result area; 1: realloc; 2: an export; 3: an import of another instance that calls 2.
const plan = new Plan({
  plan: 1,
  component: { name: 'x', digest: '', size: 0 },
  types: [], components: [], core_modules: [], core_instances: [], exports: [], imports: [], features: [], core_proposals: [],
  instances: [{ id: 0, path: [] }, { id: 1, path: [1] }],
  memories: [{ id: 0, instance: 0, core_instance: 0, export_name: 'memory' }],
  functions: [
    fn(0, 'import', i32(1), [], { options: options({ memory: 0, realloc: 1 }), result_area_param: 0, result_area_size: 8 }),
    fn(1, 'realloc', i32(4), i32(1)),
    fn(2, 'export', i32(2), [], { options: options({ memory: 0, realloc: 1 }), names: [{ instance_name: '', function_name: 'take' }] }),
    fn(3, 'import', i32(2), [], { instance: 1, names: [{ instance_name: 'other', function_name: 'take' }] }),
  ],
  initialization: [{ instantiate: 0 }, { instantiate_end: 0 }],
});
const [importFn, reallocFn, exportFn, callerFn] = plan.functions;

function setUp() {
  const events = [];
  const memory = new WebAssembly.Memory({ initial: 1 });
  const recorder = new Recorder({
    plan, glue: 'nowhere', digest: false, stopAsked: () => false,
    emit: (kind, subject, detail, payload) => events.push([kind, subject, Number(detail), Buffer.from(payload).toString('latin1')]),
  });
  recorder.addMemory(0, memory);
  recorder.instantiated();
  events.length = 0;
  const bytes = new Uint8Array(memory.buffer);
  const write = (at, text) => bytes.set(Buffer.from(text, 'latin1'), at);
  const realloc = (pointer, args) => recorder.reallocCall(reallocFn, () => pointer, args);
  const lowers = () => events.filter(([kind]) => kind === 'lower').map(([, , at, text]) => [at, text]);
  const kinds = () => events.map(([kind]) => kind);
  return { recorder, events, write, realloc, lowers, kinds };
}

test('blocks and the result area are saved when the import returns', () => {
  const { recorder, write, realloc, lowers, kinds } = setUp();
  recorder.importCall(importFn, () => {
    realloc(100, [0, 0, 1, 3]);
    write(100, 'abc');
    write(16, '12345678');
  }, [16]);
  assert.deepEqual(kinds(), ['import_call', 'realloc_call', 'realloc_result', 'lower', 'lower', 'import_result']);
  assert.deepEqual(lowers(), [[100, 'abc'], [16, '12345678']]);
});

test('before a realloc that moves, the old block', () => {
  const { recorder, write, realloc, lowers, kinds } = setUp();
  recorder.importCall(importFn, () => {
    realloc(100, [0, 0, 1, 3]);
    write(100, 'abc');
    realloc(200, [100, 3, 1, 5]);
    write(100, 'xyz'); // nobody's now
    write(200, 'abcde');
  }, [16]);
  assert.deepEqual(kinds().slice(0, 5), ['import_call', 'realloc_call', 'realloc_result', 'lower', 'realloc_call']);
  assert.deepEqual(lowers().slice(0, 2), [[100, 'abc'], [200, 'abcde']]);
});

test('a block that overlaps an earlier one: the earlier as it was, then what is left of it', () => {
  const { recorder, write, realloc, lowers } = setUp();
  recorder.importCall(importFn, () => {
    realloc(100, [0, 0, 1, 4]);
    write(100, 'abcd');
    realloc(100, [0, 0, 1, 2]);
    write(100, 'xy');
  }, [16]);
  assert.deepEqual(lowers().slice(0, 3), [[100, 'abcd'], [100, 'xy'], [102, 'cd']]);
});

test('a host that throws: what it wrote, but not the result area, then the trap', () => {
  const { recorder, write, realloc, lowers, kinds, events } = setUp();
  const error = new Error('no');
  assert.throws(() => recorder.exportCall([exportFn], () => {
    recorder.importCall(importFn, () => {
      realloc(100, [0, 0, 1, 3]);
      write(100, 'abc');
      throw error;
    }, [16]);
  }, [0, 0]), error);
  assert.deepEqual(kinds().slice(-2), ['lower', 'trap']);
  assert.deepEqual(lowers(), [[100, 'abc']]); // [TRAP-03] [RECORD-04]
  assert.equal(events.at(-1)[2], 14);
  assert.equal(recorder.openCalls, 0);
});

test('arguments that an adapter lowers belong to the export that is called then', () => {
  const { recorder, write, realloc, events } = setUp();
  recorder.importCall(callerFn, () => {
    realloc(100, [0, 0, 1, 3]);
    write(100, 'abc');
    recorder.exportCall([exportFn], () => {}, [100, 3]);
  }, [7, 3]);
  assert.deepEqual(events.map(([kind, subject]) => [kind, subject]), [
    ['import_call', 3], ['export_call', 2], ['realloc_call', 1], ['realloc_result', 1], ['lower', 0],
    ['export_enter', 2], ['export_result', 2], ['import_result', 3],
  ]);
});

test('an adapter that traps between realloc and call: a trap for each side', () => {
  const { recorder, realloc, events } = setUp();
  const error = new WebAssembly.RuntimeError('string content out-of-bounds');
  assert.throws(() => recorder.importCall(callerFn, () => {
    realloc(100, [0, 0, 1, 3]);
    throw error;
  }, [7, 3]), error);
  assert.deepEqual(events.map(([kind, subject]) => [kind, subject]), [
    ['import_call', 3], ['export_call', 2], ['realloc_call', 1], ['realloc_result', 1], ['lower', 0], // [TRAP-03]
    ['trap', 2], ['trap', 3],
  ]);
});

test('an exit ends every call around it', () => {
  const { recorder, events } = setUp();
  const exit = new GuestExit(1);
  assert.throws(() => recorder.importCall(callerFn, () => recorder.exportCall([exportFn], () => {
    recorder.importCall(importFn, () => { throw exit; }, [16]);
  }, [0, 0]), [7, 3]), exit);
  assert.deepEqual(events.filter(([kind]) => kind === 'trap').map(([, subject, code]) => [subject, code]), [[0, 16], [3, 16]]); // [TRAP-04]
  assert.equal(recorder.openCalls, 0);
});

test('a guest that catches the host\'s exception leaves a gap', () => {
  const { recorder, kinds, events } = setUp();
  recorder.exportCall([exportFn], () => {
    try {
      recorder.importCall(importFn, () => { throw new Error('no'); }, [16]);
    } catch {
      recorder.importCall(importFn, () => {}, [16]);
    }
  }, [0, 0]);
  assert.equal(kinds().at(-1), 'gap');
  assert.equal(events.at(-1)[2], 0);
  assert.match(recorder.incomplete, /caught an exception/);
});

test('what cannot be written ends the recording with its own error', () => {
  const full = new Error('full');
  const recorder = new Recorder({ plan, glue: 'nowhere', digest: false, stopAsked: () => false, emit: () => { throw full; } });
  assert.throws(() => recorder.instantiated(), full);
  assert.equal(recorder.failure, full);
  assert.throws(() => recorder.importCall(importFn, () => assert.fail('called'), [16]), full);
});
