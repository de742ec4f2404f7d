// Components made for one point each, recorded on jco, replayed on every engine that does.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { componentOf, eventsOf, record, replay, replayElsewhere, skip, workspace } from './support/engine.mjs';

async function recordAndReplay(t, wat, host, calls) {
  const at = workspace(t);
  const component = await componentOf(at, 'guest', wat);
  writeFileSync(at('host.mjs'), host);
  writeFileSync(at('script.json'), JSON.stringify({ calls }));
  const recorded = await record(at, component, 'trace', { host: at('host.mjs'), script: at('script.json') });
  const replayed = await replay(at, component, 'trace');
  for (const { path, code, err, report } of await replayElsewhere(at, component, 'trace')) {
    assert.equal(code, replayed.code, `${path}: ${err}`);
    assert.deepEqual(report, replayed.report, path);
  }
  return { recorded, replayed, events: eventsOf(at('trace')).events };
}

test('a signalling NaN keeps its bits', { skip }, async (t) => {
  const { recorded, replayed, events } = await recordAndReplay(t, `(component
    (import "take" (func $take (param "x" f32) (param "y" f64) (result f32)))
    (core func $take' (canon lower (func $take)))
    (core module $m
      (import "h" "take" (func $take (param f32 f64) (result f32)))
      (func (export "run") (param f64) (result i32)
        (i32.reinterpret_f32 (call $take (f32.const nan:0x200001) (f64.const nan:0x4000000000001)))))
    (core instance $i (instantiate $m (with "h" (instance (export "take" (func $take'))))))
    (func (export "run") (param "x" f64) (result u32) (canon lift (core func $i "run"))))`,
  'export const imports = () => ({ take: { default: (x, y) => NaN } });',
  [{ instance: null, function: 'run', args: [1.5] }]);
  assert.deepEqual([recorded.code, replayed.code], [0, 0]);
  const call = events.find(({ kind }) => kind === 'import_call');
  assert.equal(call.payload.toString('hex'), '0100a07f' + '010000000000f47f');
  const enter = events.find(({ kind }) => kind === 'export_enter');
  assert.equal(enter.payload.toString('hex'), '000000000000f83f');
});

test('a guest that gives one address for every string, as a counting pass does', { skip }, async (t) => {
  const { recorded, replayed, events } = await recordAndReplay(t, `(component
    (import "names" (func $names (result (list string))))
    (core module $libc
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (select (i32.const 4096) (i32.const 1024) (i32.eq (local.get 2) (i32.const 1)))))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $names' (canon lower (func $names) (memory $memory) (realloc $realloc)))
    (core module $m
      (import "libc" "memory" (memory 1))
      (import "h" "names" (func $names (param i32)))
      (func (export "run") (result i32)
        (call $names (i32.const 16))
        (i32.load8_u (i32.const 4097))))
    (core instance $i (instantiate $m (with "libc" (instance $libc)) (with "h" (instance (export "names" (func $names'))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`,
  'export const imports = () => ({ names: { default: () => ["first", "second", "3rd"] } });',
  [{ instance: null, function: 'run' }]);
  assert.deepEqual([recorded.code, replayed.code], [0, 0]);
  const lowers = events.filter(({ kind, detail }) => kind === 'lower' && detail >= 4096n).map(({ payload }) => payload.toString());
  assert.deepEqual(lowers, ['first', 'second', '3rd', 'ond']);
  assert.ok(replayed.report.digests > 0);
});

test('a stack that ends inside the host\'s functions', { skip }, async (t) => {
  const { recorded, replayed, events } = await recordAndReplay(t, `(component
    (import "note" (func $note (param "n" u32)))
    (core func $note' (canon lower (func $note)))
    (core module $m
      (import "h" "note" (func $note (param i32)))
      (func $deep (export "run") (param i32) (result i32)
        (call $note (local.get 0))
        (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1))))))
    (core instance $i (instantiate $m (with "h" (instance (export "note" (func $note'))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`,
  'export const imports = () => ({ note: { default: () => {} } });',
  [{ instance: null, function: 'run', args: [0] }]);
  assert.deepEqual([recorded.code, replayed.code], [134, 134]);
  assert.equal(replayed.report.exit.code, 'stack_overflow');
  assert.ok(events.length > 1000);
});

