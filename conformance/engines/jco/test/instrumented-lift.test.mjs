// What generated code finds of the values that the host lifts, piece by piece. // [LIFT-02]
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip } from './support/engine.mjs';
import { play } from './support/played-host.mjs';

/** A component whose export `run` calls the import with these core arguments, data lying in memory. */
const caller = (type, encoding, signature, args, data) => `(component
  (import "take" (func $take ${type}))
  (core module $libc
    (memory (export "memory") 3)
    ${data.map(([at, bytes]) => `(data (i32.const ${at}) "${bytes}")`).join('\n    ')})
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $take' (canon lower (func $take) string-encoding=${encoding} (memory $memory)))
  (core module $m
    (import "h" "take" (func $take (param ${signature})))
    (func (export "run") (call $take ${args})))
  (core instance $i (instantiate $m (with "h" (instance (export "take" (func $take'))))))
  (func (export "run") (canon lift (core func $i "run"))))`;

const liftsOf = async (t, ...parts) => {
  const lines = await play(t, caller(...parts), (host) => {
    host.serves.take = () => {};
    host.call('run');
  }, ['--lift']);
  assert.equal(lines.indexOf('import_call take'), 2); // what is lifted stands directly behind
  const lifts = lines.filter((line) => line.startsWith('lift '));
  assert.deepEqual(lines.slice(3, 3 + lifts.length), lifts);
  return lifts;
};

const word = (value) => `\\${[0, 8, 16, 24].map((shift) => ((value >>> shift) & 255).toString(16).padStart(2, '0')).join('\\')}`;
const hex = (text) => Buffer.from(text).toString('hex');
const words = (...values) => Buffer.from(Uint32Array.from(values).buffer).toString('hex');

test('strings in each encoding', { skip }, async (t) => {
  const data = [[64, 'abcdefgh']];
  const args = '(i32.const 64) (i32.const 3)';
  assert.deepEqual(await liftsOf(t, '(param "s" string)', 'utf8', 'i32 i32', args, data), [`lift 64 ${hex('abc')}`]);
  assert.deepEqual(await liftsOf(t, '(param "s" string)', 'utf16', 'i32 i32', args, data), [`lift 64 ${hex('abcdef')}`]);
  assert.deepEqual(await liftsOf(t, '(param "s" string)', 'latin1+utf16', 'i32 i32', args, data), [`lift 64 ${hex('abc')}`]);
  const tagged = '(i32.const 64) (i32.const 0x80000003)';
  assert.deepEqual(await liftsOf(t, '(param "s" string)', 'latin1+utf16', 'i32 i32', tagged, data), [`lift 64 ${hex('abcdef')}`]);
});

test('what is empty or does not lie in memory is not there, nor what lies behind it', { skip }, async (t) => {
  for (const args of ['(i32.const 64) (i32.const 0)', '(i32.const 196604) (i32.const 1)', '(i32.const 64) (i32.const 0x40000000)', '(i32.const -4) (i32.const 1)']) {
    assert.deepEqual(await liftsOf(t, '(param "l" (list string))', 'utf8', 'i32 i32', args, []), []);
  }
  // One string of a list that is past the end; the others are recorded.
  const data = [[64, 'one'], [128, [64, 3, 196607, 2, 65, 2].map(word).join('')]];
  assert.deepEqual(await liftsOf(t, '(param "l" (list string))', 'utf8', 'i32 i32', '(i32.const 128) (i32.const 3)', data),
    [`lift 128 ${words(64, 3, 196607, 2, 65, 2)}`, `lift 64 ${hex('one')}`, `lift 65 ${hex('ne')}`]);
});

test('a case of a variant whose flat values are wider than its own', { skip }, async (t) => {
  const type = '(param "v" (variant (case "n" u64) (case "s" string) (case "l" (list (tuple u8 string)))))';
  const imported = `(type $v ${type.slice(11, -1)}) (import "v" (type $v' (eq $v)))`;
  const data = [[64, 'text'], [128, `\\07\\aa\\aa\\aa${word(64)}${word(4)}`]];
  const run = async (...args) => {
    const wat = caller(`(param "v" $v')`, 'utf8', 'i32 i64 i32', args.join(' '), data).replace('(component', `(component ${imported}`);
    const lines = await play(t, wat, (host) => {
      host.serves.take = () => {};
      host.call('run');
    }, ['--lift']);
    return lines.filter((line) => line.startsWith('lift '));
  };
  assert.deepEqual(await run('(i32.const 0)', '(i64.const 64)', '(i32.const 4)'), []);
  assert.deepEqual(await run('(i32.const 1)', '(i64.const 0xffffffff00000040)', '(i32.const 4)'), [`lift 64 ${hex('text')}`]);
  assert.deepEqual(await run('(i32.const 2)', '(i64.const 128)', '(i32.const 1)'), [`lift 128 07aaaaaa${words(64, 4)}`, `lift 64 ${hex('text')}`]);
  assert.deepEqual(await run('(i32.const 3)', '(i64.const 128)', '(i32.const 1)'), []); // no such case: the host traps
});

test('parameters that are passed through memory, and a list that is longer than a piece', { skip }, async (t) => {
  const params = Array.from({ length: 17 }, (_, index) => `(param "p${index}" ${index === 16 ? 'string' : 'u8'})`).join(' ');
  const data = [[64, 'last'], [128, `\\01\\02${'\\00'.repeat(14)}${word(64)}${word(4)}`]];
  assert.deepEqual(await liftsOf(t, params, 'utf8', 'i32', '(i32.const 128)', data),
    [`lift 128 0102${'00'.repeat(14)}${words(64, 4)}`, `lift 64 ${hex('last')}`]);
  const [line, ...more] = await liftsOf(t, '(param "l" (list u8))', 'utf8', 'i32 i32', '(i32.const 1) (i32.const 150000)', [[1, 'x']]);
  assert.equal(line.length, 'lift 1 '.length + 2 * 150000);
  assert.deepEqual(more, []);
});
