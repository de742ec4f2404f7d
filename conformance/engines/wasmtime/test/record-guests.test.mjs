// Every guest: recorded on Wasmtime by rewriting it, replayed on Wasmtime's core half and on V8.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SOURCES, componentOf, eventsOf, guestPath, inputsOf, planOf, replay as replayOnV8, skip, workspace } from '../../jco/test/support/engine.mjs';
import { readTrace } from '../../jco/src/format/index.js';

const { ENGINE, HOST, CROSSING } = process.env;
const REACHES = 64 * 1024; // a piece leaves before it has so much of events [SINK-06]

/** Runs a program, its standard streams being files. */
function program(at, path, args, { input = '/dev/null', cwd = at('empty'), onStart } = {}) {
  const [out, err] = ['out', 'err'].map((name) => at(`${name}-${Math.random()}`));
  const stdio = [openSync(input), openSync(out, 'w'), openSync(err, 'w')];
  const child = spawn(path, args, { cwd, stdio, env: { ...process.env, XDG_CACHE_HOME: at('cache') } });
  stdio.forEach((fd) => closeSync(fd));
  onStart?.(child);
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal, out: readFileSync(out), err: readFileSync(err, 'utf8') }));
  });
}

const guestArguments = ({ host, script, dirs = [], env = [], args = [] }) => [
  ...(host ? ['--host', HOST] : []), ...(script ? ['--script', script] : []),
  ...dirs.flatMap((dir) => ['--dir', dir]), ...env.flatMap((pair) => ['--env', pair]), '--', ...args,
];

/** What the guest does when nothing records it. */
const original = (at, component, { input, ...inputs } = {}) => program(
  at, ENGINE, ['run', '--component', component, ...guestArguments(inputs)], { input },
);

const record = (at, component, trace, { extra = [], input, onStart, ...inputs } = {}) => program(at, ENGINE, [
  'record', '--plan', planOf(at, component), '--component', component, '--out', at(trace), ...extra, ...guestArguments(inputs),
], { input, onStart });

async function replayOnWasmtime(at, component, trace) {
  const report = at(`${trace}.report`);
  rmSync(report, { force: true });
  const outcome = await program(at, ENGINE, [
    'replay', '--plan', planOf(at, component), '--component', component, '--trace', at(trace), '--report', report,
  ]);
  return { ...outcome, report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null };
}

const REPLAYERS = { Wasmtime: replayOnWasmtime, V8: replayOnV8 };

/** The trace is whole, in order, and replayed on both: with this exit code, and no other output. */
async function replays(at, component, trace, { code, out = Buffer.alloc(0), err }) {
  const { events, verdict } = eventsOf(at(trace));
  assert.equal(verdict, 'ok');
  execFileSync(CROSSING, ['check', at(trace)]);
  for (const [name, replay] of Object.entries(REPLAYERS)) {
    const replayed = await replay(at, component, trace);
    assert.equal(replayed.code, code, `${name}: ${replayed.err}`);
    assert.equal(replayed.report.verdict, 'ok', name);
    assert.equal(replayed.report.events, events.length, name);
    assert.ok(replayed.out.equals(out), name);
    if (err !== undefined) assert.equal(replayed.err, err, name);
  }
  return events;
}

const infoOf = (path) => [...readTrace(readFileSync(path))].find((item) => item.trace_info).trace_info;

for (const form of ['multi-memory', 'single-memory']) {
  for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'async-builtins', 'gated']) {
    test(`${name}, ${form}: does what it does unrecorded, and is replayed`, { skip }, async (t) => {
      const at = workspace(t);
      const component = guestPath(name);
      const inputs = inputsOf(name);
      const plain = await original(at, component, inputs);
      assert.equal(plain.code, 0, plain.err);
      const extra = [];
      if (form === 'single-memory') {
        execFileSync(CROSSING, ['instrument', '--quiet', '--single-memory', component, '-o', at('app.rec.wasm')]);
        extra.push('--instrumented', at('app.rec.wasm'));
      }
      const recorded = await record(at, component, 'trace', { ...inputs, extra });
      assert.equal(recorded.err, '');
      assert.equal(recorded.code, 0);
      assert.ok(recorded.out.equals(plain.out));
      await replays(at, component, 'trace', { code: 0, err: '' });
    });
  }
}

