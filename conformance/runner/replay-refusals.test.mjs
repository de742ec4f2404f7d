// Traces that replay has to refuse, made of one that it takes by changing what it declares.
// CROSSING is the command, GUESTS the folder of built guests.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { CROSSING, GUESTS } = process.env;
if (!CROSSING || !GUESTS) throw new Error('CROSSING and GUESTS have to be set');
const conformance = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, PATH: `${join(conformance, 'engines/jco/bin')}${delimiter}${process.env.PATH}` };
const crossing = (...args) => spawnSync(CROSSING, args, { env, encoding: 'utf8', maxBuffer: 1 << 28, input: '' });

test('what a trace declares decides whether it is replayed', (t) => { // [PROF-03] [REPLAY-04]
  const work = mkdtempSync(join(tmpdir(), 'crossing-refusals-'));
  t.after(() => rmSync(work, { recursive: true }));
  const component = join(GUESTS, 'tiny.wasm');
  const trace = join(work, 'whole.xing');
  const recorded = crossing('record', '-o', trace, '--script', join(conformance, 'guests/tiny.script.json'), '--host', join(conformance, 'guests/tiny.host.mjs'), component);
  assert.equal(recorded.status, 0, recorded.stderr);
  assert.equal(crossing('replay', trace, component).status, 0);
  const json = crossing('dump', '--json', trace).stdout;
  const changed = (name, from, to) => {
    assert.ok(json.includes(from), from);
    writeFileSync(join(work, `${name}.jsonl`), json.replace(from, to));
    const out = join(work, `${name}.xing`);
    const encoded = crossing('encode', join(work, `${name}.jsonl`), '--out', out);
    assert.equal(encoded.status, 0, encoded.stderr);
    return crossing('replay', out, component);
  };
  for (const member of ['core_complete', 'replayable']) {
    const { status, stderr } = changed(member, `"${member}":true`, `"${member}":false`);
    assert.equal(status, 6, `${member}: ${stderr}`);
    assert.match(stderr, /core-only replay|can be replayed/);
  }
  const stacks = changed('needs_stacks', '"needs_stacks":false', '"needs_stacks":true');
  assert.equal(stacks.status, 6, stacks.stderr);
});
