// The option `order` of the reader: calls nest, and `open_calls` says which are open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySink, NONE, TraceWriter, structBytes } from '../src/format/index.js';
import { read } from './support/forge.mjs';
import { INFO } from './support/sample.mjs';

const TRAP = structBytes('TrapPayload', { origin: 0, status: 0 });

/** The verdict of a trace of these events, `[kind, subject, detail]`. Functions 0 and 4 are exports, 1 and 3 imports, 2 a realloc. */
function judge(events, { blockSize = 1 } = {}) {
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, { ...INFO, clock: 'none', clock_unit: 0 }, { blockSize, level: 0 });
  writer.define('component', { id: 0, digest: new Uint8Array(32) });
  writer.define('instance', { id: 0, component: 0 });
  ['export', 'import', 'realloc', 'import', 'export'].forEach((role, id) => {
    writer.define('function', { id, instance: 0, index: id, role, core_instance: role === 'import' ? NONE : 0 });
  });
  for (const [kind, subject = 0, detail = 0] of events) {
    if (kind === 'gap') writer.gap('ring', 5, subject);
    else writer.event({ kind, subject, detail, payload: kind === 'trap' ? TRAP : undefined });
  }
  writer.finish();
  assert.equal(read(sink.bytes()).verdict.message, 'ok');
  return read(sink.bytes(), { order: true }).verdict;
}

const CALL = [['export_call'], ['export_enter']];

for (const [name, events, message] of [
  ['nested calls', [...CALL, ['import_call', 1], ...CALL, ['export_result'], ['import_result', 1], ['export_result']], /^ok$/],
  ['a trap ends the guest up to the host', [...CALL, ['import_call', 1], ...CALL, ['import_call', 1], ['trap', NONE], ['import_result', 1], ['export_result']], /^ok$/],
  ['an exit ends every call', [...CALL, ['import_call', 1], ...CALL, ['trap', NONE, 16], ['trap', NONE, 16]], /^ok$/],
  ['a trap in realloc', [['export_call'], ['realloc_call', 2], ['trap', 2]], /^ok$/],
  ['a trap in a start function', [['instantiate'], ['import_call', 1], ['trap', NONE]], /^ok$/],
  ['two threads', [...CALL, ['import_call', 1], ['thread_start', 4], ['import_call', 3], ['thread_switch', 0], ['import_result', 1], ['thread_switch', 4], ['import_result', 3], ['thread_switch', 0], ['export_result']], /^ok$/],
  ['after a gap, other calls', [...CALL, ['gap', [{ event: 0n, thread: 0, subject: 1, call: 0, kind: 'import_call' }]], ['import_result', 1]], /^ok$/],
  ['a call still open at the end', CALL, /expected no call open at the end, found 1/],
  ['the result of another function', [...CALL, ['export_result', 4]], /event 2: .*to close the innermost open call, export_call of 4/],
  ['a result without a call', [['import_result', 1]], /event 0: .*import_call of 1/],
  ['a trap with no call open ends nothing', [['trap', NONE]], /^ok$/],
  ['a trap without a host below', [['import_call', 1], ['trap', NONE]], /event 1: .*export_call or instantiate/],
  ['another call of the function', [...CALL, ['import_call', 1, 2], ['import_result', 1, 3]], /event 3: .*import_call of 1, call 3/],
]) {
  test(name, () => {
    for (const blockSize of [1, 1000]) assert.match(judge(events, { blockSize }).message, message);
  });
}