test('what the calls of a script return is what it expects', { skip }, async (t) => {
  const at = workspace(t);
  const plainly = (value) => { // one notation where scripts have several
    if (Array.isArray(value)) return value.map(plainly);
    if (value === null || typeof value !== 'object') return value;
    if ('$bytes' in value) return [...Buffer.from(value.$bytes, 'hex')];
    if ('$repeat' in value) {
      const [item, count] = value.$repeat;
      return typeof item === 'string' ? item.repeat(count) : Array.from({ length: count }, () => plainly(item));
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainly(item)]));
  };
  let compared = 0;
  for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'async-builtins', 'gated']) {
    const inputs = inputsOf(name);
    const { out } = await original(at, guestPath(name), inputs);
    const lines = out.toString().trim().split('\n').map((line) => JSON.parse(line));
    const { calls } = JSON.parse(readFileSync(inputs.script, 'utf8'));
    assert.equal(lines.length, calls.length, name);
    for (const [index, { expect, quirk }] of calls.entries()) {
      assert.ok('value' in lines[index] || 'error' in lines[index], `${name}: ${JSON.stringify(lines[index])}`);
      if (expect === undefined || quirk?.wasmtime) continue;
      const found = '$error' in Object(expect) && 'error' in lines[index] ? { $error: lines[index].error }
        : '$ok' in Object(expect) ? { $ok: lines[index].value } : lines[index].value;
      assert.deepEqual(found, plainly(expect), `call ${index} of ${name}`);
      compared++;
    }
  }
  assert.ok(compared > 100);
});

test('the trace says who recorded it, and how', { skip }, async (t) => {
  const at = workspace(t);
  await record(at, guestPath('tiny'), 'trace', inputsOf('tiny'));
  const info = infoOf(at('trace'));
  assert.equal(info.producer_name, 'crossing-engine-wasmtime');
  assert.match(info.producer_version, /^\d+\.\d+\.\d+\+wasmtime\.\d+\.\d+\.\d+$/);
  assert.deepEqual([info.recorded_by, info.clock, info.replayable, info.core_complete], ['instrumented', 'none', true, true]);
});

for (const file of readdirSync(join(SOURCES, 'trap'))) {
  const script = file.replace('.script.json', '');
  test(`trap, ${script}: loses nothing`, { skip }, async (t) => { // [SINK-11]
    const at = workspace(t);
    const component = guestPath('trap');
    const inputs = inputsOf('trap', join(SOURCES, 'trap', file));
    const plain = await original(at, component, inputs);
    const recorded = await record(at, component, 'trace', inputs);
    assert.ok(recorded.out.equals(plain.out));
    assert.equal(recorded.code, plain.code);
    const events = await replays(at, component, 'trace', { code: recorded.code });
    const { calls } = JSON.parse(readFileSync(inputs.script, 'utf8'));
    assert.equal(events.at(-1).kind === 'trap', calls.at(-1).traps === true);
  });
}

// Without a core dump: a run that returned is drained. // [SINK-08]
test('--digest: the memories at the end are those of the replay', { skip }, async (t) => { // [SINK-14]
  const at = workspace(t);
  for (const [name, memories] of [['tiny', 1], ['composition', 3], ['memories', 2], ['async-builtins', 1]]) {
    const component = guestPath(name);
    const recorded = await record(at, component, name, { ...inputsOf(name), extra: ['--digest'] });
    assert.equal(recorded.err, '');
    const events = await replays(at, component, name, { code: 0, err: '' });
    const digests = events.slice(-memories);
    assert.deepEqual(digests.map(({ kind, subject }) => [kind, subject]), digests.map((_, id) => ['digest', id]));
    // Those of a memory of its own each, and no other is there.
    assert.equal(events.filter(({ kind }) => kind === 'digest').length, memories);
  }
});

