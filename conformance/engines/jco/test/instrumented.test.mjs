// Components that record themselves: they do what the original does, and the trace is that of the
// hook, event for event, but for messages to people.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrace } from '../src/format/index.js';
import { SOURCES, eventsOf, guestPath, inputsOf, record, replay, skip, workspace } from './support/engine.mjs';

const { CROSSING } = process.env;
const TRAP_HEAD = 8; // TrapPayload; then a message, which is never compared

function instrumented(at, component) {
  const path = at('app.rec.wasm');
  execFileSync(CROSSING, ['instrument', '--quiet', '--force', '--single-memory', component, '-o', path]);
  return path;
}

// What two recordings of one run have in common.
const meaning = ({ kind, flags, subject, detail, payload }) => ({
  kind, flags, subject, detail, payload: (kind === 'trap' ? payload.subarray(0, TRAP_HEAD) : payload).toString('hex'),
});

const traceInfo = (path) => [...readTrace(readFileSync(path))].find((item) => item.trace_info).trace_info;

async function bothWays(at, component, inputs) {
  const options = { ...inputs, digest: false };
  const hook = await record(at, component, 'hook', options);
  const own = await record(at, component, 'own', { ...options, extra: ['--instrumented', instrumented(at, component)] });
  return { hook, own };
}

for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'gated']) {
  test(`${name}: records itself as the hook records it, and is replayed`, { skip }, async (t) => {
    const at = workspace(t);
    const component = guestPath(name);
    const { hook, own } = await bothWays(at, component, inputsOf(name));
    assert.equal(own.err, '');
    assert.equal(own.code, 0);
    assert.ok(own.out.equals(hook.out));
    const { events, verdict } = eventsOf(at('own'));
    assert.equal(verdict, 'ok');
    assert.deepEqual(events.map(meaning), eventsOf(at('hook')).events.map(meaning));
    assert.equal(traceInfo(at('own')).recorded_by, 'instrumented');
    assert.equal(spawnSync(CROSSING, ['check', at('own')]).status, 0);
    const replayed = await replay(at, component, 'own');
    assert.equal(replayed.err, '');
    assert.equal(replayed.code, 0);
    assert.equal(replayed.report.events, events.length);
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
    assert.deepEqual(eventsOf(at('own')).events.map(meaning), eventsOf(at('hook')).events.map(meaning));
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

test('pieces hold 64 KiB or more, and drain gives the rest', { skip }, async (t) => { // [SINK-06] [SINK-08]
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
  assert.ok(sizes.every((size) => size >= 65536));
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

// [INSTR-01], by a count that shares nothing with the component reader.
for (const name of ['tiny', 'library', 'composition', 'memories', 'start', 'builtins', 'gated', 'trap', 'command']) {
  test(`${name}: every boundary function in its text is wrapped`, { skip }, async (t) => {
    const at = workspace(t);
    const { print } = await import('@bytecodealliance/jco');
    const text = (await print(readFileSync(guestPath(name)))).replace(/"(?:\\.|[^"\\])*"/g, '""');
    const count = (pattern) => text.match(pattern)?.length ?? 0;
    const distinct = (pattern) => new Set(text.match(pattern)).size;
    const { stderr } = spawnSync(CROSSING, ['instrument', guestPath(name), '-o', at('out.wasm')], { encoding: 'utf8' });
    const lowers = count(/\(canon lower /g);
    const lifts = count(/\(canon lift /g);
    assert.equal(stderr.split(' in ')[0], `instrumented ${lowers} imports, ${count(/\(canon /g) - lowers - lifts} built-ins, `
      + `${lifts} exports, ${count(/\(realloc /g)} reallocs, ${distinct(/\(post-return [^)]*\)/g)} post-returns and ${count(/\(dtor /g)} destructors`);
  });
}
