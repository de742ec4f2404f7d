// Every guest, recorded on jco and replayed on Wasmtime, which never saw a component.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SOURCES, eventsOf, guestPath, inputsOf, planOf, record, skip, workspace } from '../../jco/test/support/engine.mjs';

const ENGINE = process.env.ENGINE;

function engine(at, args) {
  const names = ['out', 'err'].map((name) => at(`${name}-${Math.random()}`));
  const stdio = [openSync('/dev/null'), ...names.map((name) => openSync(name, 'w'))];
  const child = spawn(ENGINE, args, { cwd: at('empty'), stdio });
  stdio.forEach((fd) => closeSync(fd));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({
      code, signal, out: readFileSync(names[0]), err: readFileSync(names[1], 'utf8'),
    }));
  });
}

async function replay(at, component, trace, { plan = component, extra = [] } = {}) {
  const report = at(`${trace}.report`);
  rmSync(report, { force: true });
  const outcome = await engine(at, [
    'replay', '--plan', planOf(at, plan), '--component', component, '--trace', at(trace), '--report', report, ...extra,
  ]);
  return { ...outcome, report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null };
}

test('it says what it is', () => {
  const description = JSON.parse(execFileSync(ENGINE, ['describe']));
  assert.deepEqual([description.name, description.format, description.engine.name], ['wasmtime', '0.1', 'wasmtime']);
  assert.deepEqual(description.capabilities, ['describe', 'record', 'replay']);
});

for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'async-builtins', 'gated']) {
  test(`${name}: recorded on jco, replayed on Wasmtime`, { skip }, async (t) => {
    const at = workspace(t);
    const component = guestPath(name);
    assert.equal((await record(at, component, 'trace', inputsOf(name))).code, 0);
    const { events } = eventsOf(at('trace'));
    const { code, err, report } = await replay(at, component, 'trace');
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.equal(report.verdict, 'ok');
    assert.equal(report.events, events.length);
    assert.equal(report.digests, events.filter(({ kind }) => kind === 'digest').length);
    assert.ok(report.digests > 0);
  });
}

test('command: with real files, replayed after they are gone', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.txt'), 'hello');
  writeFileSync(at('data', 'b.bin'), Buffer.alloc(300000, 'ab\n'));
  writeFileSync(at('input'), Buffer.alloc(500000, 'some input\n'));
  const recorded = await record(at, component, 'trace', { dirs: [`${at('data')}::/data`], env: ['A=b c'], args: ['--mb', '3', '/data'], input: at('input') });
  assert.equal(recorded.code, 0);
  renameSync(at('data'), at('elsewhere'));
  renameSync(at('input'), at('gone'));
  const replayed = await replay(at, component, 'trace');
  assert.equal(replayed.err, recorded.err);
  assert.equal(replayed.code, 0);
  assert.ok(replayed.out.equals(recorded.out));
  assert.equal(replayed.report.digests, 1);
});

test('command: its exit status is that of the replay', { skip }, async (t) => {
  const at = workspace(t);
  for (const [args, code] of [[['--exit', '0'], 0], [['--exit', '3'], 1], [['--trap'], 134]]) {
    const recorded = await record(at, guestPath('command'), `trace${code}`, { args });
    const replayed = await replay(at, guestPath('command'), `trace${code}`);
    assert.deepEqual([recorded.code, replayed.code], [code, code]);
    assert.ok(replayed.out.equals(recorded.out));
  }
});

test('trap: every way of trapping', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('trap');
  for (const file of readdirSync(join(SOURCES, 'trap'))) {
    const name = file.replace('.script.json', '');
    const recorded = await record(at, component, name, inputsOf('trap', join(SOURCES, 'trap', file)));
    const { code, report } = await replay(at, component, name);
    assert.equal(code, recorded.code, name);
    assert.equal(report.verdict, 'ok', name);
  }
});

test('what is refused, and what diverges', { skip }, async (t) => {
  const at = workspace(t);
  const [component, changed] = [guestPath('command'), guestPath('command-changed')];
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.txt'), 'hello');
  await record(at, component, 'trace', { dirs: [`${at('data')}::/data`], args: ['/data'] });
  const sentence = /^crossing-engine-wasmtime: [^\n]+\n$/;
  const another = await replay(at, changed, 'trace');
  assert.equal(another.code, 2);
  assert.match(another.err, sentence);
  const diverged = await replay(at, changed, 'trace', { extra: ['--allow-changed'] });
  assert.equal(diverged.code, 9);
  assert.equal(diverged.report.verdict, 'diverged');
  assert.ok(diverged.report.divergence.expected !== diverged.report.divergence.found);
  const plan = await replay(at, component, 'trace', { plan: changed });
  assert.equal(plan.code, 2);
  assert.match(plan.err, /the plan is that of another component/);
  const whole = readFileSync(at('trace'));
  writeFileSync(at('cut'), whole.subarray(0, whole.length - 40));
  const cut = await replay(at, component, 'cut');
  assert.equal(cut.code, 4);
  assert.equal(cut.report.verdict, 'truncated');
});