test('one core function that is two exports, and one that is export and post-return', { skip }, async (t) => {
  const { recorded, replayed, events } = await recordAndReplay(t, `(component
    (core module $m
      (func (export "one") (param i32))
      (func (export "two") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m))
    (func (export "one") (param "x" u32) (canon lift (core func $i "one")))
    (func (export "first") (result u32) (canon lift (core func $i "two")))
    (func (export "second") (result u32) (canon lift (core func $i "two") (post-return (core func $i "one")))))`,
  'export const imports = () => ({});',
  ['one', 'second', 'first', 'one', 'second'].map((name) => ({ instance: null, function: name, args: name === 'one' ? [9] : [] })));
  assert.equal(recorded.err, '');
  assert.deepEqual([recorded.code, replayed.code], [0, 0]);
  const called = events.filter(({ kind }) => kind === 'export_call').map(({ subject }) => subject);
  assert.equal(called.length, 7);
  const [one, second, post, first] = called;
  assert.equal(new Set([one, second, post, first]).size, 4);
  assert.deepEqual(called, [one, second, post, first, one, second, post]);
});

test('a recursion that takes more stack than engines give by themselves', { skip }, async (t) => {
  const { recorded, replayed } = await recordAndReplay(t, `(component
    (import "note" (func $note (param "n" u32)))
    (core func $note' (canon lower (func $note)))
    (core module $m
      (import "h" "note" (func $note (param i32)))
      (func $sum (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1)))))
          (else (call $note (i32.const 7)) (i32.const 0))))
      (func (export "run") (param i32) (result i32) (call $sum (local.get 0))))
    (core instance $i (instantiate $m (with "h" (instance (export "note" (func $note'))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`,
  'export const imports = () => ({ note: { default: () => {} } });',
  [{ instance: null, function: 'run', args: [25000] }]);
  assert.equal(recorded.err, '');
  assert.deepEqual([recorded.code, replayed.code], [0, 0]);
  assert.equal(JSON.parse(recorded.out).value, (25000 * 25001) / 2);
});

test('a table, a global and a memory of one instance that another uses', { skip }, async (t) => {
  const { recorded, replayed, events } = await recordAndReplay(t, `(component
    (import "next" (func $next (result u32)))
    (core func $next' (canon lower (func $next)))
    (core module $owner
      (import "h" "next" (func $next (result i32)))
      (table (export "table") 4 funcref)
      (memory (export "memory") 1)
      (global (export "count") (mut i32) (i32.const 0))
      (elem (i32.const 1) func $next))
    (core instance $owner (instantiate $owner (with "h" (instance (export "next" (func $next'))))))
    (core module $user
      (import "owner" "table" (table 4 funcref))
      (import "owner" "memory" (memory 1))
      (import "owner" "count" (global $count (mut i32)))
      (type $nullary (func (result i32)))
      (elem (i32.const 2) func $own)
      (func $own (result i32) (i32.const 1000))
      (func (export "run") (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.store (i32.mul (i32.const 4) (global.get $count)) (call_indirect (type $nullary) (local.get 0)))
        (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 8)))))
    (core instance $user (instantiate $user (with "owner" (instance $owner))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $user "run"))))`,
  'export const imports = () => ({ next: { default: () => 41 } });',
  [1, 2].map((n) => ({ instance: null, function: 'run', args: [n] })));
  assert.equal(recorded.err, '');
  assert.deepEqual([recorded.code, replayed.code], [0, 0]);
  const results = events.filter(({ kind }) => kind === 'export_result').map(({ payload }) => payload.readUInt32LE(0));
  assert.deepEqual(results, [41, 1041]);
  assert.equal(events.filter(({ kind }) => kind === 'import_call').length, 1);
});
