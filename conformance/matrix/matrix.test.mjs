// The matrix can fail: each thing that a cell demands, with a command that does otherwise.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compareRecordings } from './src/compare.mjs';
import { Expected } from './src/expected.mjs';
import { fill } from './src/matrix.mjs';
import { recordRun } from './src/record.mjs';
import { replayRun } from './src/replay.mjs';
import { asHtml, asText, tally } from './src/show.mjs';

const work = mkdtempSync(join(tmpdir(), 'crossing-matrix-test-'));
after(() => rmSync(work, { recursive: true }));
let files = 0;

/** A command that runs a line of shell, with the argument after --report or -o in $file. */
function fake(line) {
  const path = join(work, `crossing-${files++}`);
  writeFileSync(path, `#!/bin/bash\nfor ((i = 1; i < $#; i++)); do case \${!i} in --report | -o) j=$((i + 1)); file=\${!j};; esac; done\n${line}\n`);
  chmodSync(path, 0o755);
  return path;
}

const run = { name: 'a run', guest: 'guest', args: [], env: [] };
const way = { name: 'a way', needs: 'jco', options: [] };
const recorded = {
  trace: '/nowhere/run.xing', events: 7, digests: 1,
  outcome: { code: 0, out: Buffer.from('said\n'), err: 'warned\n' },
};
const report = ({ verdict = 'ok', events = 7, digests = 1, hash = 'ab' } = {}) =>
  `echo '${JSON.stringify({ verdict, events, digests, memories: [{ memory: 0, size: 65536, hash }] })}' >$file`;
const says = 'echo said; echo warned >&2';

async function replayed(line, using = run) {
  const folder = mkdtempSync(join(work, 'replay-'));
  return replayRun(using, recorded, way, { crossing: fake(line), guests: '/nowhere', folder });
}

test('a replay that does what was recorded is green', async () => {
  const { failure, memories } = await replayed(`${report()}; ${says}; echo 'crossing-engine-x: note' >&2`);
  assert.equal(failure, undefined);
  assert.deepEqual(memories, [{ memory: 0, size: 65536, hash: 'ab' }]);
});

const OTHERWISE = [
  ['another exit code', `${report()}; ${says}; exit 1`, 'recorded the exit code 0, found 1'],
  ['other output', `${report()}; echo sbid; echo warned >&2`, 'recorded 5 bytes of standard output, found 5, or others'],
  ['other errors', `${report()}; echo said`, 'recorded 7 characters of standard error, found 0, or others'],
  ['fewer events', `${report({ events: 6 })}; ${says}`, 'recorded 7 events, replayed 6'],
  ['no digests', `${report({ digests: 0 })}; ${says}`, 'recorded 1 digests, compared 0'],
  ['a divergence', `${report({ verdict: 'diverged' })}; echo 'crossing-engine-x: diverged at event 3' >&2; exit 9`, 'exit code 9: crossing-engine-x: diverged at event 3'],
  ['no report', `${says}; exit 2`, 'exit code 2: warned'],
  ['files left behind', `${report()}; ${says}; touch left`, 'the replay left files behind'],
];
for (const [name, line, failure] of OTHERWISE) {
  test(`a replay with ${name} is not`, async () => {
    assert.equal((await replayed(line)).failure, failure);
  });
}

test('a recording without a trace, or with a bad one, is none', async () => {
  const recordWith = (line) => recordRun(run, way, { crossing: fake(line), guests: '/guests', folder: mkdtempSync(join(work, 'record-')) });
  assert.deepEqual(await recordWith('echo "crossing: /guests/guest.wasm: no" >&2; exit 6'), { failure: 'exit code 6: crossing: guest.wasm: no' });
  assert.match((await recordWith('true')).failure, /^exit code 0/);
  assert.match((await recordWith('[ $1 = record ] && touch $file && exit; [ $1 = check ] && { echo "crossing: bad" >&2; exit 5; }')).failure, /^exit code 5: crossing: bad$/);
});

test('what is expected has to stay exact', () => {
  const entry = { run: 'a', record: 'r', reason: 'known', message: 'cannot' };
  const expected = new Expected([entry, { ...entry, run: 'b', replay: 'p' }, { ...entry, run: 'c' }]);
  assert.equal(expected.judge('a', 'r', 'p', 'cannot').state, 'cannot');
  assert.equal(expected.judge('a', 'r', 'p', null).state, 'red');
  assert.equal(expected.judge('a', 'r', 'p', 'cannot either').state, 'red');
  assert.equal(expected.judge('a', 'r', '= x', 'cannot').state, 'red'); // it says nothing of comparisons
  assert.equal(expected.judge('b', 'r', 'p', 'cannot').state, 'cannot');
  assert.equal(expected.judge('b', 'r', 'q', 'cannot').state, 'red');
  assert.equal(expected.judge('d', 'r', 'p', 'cannot').state, 'red');
  assert.equal(expected.judge('d', 'r', 'p', null).state, 'green');
  assert.deepEqual(expected.unused(() => true).map(({ run: name }) => name), ['c']);
  assert.throws(() => new Expected([{ run: 'a', record: 'r', message: 'm' }]), /without "reason"/);
});

test('recordings that differ in more than is declared are not equal', async () => {
  const folder = mkdtempSync(join(work, 'diff-'));
  const differs = (equal, declared) => compareRecordings(recorded, recorded, {
    folder,
    crossing: fake(`echo '${JSON.stringify({ equal, differences: [{ kind: 'values', where: 'f', left: '1', right: '2', declared }] })}'; exit ${equal ? 0 : 1}`),
  });
  assert.equal(await differs(true, 'quirk'), null);
  assert.equal(await differs(false, null), 'values: f: 1 | 2');
  assert.match(await compareRecordings(recorded, recorded, { folder, crossing: fake('echo "crossing: cut" >&2; exit 4') }), /^exit code 4: crossing: cut$/);
});

test('replays that end with other memories than the first are red, and all is shown', async () => {
  const turn = join(work, 'turn');
  const crossing = fake(`case $1 in
    record) touch $file; echo said;;
    check) echo '{"undeclared_quirks":[],"faults":[]}';;
    dump) echo '{"event":{"sequence":"0","kind":"digest"}}';;
    replay) echo >>${turn}; echo said
      printf '{"verdict":"ok","events":1,"digests":1,"memories":[{"memory":0,"size":65536,"hash":"%s"}]}' $(wc -l <${turn}) >$file;;
  esac`);
  const rows = await fill({
    runs: [run], recording: [way, { ...way, name: 'another', needs: 'none' }], replaying: [way, { ...way, name: 'second' }],
    built: new Set(['jco']), expected: new Expected([]), crossing, guests: '/nowhere', work: join(work, 'fill'), jobs: 1, done() {},
  });
  assert.deepEqual(rows[0].cells.map(({ state }) => state), ['green', 'red', 'not built', 'not built']);
  assert.match(rows[0].cells[1].reason, /^a way ends with memory 0: 65536 bytes, 1; this with memory 0: 65536 bytes, 2$/);
  assert.deepEqual(tally(rows), { green: 1, cannot: 0, red: 1, 'not built': 2 });
  const matrix = { rows, recording: ['a way', 'another'], replaying: ['a way', 'second'], problems: ['a <problem>'] };
  const text = asText(matrix, false);
  assert.match(text, /^a run {2}● ✗ · ·$/m);
  assert.match(text, /✗ a run, a way → second: a way ends with/);
  const html = asHtml(matrix);
  assert.match(html, /<th scope="row">a run<\/th>/);
  assert.match(html, /a &lt;problem&gt;/);
});
