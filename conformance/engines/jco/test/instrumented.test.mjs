// Components that record themselves: they do what the original does, and the trace is that of the
// hook, event for event, but for messages to people.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrace } from '../src/format/index.js';
import { SOURCES, componentOf, eventsOf, guestPath, inputsOf, record, replay, skip, workspace } from './support/engine.mjs';

const { CROSSING } = process.env;
const TRAP_HEAD = 8; // TrapPayload; then a message, which is never compared

function instrumented(at, component, how = []) {
  const path = at('app.rec.wasm');
  execFileSync(CROSSING, ['instrument', '--quiet', '--force', '--single-memory', ...how, component, '-o', path]);
  return path;
}

// What two recordings of one run have in common: everything but what the registry declares to
// differ between the two ways, [REG-07], and the trace's own number.
const REGISTRY = readFileSync(new URL('../../../../spec/registry.md', import.meta.url), 'utf8');
const DECLARED = [...REGISTRY.split('[REG-07]')[1].split('[REG-')[0].matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);

function meaningOf(path, declared = DECLARED) {
  const differs = (name) => declared.includes(name);
  const { uuid, recorded_by, clock, clock_unit, start_time, ...info } = [...readTrace(readFileSync(path))].find((item) => item.trace_info).trace_info;
  const events = eventsOf(path).events.map(({ kind, flags, subject, detail, payload, time }) => ({
    kind, flags, subject, detail, ...(differs('clock') ? {} : { time }),
    payload: (kind === 'trap' && differs('trap_message') ? payload.subarray(0, TRAP_HEAD) : payload).toString('hex'),
  }));
  return { info: { ...info, ...(differs('recorded_by') ? {} : { recorded_by }), ...(differs('clock') ? {} : { clock, clock_unit, start_time }) }, events };
}

async function bothWays(at, component, inputs, how = []) {
  const hook = await record(at, component, 'hook', { ...inputs, extra: how });
  const own = await record(at, component, 'own', { ...inputs, extra: ['--instrumented', instrumented(at, component, how)] });
  return { hook, own };
}

// The same by `crossing diff`, which knows what the traces mean: nothing differs but the way.
function assertNoDifference(at) {
  const { status, stdout } = spawnSync(CROSSING, ['diff', '--json', at('hook'), at('own')], { encoding: 'utf8' });
  const { differences } = JSON.parse(stdout);
  assert.deepEqual(differences.map(({ kind, declared }) => [kind, declared]), [['fact', 'trace_info']], stdout);
  assert.equal(status, 0);
}

for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'gated', 'async-builtins']) {
  test(`${name}: records itself as the hook records it, and is replayed`, { skip }, async (t) => {
    const at = workspace(t);
    const component = guestPath(name);
    const { hook, own } = await bothWays(at, component, inputsOf(name), ['--lift']);
    assert.equal(own.err, '');
    assert.equal(own.code, 0);
    assert.ok(own.out.equals(hook.out));
    const { events, verdict } = eventsOf(at('own'));
    assert.equal(verdict, 'ok');
    assert.deepEqual(meaningOf(at('own')), meaningOf(at('hook')));
    assertNoDifference(at);
    assert.equal(spawnSync(CROSSING, ['check', at('own')]).status, 0);
    const replayed = await replay(at, component, 'own');
    assert.equal(replayed.err, '');
    assert.equal(replayed.code, 0);
    assert.equal(replayed.report.events, events.length);
    assert.equal(replayed.report.digests, events.filter(({ kind }) => kind === 'digest').length);
    assert.ok(replayed.report.digests > 0);
    assert.equal(events.some(({ kind }) => kind === 'lift'), name !== 'builtins'); // [LIFT-02]
  });
}

for (const file of readdirSync(join(SOURCES, 'trap'))) {
  const script = file.replace('.script.json', '');
  test(`trap, ${script}: ends as the hook says, and so does its replay`, { skip }, async (t) => {
    const at = workspace(t);
    const component = guestPath('trap');
    const { hook, own } = await bothWays(at, component, inputsOf('trap', join(SOURCES, 'trap', file)));
    assert.equal(own.code, hook.code);
    assert.ok(own.out.equals(hook.out));
    assert.deepEqual(meaningOf(at('own')), meaningOf(at('hook')));
    if (script === 'unreachable') { // every declared difference is one
      for (const name of DECLARED) {
        const others = DECLARED.filter((other) => other !== name);
        assert.notDeepEqual(meaningOf(at('own'), others), meaningOf(at('hook'), others), name);
      }
    }
    assert.equal((await replay(at, component, 'own')).code, own.code);
  });
}

