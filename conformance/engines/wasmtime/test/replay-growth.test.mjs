// A memory that did not grow where it was recorded, and would here. // [GROW-01] [REPLAY-12]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MemorySink, TraceWriter, readTrace } from '../../jco/src/format/index.js';
import { componentOf, planOf, record, skip, workspace } from '../../jco/test/support/engine.mjs';

const GUEST = `(component
  (import "note" (func $note (param "n" s32)))
  (core func $note' (canon lower (func $note)))
  (core module $m
    (import "h" "note" (func $note (param i32)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16))
    (func (export "run") (param i32) (result i32)
      (call $note (memory.grow (local.get 0)))
      (call $note (memory.grow (i32.const 1)))
      (memory.size)))
  (core instance $i (instantiate $m (with "h" (instance (export "note" (func $note'))))))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (import "text" (func $text (param "s" string)))
  (core func $text' (canon lower (func $text) (memory $memory) (realloc $realloc)))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`;
const HOST = 'export const imports = () => ({ note: { default: () => {} }, text: { default: () => {} } });';

const bytes32 = (...values) => Buffer.from(Int32Array.from(values).buffer);

test('a growth that failed fails again, and the next one succeeds', { skip }, async (t) => {
  const at = workspace(t);
  const component = await componentOf(at, 'guest', GUEST);
  writeFileSync(at('host.mjs'), HOST);
  writeFileSync(at('script.json'), JSON.stringify({ calls: [{ instance: null, function: 'run', args: [3] }] }));
  const recorded = await record(at, component, 'trace', { host: at('host.mjs'), script: at('script.json'), digest: false });
  assert.equal(recorded.code, 0, recorded.err);

  // What an engine would have recorded that had not the three pages.
  const items = [...readTrace(readFileSync(at('trace')))].map((item) => (item.event?.kind === undefined ? item
    : { event: { ...item.event, time: 0n, payload: Buffer.from(item.event.payload) } }));
  const rewritten = (withGrowth) => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, { ...items[0].trace_info, clock: 'none', clock_unit: 0n });
    for (const item of items) if (item.definition) writer.define(item.definition, item.value);
    let calls = 0;
    for (const { event } of items.filter((item) => item.event?.kind !== undefined)) {
      if (event.kind === 'import_call') {
        const growth = Buffer.alloc(16, 0xff);
        growth.writeBigUInt64LE(3n, 0);
        if (calls === 0 && withGrowth) writer.event({ ...event, kind: 'grow', subject: 0, detail: 0n, flags: [], payload: growth });
        event.payload = bytes32(calls++ === 0 ? -1 : 1);
      }
      if (event.kind === 'export_result') event.payload = bytes32(2);
      writer.event(event);
    }
    writer.finish();
    writeFileSync(at('failed'), sink.bytes());
    return spawnSync(process.env.ENGINE, ['replay', '--plan', planOf(at, component), '--component', component, '--trace', at('failed')], { encoding: 'utf8' });
  };
  const failed = rewritten(true);
  assert.equal(failed.status, 0, failed.stderr);
  const grown = rewritten(false);
  assert.equal(grown.status, 9);
  assert.match(grown.stderr, /note: recorded a call of it with \(-1\), found a call of it with \(1\)/);
});