/** Its realloc gives a good block first and a bad one then. */
const BAD_BLOCK = `(component
  (core module $m
    (memory (export "memory") 1)
    (global $calls (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (select (i32.const 1024) (i32.const 65534) (i32.eq (global.get $calls) (i32.const 1))))
    (func (export "take") (param i32 i32 i32 i32)))
  (core instance $i (instantiate $m))
  (func (export "take") (param "a" string) (param "b" string)
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;

test('what the host lowered before it trapped stands before the trap', { skip }, async (t) => { // [SINK-13] [TRAP-03]
  const at = workspace(t);
  const component = await componentOf(at, 'bad-block', BAD_BLOCK);
  writeFileSync(at('script'), JSON.stringify({ calls: [{ instance: null, function: 'take', args: ['hello', 'world'] }] }));
  assert.equal((await record(at, component, 'trace', { script: at('script') })).code, 134);
  const events = await replays(at, component, 'trace', { code: 134 });
  const lowers = events.filter(({ kind }) => kind === 'lower');
  assert.deepEqual(lowers.map(({ subject, detail, flags, payload }) => [subject, Number(detail), [...flags], Buffer.from(payload).toString()]), [
    [0, 1024, ['snapshot'], 'hello'], [0, 65534, ['snapshot'], '\0\0'],
  ]);
  assert.deepEqual(events.slice(-3).map(({ kind }) => kind), ['lower', 'lower', 'trap']);
});

test('command: with real files, replayed after they are gone', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.txt'), 'hello');
  writeFileSync(at('data', 'b.bin'), Buffer.alloc(300000, 'ab\n'));
  writeFileSync(at('input'), Buffer.alloc(500000, 'some input\n'));
  const recorded = await record(at, component, 'trace', {
    dirs: [`${at('data')}::/data`], env: ['A=b c'], args: ['--mb', '3', '/data'], input: at('input'),
  });
  assert.equal(recorded.code, 0, recorded.err);
  assert.match(recorded.out.toString(), /A=b c/);
  renameSync(at('data'), at('elsewhere'));
  renameSync(at('input'), at('gone'));
  await replays(at, component, 'trace', recorded);
});

test('command: exit and trap lose nothing', { skip }, async (t) => { // [SINK-06] [SINK-11]
  const at = workspace(t);
  const component = guestPath('command');
  for (const [name, args, code] of [['ok', ['--exit', '0'], 0], ['error', ['--exit', '3'], 1], ['trap', ['--trap'], 134]]) {
    const plain = await original(at, component, { args });
    assert.equal(plain.code, code);
    const recorded = await record(at, component, name, { args });
    assert.equal(recorded.code, code);
    const events = await replays(at, component, name, { code, out: recorded.out });
    assert.equal(events.at(-1).kind, name === 'ok' ? 'export_result' : 'trap');
    // All of it was in the recorder's memory.
    assert.ok(16 * events.length < REACHES - 1024);
  }
});

/** Calls `note` as often as it is asked to, and then computes for ever. */
const SPINS = `(component
  (import "note" (func $note (param "n" u32) (result u32)))
  (core func $note' (canon lower (func $note)))
  (core module $main
    (import "host" "note" (func $note (param i32) (result i32)))
    (func (export "go") (param $n i32)
      (loop $again
        (drop (call $note (local.get $n)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (loop $forever (br $forever))))
  (core instance $main (instantiate $main (with "host" (instance (export "note" (func $note'))))))
  (func (export "go") (param "n" u32) (canon lift (core func $main "go"))))`;
const CALLS = 100000;
const CALL_SIZE = 2 * 16; // import_call and import_result

/** Records it until no more reaches the file; `stop` then ends it. */
async function spin(t, stop) {
  const at = workspace(t);
  const component = await componentOf(at, 'spins', SPINS);
  writeFileSync(at('script'), JSON.stringify({ calls: [{ instance: null, function: 'go', args: [CALLS] }] }));
  let size = -1;
  const recorded = await record(at, component, 'trace', {
    host: true,
    script: at('script'),
    onStart(child) {
      const timer = setInterval(() => {
        const now = existsSync(at('trace')) ? statSync(at('trace')).size : 0;
        if (now > 10000 && now === size) {
          clearInterval(timer);
          stop(child);
        }
        size = now;
      }, 500);
    },
  });
  return { at, recorded, ...eventsOf(at('trace')) };
}

const resultsIn = (events) => events.filter(({ kind }) => kind === 'import_result').length;

test('SIGKILL leaves every piece that was handed out', { skip }, async (t) => { // [SINK-12]
  const { at, recorded, events, verdict } = await spin(t, (child) => child.kill('SIGKILL'));
  assert.equal(recorded.signal, 'SIGKILL');
  assert.equal(verdict, 'truncated');
  assert.ok(resultsIn(events) > CALLS - REACHES / CALL_SIZE - 1, `${resultsIn(events)} calls`);
  spawnSync(CROSSING, ['recover', at('trace'), '-o', at('recovered')]);
  const recovered = eventsOf(at('recovered'));
  assert.equal(recovered.verdict, 'ok');
  assert.deepEqual(recovered.events.slice(0, events.length), events);
});

test('SIGTERM ends the trace with a gap', { skip }, async (t) => { // [RECORD-05]
  const { recorded, events, verdict } = await spin(t, (child) => child.kill('SIGTERM'));
  assert.equal(recorded.code, 128 + 15);
  assert.equal(recorded.err, 'crossing-engine-wasmtime: the recording was stopped\n');
  assert.equal(verdict, 'ok');
  assert.equal(events.at(-1).kind, 'gap');
  assert.ok(resultsIn(events) > CALLS - REACHES / CALL_SIZE - 1);
});

test('SIGTERM stops a guest that calls out, and nothing of it is lost', { skip }, async (t) => {
  const at = workspace(t);
  mkdirSync(at('data'));
  const recorded = await record(at, guestPath('command'), 'trace', {
    dirs: [`${at('data')}::/data`],
    args: ['--loop', 'forever', '/data'],
    onStart: (child) => setTimeout(() => child.kill('SIGTERM'), 1500),
  });
  assert.equal(recorded.code, 128 + 15);
  const { events, verdict } = eventsOf(at('trace'));
  assert.equal(verdict, 'ok');
  assert.equal(events.at(-1).kind, 'gap');
  assert.ok(events.length > 1000);
  execFileSync(CROSSING, ['check', at('trace')]); // the piece at which it stopped is there once // [SINK-04]
});

/** One component calls another once, which has a post-return, and then `note` as often as it is asked to. */
const OWES = `(component
  (import "note" (func $note (param "n" u32) (result u32)))
  (component $Inside
    (core module $m
      (memory (export "memory") 1)
      (data (i32.const 8) "\\40\\00\\00\\00\\04\\00\\00\\00")
      (data (i32.const 64) "text")
      (func (export "text") (result i32) (i32.const 8))
      (func (export "post") (param i32)))
    (core instance $i (instantiate $m))
    (func (export "text") (result string)
      (canon lift (core func $i "text") (memory (core memory $i "memory")) (post-return (core func $i "post")))))
  (component $Main
    (import "note" (func $note (param "n" u32) (result u32)))
    (import "text" (func $text (result string)))
    (core module $libc
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
    (core instance $libc (instantiate $libc))
    (core func $text' (canon lower (func $text) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core func $note' (canon lower (func $note)))
    (core module $main
      (import "h" "text" (func $text (param i32)))
      (import "h" "note" (func $note (param i32) (result i32)))
      (func (export "go") (param $n i32)
        (call $text (i32.const 16))
        (loop $again
          (drop (call $note (local.get $n)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
    (core instance $main (instantiate $main (with "h" (instance (export "text" (func $text')) (export "note" (func $note'))))))
    (func (export "go") (param "n" u32) (canon lift (core func $main "go"))))
  (instance $inside (instantiate $Inside))
  (instance $main (instantiate $Main (with "note" (func $note)) (with "text" (func $inside "text"))))
  (export "go" (func $main "go")))`;

test('what follows a post-return that has not come is held up to a bound', { skip }, async (t) => { // [SINK-09]
  const at = workspace(t);
  const component = await componentOf(at, 'owes', OWES);
  const calls = (n) => {
    writeFileSync(at('script'), JSON.stringify({ calls: [{ instance: null, function: 'go', args: [n] }] }));
    return record(at, component, `trace-${n}`, { host: true, script: at('script') });
  };
  assert.equal((await calls(10000)).code, 0);
  const events = await replays(at, component, 'trace-10000', { code: 0, err: '' });
  const named = events.map(({ kind }) => kind);
  assert.equal(resultsIn(events), 10001);
  assert.ok(named.lastIndexOf('export_call') < 30); // of the post-return, in its place
  const { code, err } = await calls(4000000);
  assert.match(err, /^crossing-engine-wasmtime: limit: expected to hear of a post-return within 256 MiB of events, found none: instance 1 was not called again [^\n]*\n$/);
  assert.equal(code, 7);
  assert.equal(eventsOf(at('trace-4000000')).verdict, 'truncated');
});

// Whenever it comes. // [SINK-12]
test('SIGKILL at random moments: the trace recovers, with what was handed out', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  for (let i = 0; i < 3; i++) {
    const trace = `killed-${i}`;
    const sizeNow = () => (existsSync(at(trace)) ? statSync(at(trace)).size : 0);
    let size = 0; // of the file when the guest has called out for a while
    const killed = await record(at, component, trace, {
      dirs: [`${at('data')}::/data`],
      args: ['--loop', 'forever', '/data'],
      onStart(child) {
        const timer = setInterval(() => {
          size = sizeNow();
          if (size < 20000) return;
          clearInterval(timer);
          setTimeout(() => child.kill('SIGKILL'), Math.random() * 100);
        }, 5);
      },
    });
    assert.equal(killed.signal, 'SIGKILL');
    assert.ok(sizeNow() >= size);
    const { events, verdict } = eventsOf(at(trace));
    assert.equal(verdict, 'truncated');
    assert.ok(16 * events.length > REACHES / 2); // a piece at least
    assert.equal(spawnSync(CROSSING, ['recover', at(trace), '-o', at('recovered'), '--force']).status, 3);
    execFileSync(CROSSING, ['check', at('recovered')]);
    const recovered = eventsOf(at('recovered')).events;
    assert.equal(recovered.length, events.length + 1); // and a gap
    assert.deepEqual(recovered[events.length - 1], events.at(-1));
  }
});

test('a trace that cannot be written ends the recording, with a sentence', { skip }, async (t) => {
  const at = workspace(t);
  mkdirSync(at('data'));
  writeFileSync(at('data', 'large'), randomBytes(4 << 20));
  const component = guestPath('command');
  const args = ['record', '--plan', planOf(at, component), '--component', component, '--out', at('trace'),
    '--dir', `${at('data')}::/data`, '--', '/data'];
  const limited = await program(at, '/bin/sh', ['-c', 'ulimit -f 2000; exec "$0" "$@"', ENGINE, ...args]);
  assert.equal(limited.code, 2);
  assert.match(limited.err, /^crossing-engine-wasmtime: [^\n]*trace: cannot write: [^\n]+\n$/);
  assert.equal(eventsOf(at('trace')).verdict, 'truncated');
});

test('--lift: what the host reads is recorded, and compared in replay', { skip }, async (t) => { // [LIFT-02]
  const at = workspace(t);
  const component = guestPath('library');
  const recorded = await record(at, component, 'trace', { ...inputsOf('library'), extra: ['--lift'] });
  assert.equal(recorded.err, '');
  const events = await replays(at, component, 'trace', { code: 0, err: '' });
  assert.ok(events.some(({ kind }) => kind === 'lift'));
});

test('by the command: crossing record --engine wasmtime', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  const path = `${ENGINE.slice(0, ENGINE.lastIndexOf('/'))}:${process.env.PATH}`;
  const crossing = (...args) => spawnSync(CROSSING, args, { cwd: at('empty'), env: { ...process.env, PATH: path, XDG_CACHE_HOME: at('cache') }, encoding: 'utf8' });
  for (const extra of [[], ['--instrumented', '--force', '--attach']]) {
    const recorded = crossing('record', '--engine', 'wasmtime', '-o', at('trace'), ...extra, component, '--', '--exit', '3');
    assert.equal(recorded.status, 1, recorded.stderr);
    const replayed = crossing('replay', '--engine', 'wasmtime', at('trace'), ...(extra.length > 0 ? [] : [component]));
    assert.equal(replayed.status, 1, replayed.stderr);
    assert.equal(replayed.stdout, recorded.stdout);
  }
  assert.equal(crossing('record', '--engine', 'wasmtime', '-o', at('trace'), component).status, 2);
});

test('what cannot be recorded is refused in one sentence', { skip }, async (t) => {
  const at = workspace(t);
  const tiny = guestPath('tiny');
  const refused = async (code, pattern, component, inputs) => {
    const { code: found, err } = await record(at, component, 'trace', inputs);
    assert.match(err, pattern);
    assert.match(err, /^crossing-engine-wasmtime: [^\n]+\n$/);
    assert.equal(found, code);
  };
  writeFileSync(at('trace'), 'mine');
  await refused(2, /trace: exists already, and --force was not given/, tiny, inputsOf('tiny')); // [TESTEE-04]
  assert.equal(readFileSync(at('trace'), 'utf8'), 'mine');
  rmSync(at('trace'));
  await refused(2, /cannot be linked with its host: component imports .*greeter/, tiny, { script: inputsOf('tiny').script });
  assert.ok(!existsSync(at('trace')));
  await refused(2, /does not export wasi:cli\/run: give --script/, tiny, { host: true });
  assert.ok(!existsSync(at('trace')));
  const narrow = await componentOf(at, 'threads', '(component (core func (canon thread.index)))');
  await refused(6, /instrumenting does not support/, narrow, {});
  writeFileSync(at('module.wasm'), Buffer.from('0061736d01000000', 'hex'));
  await refused(6, /Wasmtime cannot run the component/, tiny, { ...inputsOf('tiny'), extra: ['--instrumented', at('module.wasm')] });
  await refused(2, /expected an instrumented component/, tiny, { ...inputsOf('tiny'), extra: ['--instrumented', tiny] });
  writeFileSync(at('script'), '{"calls":[{"function":1}]}');
  await refused(2, /names neither a function nor/, tiny, { host: true, script: at('script') });
});

test('the rewritten component is kept, and made again when it is older than the program', { skip }, async (t) => {
  const at = workspace(t);
  const kept = () => readdirSync(at('cache', 'crossing', 'instrumented'), { recursive: true }).filter((name) => name.endsWith('.wasm'));
  await record(at, guestPath('tiny'), 'one', inputsOf('tiny'));
  assert.equal(kept().length, 1);
  const path = at('cache', 'crossing', 'instrumented', kept()[0]);
  const made = readFileSync(path);
  writeFileSync(path, 'no component');
  assert.equal((await record(at, guestPath('tiny'), 'two', inputsOf('tiny'))).code, 6);
  utimesSync(path, 0, 0);
  assert.equal((await record(at, guestPath('tiny'), 'three', inputsOf('tiny'))).code, 0);
  assert.ok(readFileSync(path).equals(made));
});