test('command: with real files, replayed after they are gone', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.bin'), Buffer.alloc(300000, 'ab\n'));
  writeFileSync(at('input'), Buffer.alloc(500000, 'some input\n'));
  const own = await record(at, component, 'own', {
    dirs: [`${at('data')}::/data`], args: ['--mb', '3', '/data'], input: at('input'), digest: false,
    extra: ['--instrumented', instrumented(at, component)],
  });
  assert.equal(own.code, 0);
  renameSync(at('data'), at('elsewhere'));
  const replayed = await replay(at, component, 'own');
  assert.equal(replayed.code, 0);
  assert.ok(replayed.out.equals(own.out));
  assert.equal(replayed.err, own.err);
});

test('command: exit and trap lose nothing', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  const extra = ['--instrumented', instrumented(at, component)];
  for (const [args, code] of [[['--exit', '0'], 0], [['--exit', '3'], 1], [['--trap'], 134]]) {
    const own = await record(at, component, `own${code}`, { args, extra, digest: false });
    assert.equal(own.code, code);
    assert.equal(eventsOf(at(`own${code}`)).verdict, 'ok');
    assert.equal((await replay(at, component, `own${code}`)).code, code);
  }
});

// A host of `command` that gives the same again. (Streams of files do not: they give what is there.)
const SAME_AGAIN = `
  export function imports() {
    let now = 1_000_000_000n;
    let state = 1;
    const byte = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
    return {
      'wasi:clocks/monotonic-clock@0.2.12': { now: () => (now += 1000n) },
      'wasi:clocks/wall-clock@0.2.12': { now: () => ({ seconds: 1700000000n, nanoseconds: 5 }) },
      'wasi:random/random@0.2.12': { getRandomBytes: (length) => Uint8Array.from({ length: Number(length) }, byte) },
    };
  }`;
test('command, with a host that gives the same again: the same events', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  writeFileSync(at('host.mjs'), SAME_AGAIN);
  const { hook, own } = await bothWays(at, component, { host: at('host.mjs'), args: ['--mb', '1'], env: ['KEY=value'] }, ['--lift']);
  assert.deepEqual([hook.code, own.code], [0, 0]);
  assert.ok(own.out.equals(hook.out));
  const found = meaningOf(at('own'));
  assert.ok(found.events.some(({ kind }) => kind === 'digest'));
  assert.deepEqual(found, meaningOf(at('hook')));
  assertNoDifference(at);
});

// What the host lowered before it trapped stands before the trap. // [TRAP-03] [SINK-13]
const HALF_WAY = `(component
  (import "texts" (func $texts (result (list string))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.add (global.get $next) (local.get 3)))
      (i32.sub (global.get $next) (local.get 3))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $texts' (canon lower (func $texts) (memory $memory) (realloc $realloc)))
  (core module $m
    (import "h" "texts" (func $texts (param i32)))
    (func (export "of-import") (call $texts (i32.const 16)))
    (func (export "of-export") (param i32 i32)))
  (core instance $i (instantiate $m (with "h" (instance (export "texts" (func $texts'))))))
  (func (export "of-import") (canon lift (core func $i "of-import")))
  (func (export "of-export") (param "texts" (list string)) (canon lift (core func $i "of-export") (memory $memory) (realloc $realloc))))`;

for (const name of ['of-import', 'of-export']) {
  test(`a host that traps half-way through lowering, ${name}`, { skip }, async (t) => {
    const at = workspace(t);
    const component = await componentOf(at, 'guest', HALF_WAY);
    writeFileSync(at('host.mjs'), 'export const imports = () => ({ texts: { default: () => ["first", "second", 3] } });');
    writeFileSync(at('script.json'), JSON.stringify({ calls: [{ instance: null, function: name, args: name === 'of-import' ? [] : [['first', 'second', 3]] }] }));
    const { hook, own } = await bothWays(at, component, { host: at('host.mjs'), script: at('script.json') });
    assert.deepEqual([hook.code, own.code], [134, 134]);
    const { events } = eventsOf(at('own'));
    assert.deepEqual(meaningOf(at('own')), meaningOf(at('hook')));
    const texts = events.slice(0, events.findIndex(({ kind }) => kind === 'trap')).filter(({ kind }) => kind === 'lower').map(({ payload }) => payload.toString());
    assert.ok(texts.includes('first') && texts.includes('second'), texts);
    assert.equal((await replay(at, component, 'own')).code, 134);
  });
}

