import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readTrace } from '../src/format/index.js';
import { SOURCES, eventsOf, guestPath, inputsOf, planOf, record, replay, skip, workspace } from './support/engine.mjs';

const ENGINE_FOLDER = fileURLToPath(new URL('../*', import.meta.url));
const SCHEMA_FOLDER = fileURLToPath(new URL('../../../../schema/*', import.meta.url));

const MODES = [['from core modules alone', []], ['by hook', ['--by-hook']]];

for (const name of ['tiny', 'library', 'library-utf16', 'composition', 'memories', 'start', 'builtins', 'async-builtins', 'gated']) {
  test(`${name}: recorded, then replayed with no host`, { skip }, async (t) => {
    const at = workspace(t);
    const component = guestPath(name);
    const recorded = await record(at, component, 'trace', inputsOf(name));
    assert.equal(recorded.err, '');
    assert.equal(recorded.code, 0);
    assert.equal(statSync(at('trace')).mode & 0o777, 0o600); // [SEC-03]
    const { events, verdict } = eventsOf(at('trace'));
    assert.equal(verdict, 'ok');
    for (const [mode, extra] of MODES) {
      const replayed = await replay(at, component, 'trace', { extra });
      assert.equal(replayed.err, '', mode);
      assert.equal(replayed.code, 0, mode);
      assert.equal(replayed.report.events, events.length);
      assert.equal(replayed.report.digests, events.filter(({ kind }) => kind === 'digest').length);
      assert.ok(replayed.report.digests > 0);
    }
  });
}

test('command: with real files, replayed in an empty directory after they are gone', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.txt'), 'hello');
  writeFileSync(at('data', 'b.bin'), Buffer.alloc(300000, 'ab\n'));
  writeFileSync(at('input'), Buffer.alloc(500000, 'some input\n'));
  const recorded = await record(at, component, 'trace', { dirs: [`${at('data')}::/data`], env: ['A=b c'], args: ['--mb', '3', '/data'], input: at('input') });
  assert.equal(recorded.code, 0);
  assert.ok(recorded.out.length > 500000);
  renameSync(at('data'), at('elsewhere'));
  renameSync(at('input'), at('gone'));
  for (const [mode, extra] of MODES) {
    const replayed = await replay(at, component, 'trace', { extra });
    assert.equal(replayed.code, 0, mode);
    assert.ok(replayed.out.equals(recorded.out), mode);
    assert.equal(replayed.err, recorded.err);
    assert.equal(replayed.report.digests, 1);
  }
});

test('command: its exit status is that of the replay', { skip }, async (t) => {
  const at = workspace(t);
  for (const [args, code] of [[['--exit', '0'], 0], [['--exit', '3'], 1], [['--trap'], 134]]) {
    const recorded = await record(at, guestPath('command'), `trace${code}`, { args });
    const replayed = await replay(at, guestPath('command'), `trace${code}`);
    assert.deepEqual([recorded.code, replayed.code], [code, code]);
    assert.ok(replayed.out.equals(recorded.out));
    assert.equal(replayed.err, recorded.err);
  }
});

const CODES = {
  'after-calls': 'unreachable',
  'bad-char': 'canonical_abi',
  conversion: 'bad_conversion_to_integer',
  'divide-by-zero': 'integer_division_by_zero',
  host: 'host_error',
  'in-post-return': 'unreachable',
  'in-realloc': 'unreachable',
  'in-realloc-of-import': 'unreachable',
  indirect: 'bad_signature',
  'out-of-bounds': 'memory_out_of_bounds',
  stack: 'stack_overflow',
  unaligned: 'canonical_abi',
  unreachable: 'unreachable',
};
// jco does not notice these.
const QUIRKS = new Set(['bad-pointer', 'bad-utf8']);

test('trap: every way of trapping is recorded by its code, and replayed', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('trap');
  for (const file of readdirSync(join(SOURCES, 'trap'))) {
    const name = file.replace('.script.json', '');
    const expected = QUIRKS.has(name) ? 0 : 134;
    const recorded = await record(at, component, name, inputsOf('trap', join(SOURCES, 'trap', file)));
    assert.equal(recorded.code, expected, name);
    for (const [, extra] of MODES) {
      const { code, report } = await replay(at, component, name, { extra });
      assert.equal(code, expected, name);
      assert.equal(report.exit.code, CODES[name] ?? null, name);
      assert.equal(report.verdict, 'ok');
    }
  }
});

test('recording works without a cache, and with one that is spoilt', { skip }, async (t) => {
  const at = workspace(t);
  const inputs = inputsOf('tiny');
  writeFileSync(at('file'), '');
  assert.equal((await record(at, guestPath('tiny'), 'none', { ...inputs, cache: at('file', 'below') })).code, 0);
  assert.equal((await record(at, guestPath('tiny'), 'first', inputs)).code, 0);
  for (const list of readdirSync(at('cache'), { recursive: true }).filter((path) => path.endsWith('files.json'))) {
    writeFileSync(at('cache', list), '["missing.js"');
  }
  assert.equal((await record(at, guestPath('tiny'), 'second', inputs)).code, 0);
});

test('a trace that holds its component replays as any other', { skip }, async (t) => {
  const at = workspace(t);
  assert.equal((await record(at, guestPath('tiny'), 'trace', { ...inputsOf('tiny'), extra: ['--attach'] })).code, 0);
  const pieces = [...readTrace(readFileSync(at('trace')))].filter((item) => item.attachment).map(({ attachment }) => attachment.bytes);
  assert.ok(Buffer.concat(pieces).equals(readFileSync(guestPath('tiny'))));
  assert.equal((await replay(at, guestPath('tiny'), 'trace')).code, 0);
});

test('replay needs no file but trace, plan and component', { skip }, async (t) => {
  const at = workspace(t);
  const component = guestPath('command');
  mkdirSync(at('data'));
  writeFileSync(at('data', 'a.txt'), 'hello');
  const recorded = await record(at, component, 'trace', { dirs: [`${at('data')}::/data`], args: ['--mb', '1', '/data'] });
  const allowed = [ENGINE_FOLDER, SCHEMA_FOLDER, at('trace'), planOf(at, component), component];
  const replayed = await replay(at, component, 'trace', {
    nodeArgs: ['--no-warnings', '--experimental-permission', '--allow-worker', `--allow-fs-write=${at('trace.report')}`, ...allowed.map((path) => `--allow-fs-read=${path}`)],
  });
  assert.equal(replayed.err, recorded.err);
  assert.equal(replayed.code, 0);
  assert.ok(replayed.out.equals(recorded.out));
});
