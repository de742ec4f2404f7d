// Ends that are not returns: host errors, aborts, kills, refusals, divergences.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { engine, eventsOf, guestPath, inputsOf, planOf, record, replay, skip, workspace } from './support/engine.mjs';

// What a person reads: one sentence, no stack.
const isOneSentence = (text) => assert.match(text, /^crossing-engine-jco: [^\n]+\n$/);

test('a host that throws inside a guest inside a guest ends them all', { skip }, async (t) => {
  const at = workspace(t);
  writeFileSync(at('host.mjs'), 'export const imports = () => ({ note: { default: () => { throw new Error("no"); } } });');
  const { script } = inputsOf('composition');
  const recorded = await record(at, guestPath('composition'), 'trace', { host: at('host.mjs'), script });
  assert.equal(recorded.code, 134);
  isOneSentence(recorded.err);
  const { events } = eventsOf(at('trace'));
  // The destructor's call of `note`, then what goes on through resource.drop. // [TRAP-02]
  assert.deepEqual(events.slice(-2).map(({ kind, detail }) => [kind, detail]), [['trap', 14n], ['trap', 14n]]);
  const replayed = await replay(at, guestPath('composition'), 'trace');
  assert.deepEqual([replayed.code, replayed.report.exit.code], [134, 'host_error']);
});

test('a host that throws while the guest is made', { skip }, async (t) => {
  const at = workspace(t);
  writeFileSync(at('host.mjs'), 'export const imports = () => ({ next: { default: () => { throw new Error("no"); } }, tell: { default() {} } });');
  const { script } = inputsOf('start');
  const recorded = await record(at, guestPath('start'), 'trace', { host: at('host.mjs'), script });
  assert.equal(recorded.code, 134);
  for (const extra of [[], ['--by-hook']]) {
    const replayed = await replay(at, guestPath('start'), 'trace', { extra });
    assert.deepEqual([replayed.code, replayed.report.exit.code], [134, 'host_error']);
  }
});

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
  test(`${signal} ends a recording with a gap`, { skip }, async (t) => {
    const at = workspace(t);
    mkdirSync(at('data'));
    const recorded = await record(at, guestPath('command'), 'trace', {
      dirs: [`${at('data')}::/data`], args: ['--loop', 'forever', '/data'],
      onStart: (child) => whenLarger(at('trace'), 300000).then(() => child.kill(signal)),
    });
    assert.equal(recorded.code, code);
    const { events, verdict } = eventsOf(at('trace'));
    assert.equal(verdict, 'ok');
    assert.deepEqual([events.at(-1).kind, events.at(-1).detail], ['gap', 3n]); // [RECORD-05]
    const replayed = await replay(at, guestPath('command'), 'trace');
    assert.equal(replayed.code, 6); // [REPLAY-04]
    assert.equal(replayed.report.events, events.length - 1);
    assert.match(replayed.err, /the trace has a gap at event/);
  });
}

test('what was recorded before a SIGKILL is readable, and replays up to there', { skip }, async (t) => {
  const at = workspace(t);
  mkdirSync(at('data'));
  const recorded = await record(at, guestPath('command'), 'trace', {
    dirs: [`${at('data')}::/data`], args: ['--loop', 'forever', '/data'],
    onStart: (child) => whenLarger(at('trace'), 600000).then(() => child.kill('SIGKILL')),
  });
  assert.equal(recorded.signal, 'SIGKILL');
  const { events, verdict } = eventsOf(at('trace'));
  assert.equal(verdict, 'truncated');
  assert.ok(events.length > 1000);
  const replayed = await replay(at, guestPath('command'), 'trace');
  assert.equal(replayed.code, 4);
  assert.equal(replayed.report.events, events.length);
});

async function whenLarger(path, size) {
  while (!existsSync(path) || statSync(path).size < size) await sleep(20);
}

