import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toJson } from '../src/format/index.js';
import { read } from './support/forge.mjs';
import { writeSample } from './support/sample.mjs';

const TESTEE = fileURLToPath(new URL('../bin/crossing-engine-jco', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'crossing-'));
after(() => rmSync(folder, { recursive: true }));

const file = (name, content) => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};
const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(TESTEE, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

const sample = writeSample();
const lines = read(sample).items.map((item) => `${toJson(item)}\n`);

test('describe', () => {
  const { status, stdout } = run('describe');
  const { format, capabilities, engine } = JSON.parse(stdout);
  assert.equal(status, 0);
  assert.equal(format, '0.1');
  assert.ok(['describe', 'decode', 'encode'].every((command) => capabilities.includes(command)));
  assert.equal(engine.name, 'jco');
});

test('decode prints every line, encode makes a trace of them that says the same', () => {
  const { status, stdout, stderr } = run('decode', file('sample.xing', sample));
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout, lines.join(''));
  const out = file('again.xing');
  assert.equal(run('encode', file('sample.json', stdout), '--out', out).status, 0);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  assert.equal(run('decode', out).stdout, stdout);
});

test('decode prints what stands before a fault, and one sentence', () => {
  const { status, stdout, stderr } = run('decode', file('cut.xing', sample.subarray(0, sample.length - 60)));
  assert.equal(status, 4);
  assert.equal(stdout, lines.join(''));
  assert.match(stderr, /truncated at offset [0-9]+: expected .*, found .*\n$/);
  assert.equal(run('decode', file('empty.xing', '')).status, 3);
});

test('encode does not overwrite without --force, and leaves nothing of what it refuses', () => {
  const json = file('a.json', lines.join(''));
  const out = file('there.xing', 'x');
  assert.equal(run('encode', json, '--out', out).status, 2);
  assert.equal(readFileSync(out, 'utf8'), 'x');
  assert.equal(run('encode', json, '--out', out, '--force').status, 0);
  for (const [content, line] of [
    [lines.slice(1).join(''), 1], [lines[0] + lines[0], 2], ['', 0], [lines.join('').slice(0, -1), lines.length - 1],
    [lines.join('').replace('"sequence":"3"', '"sequence":"4"'), null],
  ]) {
    const refused = file('refused.xing');
    const { status, stderr } = run('encode', file('b.json', content), '--out', refused);
    assert.equal(status, 8);
    assert.match(stderr, line === null ? /expected sequence 3, found 4/ : new RegExp(`line ${line}: `));
    assert.ok(!existsSync(refused));
  }
});

test('a wrong command line or a file that cannot be read', () => {
  for (const args of [[], ['unknown'], ['decode'], ['encode', 'x'], ['decode', join(folder, 'nowhere')], ['encode', join(folder, 'nowhere'), '--out', join(folder, 'y')]]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2);
    assert.equal(stderr.trim().split('\n').length, 1);
  }
});