test('a SIGKILL loses nothing that has left the guest', { skip }, async (t) => { // [SINK-12]
  const at = workspace(t);
  const component = guestPath('trap');
  const [calls, perCall] = [20000, 2 * 16]; // import_call and import_result
  writeFileSync(at('host.mjs'), `
    export function imports() {
      let left = ${calls};
      const note = (n) => { if (--left === 0) process.kill(process.pid, 'SIGKILL'); return n; };
      return { note: { default: note }, fail: { default() {} }, text: { default: () => '' } };
    }`);
  writeFileSync(at('script.json'), JSON.stringify({ calls: [{ instance: null, function: 'after-calls', args: [1e6] }] }));
  const killed = await record(at, component, 'killed', { host: at('host.mjs'), script: at('script.json'), extra: ['--instrumented', instrumented(at, component)] });
  assert.equal(killed.signal, 'SIGKILL');
  const { events, verdict } = eventsOf(at('killed'));
  assert.equal(verdict, 'truncated');
  const seen = events.filter(({ kind }) => kind === 'import_result').length;
  assert.ok((calls - seen) * perCall <= 65536 + perCall, `${seen} of ${calls} calls are there`);
  const { status } = spawnSync(CROSSING, ['recover', at('killed'), '-o', at('recovered')]);
  assert.equal(status, 3);
  assert.equal(eventsOf(at('recovered')).events.filter(({ kind }) => kind === 'import_result').length, seen);
});

test('a SIGKILL of a composition leaves everything up to the call of the host', { skip }, async (t) => { // [SINK-06] [SINK-12]
  const at = workspace(t);
  const component = guestPath('composition');
  const inputs = { ...inputsOf('composition'), extra: ['--instrumented', instrumented(at, component)] };
  await record(at, component, 'whole', inputs);
  writeFileSync(at('host.mjs'), `export const imports = () => ({ note: { default: () => process.kill(process.pid, 'SIGKILL') } });`);
  const killed = await record(at, component, 'killed', { ...inputs, host: at('host.mjs') });
  assert.equal(killed.signal, 'SIGKILL');
  const [{ events: whole }, { events }] = ['whole', 'killed'].map((name) => meaningOf(at(name)));
  assert.equal(events.at(-1).kind, 'import_call');
  assert.deepEqual(events, whole.slice(0, events.length));
  assert.ok(events.some(({ kind }) => kind === 'realloc_result'));
});

test('a piece leaves when its room is used up, and drain gives the rest', { skip }, async (t) => { // [SINK-06] [SINK-08]
  const at = workspace(t);
  const component = guestPath('tiny');
  const { transpiled } = await import('../src/engine-transpile.js');
  const { instantiate, module } = await transpiled(readFileSync(instrumented(at, component)));
  const { imports } = await import(inputsOf('tiny').host);
  const sizes = [];
  const sink = { open: () => 0, write: (instance, ...lists) => sizes.push(lists.reduce((sum, { length }) => sum + length, 0)) };
  const host = Object.fromEntries(Object.entries(imports()).map(([name, value]) => [name.replace(/@.*/, ''), value]));
  const guest = instantiate((file) => new WebAssembly.Module(module(file)), { ...host, 'crossing:recorder/sink': sink });
  const { calls: [{ instance, function: name, args }] } = JSON.parse(readFileSync(inputsOf('tiny').script));
  const call = (instance ? guest[instance] : guest)[name];
  for (let i = 0; i < 2000; i++) call(...args);
  const before = sizes.length;
  assert.ok(before > 1);
  assert.ok(sizes.every((size) => size >= 65536 - 1024 - 64));
  guest['crossing:recorder/control@0.1.0'].drain();
  assert.equal(sizes.length, before + 1);
  guest['crossing:recorder/control@0.1.0'].drain();
  assert.equal(sizes.length, before + 1);
});

test('what is instrumented is not instrumented again', { skip }, (t) => { // [INSTR-02]
  const at = workspace(t);
  const path = instrumented(at, guestPath('tiny'));
  const again = spawnSync(CROSSING, ['instrument', path, '-o', at('twice.wasm')], { encoding: 'utf8' });
  assert.equal(again.status, 8);
  assert.match(again.stderr, /it records itself already/);
});