test('a changed guest is refused, and with leave diverges in words', { skip }, async (t) => {
  const at = workspace(t);
  const original = readFileSync(guestPath('tiny'));
  const changed = Buffer.from(original);
  const bang = changed.indexOf(Buffer.from([0x41, 0x21])); // i32.const '!'
  changed[bang + 1] = 0x3f;
  writeFileSync(at('changed.wasm'), changed);
  await record(at, guestPath('tiny'), 'trace', inputsOf('tiny'));

  const refused = await replay(at, at('changed.wasm'), 'trace');
  assert.equal(refused.code, 2); // [REPLAY-05]
  isOneSentence(refused.err);
  assert.match(refused.err, /not the recorded component/);

  const diverged = await replay(at, at('changed.wasm'), 'trace', { extra: ['--allow-changed'] });
  assert.equal(diverged.code, 9);
  isOneSentence(diverged.err);
  assert.match(diverged.err, /diverged at event 14, memory 0: recorded a digest of 65536 bytes, 0x[0-9a-f]+, found 65536 bytes, 0x/);
  assert.equal(diverged.report.verdict, 'diverged');
  assert.deepEqual(Object.keys(diverged.report.divergence), ['event', 'function', 'expected', 'found']);

  const unseen = await replay(at, at('changed.wasm'), 'trace', { extra: ['--allow-changed', '--no-digest'] });
  assert.equal(unseen.code, 0);
});

test('another argument of the guest is a divergence', { skip }, async (t) => {
  const at = workspace(t);
  const changed = Buffer.from(readFileSync(guestPath('tiny')));
  const area = changed.indexOf(Buffer.from([0x41, 0x10])); // the address of the result area
  changed[area + 1] = 0x18;
  writeFileSync(at('changed.wasm'), changed);
  await record(at, guestPath('tiny'), 'trace', inputsOf('tiny'));
  const { code, report } = await replay(at, at('changed.wasm'), 'trace', { extra: ['--allow-changed'] });
  assert.equal(code, 9);
  assert.deepEqual(report.divergence, {
    event: '7', function: 'greeter', expected: 'a call of it with (1024, 6, 16)', found: 'a call of it with (1024, 6, 24)',
  });
});

test('inputs that are none are refused in one sentence', { skip }, async (t) => {
  const at = workspace(t);
  const tiny = guestPath('tiny');
  const plan = planOf(at, tiny);
  const inputs = inputsOf('tiny');
  await record(at, tiny, 'trace', inputs);
  const whole = readFileSync(at('trace'));
  writeFileSync(at('cut'), whole.subarray(0, 1000));
  writeFileSync(at('bad'), Buffer.concat([whole.subarray(0, 700), Buffer.from([whole[700] ^ 1]), whole.subarray(701)]));
  writeFileSync(at('nothing'), '');
  const given = ['--plan', plan, '--component', tiny];
  const record2 = (path) => ['record', ...given, '--out', path, '--script', inputs.script, '--host', inputs.host];
  const cases = [
    [2, ['replay', ...given, '--trace', at('missing')], /no such file/],
    [2, ['replay', ...given, '--trace', at('empty')], /directory/],
    [3, ['replay', ...given, '--trace', at('nothing')], /not-a-trace/],
    [3, ['replay', ...given, '--trace', plan], /not-a-trace/],
    [4, ['replay', ...given, '--trace', at('cut')], /truncated/],
    [5, ['replay', ...given, '--trace', at('bad')], /corrupt/],
    [2, ['replay', '--plan', plan, '--component', guestPath('trap'), '--trace', at('trace')], /the plan is that of another component/],
    [2, ['replay', '--plan', tiny, '--component', tiny, '--trace', at('trace')], /not JSON/],
    [2, ['replay', ...given], /--trace is missing/],
    [2, ['replay', ...given, '--trace', at('trace'), '--report', at('no', 'report')], /no such file/],
    [2, record2(at('trace')), /exists already/], // [TESTEE-04]
    [2, record2('/dev/full'), /the disk is full/],
    [2, record2(at('empty')), /directory/],
    [2, [...record2(at('new')), '--host', at('nothing.mjs')], /no such file/],
    [2, ['record', ...given, '--out', at('new'), '--script', inputs.script], /imports greeter, which no host gives/],
    [2, ['record', ...given, '--out', at('new'), '--script', plan, '--host', inputs.host], /no array "calls"/],
    [2, ['record', ...given, '--out', at('new'), 'stray'], /unexpected argument stray/],
  ];
  for (const [code, args, pattern] of cases) {
    const outcome = await engine(at, args);
    assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.err}`);
    isOneSentence(outcome.err);
    assert.match(outcome.err, pattern);
  }
  assert.ok(readFileSync(at('trace')).equals(whole));
});
