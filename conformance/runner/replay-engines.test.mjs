// Every engine that replays, on what is no whole run: damaged, cut, interrupted and changed traces,
// another component, another plan, and a run that waited.
//
// CROSSING is the command, GUESTS the folder of built guests, ENGINES the executables, by commas.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { CROSSING, GUESTS, ENGINES } = process.env;
if (!CROSSING || !GUESTS || !ENGINES) throw new Error('CROSSING, GUESTS and ENGINES have to be set');
const conformance = fileURLToPath(new URL('..', import.meta.url));
const JCO = join(conformance, 'engines/jco/bin/crossing-engine-jco');
const engines = ENGINES.split(',').map((path) => ({ path, name: basename(path).replace('crossing-engine-', '') }));
const TINY = join(GUESTS, 'tiny.wasm');

const crossing = (...args) => spawnSync(CROSSING, args, { encoding: 'utf8', maxBuffer: 1 << 28, input: '' });

function workspace(t) {
  const folder = mkdtempSync(join(tmpdir(), 'crossing-replay-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

function record(at, component, { script, host }) {
  const recorded = crossing('record', '--engine', JCO, '--digest', '--script', script, '--host', host, '-o', at('whole.xing'), component);
  assert.equal(recorded.status, 0, recorded.stderr);
}

const recordTiny = (at) => record(at, TINY, {
  script: join(conformance, 'guests/tiny.script.json'), host: join(conformance, 'guests/tiny.host.mjs'),
});

/** The trace's lines of canonical JSON, changed, as a trace again. */
function changed(at, name, change) {
  const lines = crossing('dump', '--json', at('whole.xing')).stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  writeFileSync(at(`${name}.jsonl`), untimed(change(lines)).map((line) => `${JSON.stringify(line)}\n`).join(''));
  const encoded = crossing('encode', at(`${name}.jsonl`), '-o', at(`${name}.xing`));
  assert.equal(encoded.status, 0, encoded.stderr);
  return at(`${name}.xing`);
}

const isEvent = (line) => line.event !== undefined;
// Without their times, which would have to be those of the events around.
const untimed = (lines) => lines.map((line) => {
  if (line.trace_info) return { trace_info: { ...line.trace_info, clock: 'none', clock_unit: '0' } };
  return isEvent(line) ? { event: { ...line.event, time: '0' } } : line;
});
const eventsOf = (lines) => lines.filter(isEvent).length;

/** Lines up to event `count`, numbered as they stand. */
const firstEvents = (lines, count) => {
  let left = count;
  return lines.filter((line) => !isEvent(line) || left-- > 0);
};

function replay(engine, at, trace, component = TINY, ...extra) {
  const report = at('report.json');
  rmSync(report, { force: true });
  const { status, stderr } = crossing('replay', '--engine', engine.path, '--report', report, ...extra, trace, component);
  return { status, stderr, report: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null };
}

const isOneSentence = (text) => assert.match(text, /^[^\n]+\n$/);

for (const engine of engines) {
  test(`${engine.name}: a trace that is not whole never counts as replayed`, (t) => { // [REPLAY-04] [VERDICT-03]
    const at = workspace(t);
    recordTiny(at);
    const whole = readFileSync(at('whole.xing'));
    const cuts = [0, 5, 31, 32, 40, 64, whole.length - 1, whole.length - 56];
    for (let i = 1; i < 8; i++) cuts.push(Math.floor((whole.length * i) / 8));
    for (const cut of cuts) {
      writeFileSync(at('cut.xing'), whole.subarray(0, cut));
      const told = crossing('info', at('cut.xing'));
      // Past the preamble and what it says of itself the engine is asked; it says what `info` says.
      const { status, stderr, report } = replay(engine, at, at('cut.xing'));
      assert.notEqual(status, 0, `cut at ${cut}`);
      assert.equal(status, told.status, `cut at ${cut}: ${stderr} ${told.stderr}`);
      assert.ok(report === null || report.exit === null);
      isOneSentence(stderr);
      const [sentence] = /(truncated|not-a-trace) at offset \d+: expected .+, found .+(?= \[)/.exec(told.stdout + told.stderr);
      assert.ok(stderr.includes(sentence), `cut at ${cut}: ${sentence}: ${stderr}`);
    }
    const cut = whole.subarray(0, whole.length - 56); // all of it, but not its end
    writeFileSync(at('cut.xing'), cut);
    const { status, stderr, report } = replay(engine, at, at('cut.xing'));
    assert.equal(status, 4);
    assert.ok(report.events > 0);
    assert.match(stderr, new RegExp(`\\(${report.events} events were replayed\\)`));
  });

  test(`${engine.name}: ends that are none`, (t) => { // [REPLAY-04]
    const at = workspace(t);
    recordTiny(at);
    const gap = (lines, detail) => ({
      event: { ...lines.find(isEvent).event, sequence: String(eventsOf(lines)), kind: 'gap', flags: [], subject: 4294967295, detail, payload: '0000000000000000' },
    });
    const cases = [
      ['gap', 6, /the trace has a gap at event \d+: it can be replayed up to there/, (lines) => [...lines, gap(lines, '0')]],
      ['interrupted', 6, /the trace has a gap at event 5/, (lines) => {
        const some = firstEvents(lines, 5);
        return [...some, gap(some, '3')];
      }],
      ['open', 8, /the trace ends with [12] calls? open/, (lines) => {
        const last = lines.findLastIndex((line) => line.event?.kind === 'export_result');
        return firstEvents(lines, lines.slice(0, last).filter(isEvent).length);
      }],
      ['empty', 6, /the trace has no events/, (lines) => lines.filter((line) => !isEvent(line))],
    ];
    for (const [name, code, sentence, change] of cases) {
      const { status, stderr, report } = replay(engine, at, changed(at, name, change));
      assert.equal(status, code, `${name}: ${stderr}`);
      isOneSentence(stderr);
      assert.match(stderr, sentence);
      assert.match(stderr, new RegExp(`\\(${report.events} events were replayed\\)`), name);
      assert.equal(report.exit, null);
    }
  });

  test(`${engine.name}: another component, another plan`, (t) => { // [REPLAY-05] [TESTEE-03]
    const at = workspace(t);
    recordTiny(at);
    const other = replay(engine, at, at('whole.xing'), join(GUESTS, 'trap.wasm'));
    assert.equal(other.status, 2);
    isOneSentence(other.stderr);
    writeFileSync(at('plan.json'), execFileSync(CROSSING, ['describe', '--plan', TINY]));
    writeFileSync(at('other.json'), execFileSync(CROSSING, ['describe', '--plan', join(GUESTS, 'trap.wasm')]));
    writeFileSync(at('none.json'), '{"plan":2}\n');
    const given = (plan, component = TINY) => spawnSync(engine.path, ['replay', '--plan', at(plan), '--component', component, '--trace', at('whole.xing')], { encoding: 'utf8' });
    assert.equal(given('plan.json').status, 0);
    for (const [plan, component, sentence] of [
      ['other.json', TINY, /the plan is that of another component/],
      ['none.json', TINY, /plan/],
      ['other.json', join(GUESTS, 'trap.wasm'), /not the recorded/],
    ]) {
      const { status, stderr } = given(plan, component);
      assert.equal(status, 2, stderr);
      isOneSentence(stderr);
      assert.match(stderr, sentence);
    }
  });

  test(`${engine.name}: --keep-going`, (t) => { // [REPLAY-09]
    const at = workspace(t);
    recordTiny(at);
    const trace = changed(at, 'values', (lines) => {
      const copy = structuredClone(lines);
      const differ = (kind) => {
        const { event } = copy.find((line) => line.event?.kind === kind && line.event.payload !== '');
        event.payload = (event.payload[0] === '0' ? '1' : '0') + event.payload.slice(1);
      };
      differ('import_call');
      differ('export_result');
      differ('digest');
      return copy;
    });
    const all = eventsOf(crossing('dump', '--json', trace).stdout.trimEnd().split('\n').map((line) => JSON.parse(line)));
    const first = replay(engine, at, trace);
    assert.equal(first.status, 9, first.stderr);
    assert.equal(first.report.divergences, 1);
    assert.ok(first.report.events < all);
    const on = replay(engine, at, trace, TINY, '--keep-going');
    assert.equal(on.status, 9, on.stderr);
    isOneSentence(on.stderr);
    assert.match(on.stderr, new RegExp(`\\(${all} events were replayed, 3 differences found\\)`));
    assert.deepEqual(on.report.divergence, first.report.divergence);
    assert.equal(on.report.divergences, 3);
    assert.equal(on.report.events, all);
    assert.equal(on.report.verdict, 'diverged');
    assert.equal(on.report.exit.kind, 'return');
    const whole = replay(engine, at, at('whole.xing'), TINY, '--keep-going');
    assert.deepEqual([whole.status, whole.report.divergences, whole.report.verdict], [0, 0, 'ok']);
  });

  test(`${engine.name}: threads that take turns, threads that do not, growth`, (t) => { // [REPLAY-10] [REPLAY-12]
    const at = workspace(t);
    recordTiny(at);
    const insert = (lines, at_, ...kinds) => {
      const { event } = lines.find(isEvent);
      const index = lines.findIndex((line) => line.event?.kind === at_);
      const more = kinds.map(([kind, subject, payload = '']) => ({ event: { ...event, kind, flags: [], subject, detail: '0', payload } }));
      const copy = [...lines.slice(0, index), ...more, ...lines.slice(index)];
      let number = 0;
      return copy.map((line) => (isEvent(line) ? { event: { ...line.event, sequence: String(number++) } } : line));
    };
    const turns = replay(engine, at, changed(at, 'turns', (lines) => insert(lines, 'import_result', ['thread_start', 1], ['thread_switch', 0])));
    assert.equal(turns.status, 0, turns.stderr);
    const apart = replay(engine, at, changed(at, 'apart', (lines) => insert(lines, 'import_result', ['thread_start', 1])));
    assert.equal(apart.status, 6, apart.stderr);
    assert.match(apart.stderr, /thread 1 goes on before another one came back/);
    const failed = '0100000000000000ffffffffffffffff'; // by one page
    const grown = replay(engine, at, changed(at, 'grown', (lines) => insert(lines, 'import_call', ['grow', 0, failed])));
    if (engine.name === 'wasmtime') {
      assert.equal(grown.status, 0, grown.stderr); // the guest did not try
    } else {
      assert.equal(grown.status, 6, grown.stderr);
      assert.match(grown.stderr, /is grow: this engine cannot make a memory grow otherwise than it does/);
    }
  });

  test(`${engine.name}: a run that waited does not wait again`, (t) => {
    const at = workspace(t);
    const wait = 6000;
    const script = join(conformance, 'guests/tiny.script.json');
    const host = join(conformance, 'guests/tiny.host.mjs');
    writeFileSync(at('host.mjs'), `import { imports as given } from ${JSON.stringify(host)};
      const waiting = (value) => (typeof value === 'function'
        ? (...args) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${wait}); return value(...args); }
        : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, waiting(inner)])) : value);
      export const imports = (...args) => waiting(given(...args));
    `);
    const took = (action) => {
      const begin = process.hrtime.bigint();
      action();
      return Number(process.hrtime.bigint() - begin) / 1e6;
    };
    const recording = took(() => record(at, TINY, { script, host: at('host.mjs') }));
    assert.ok(recording >= wait, `the recorded run took ${recording} ms`);
    // The best of three, for the machine may be busy.
    const best = Math.min(...[1, 2, 3].map(() => took(() => assert.equal(replay(engine, at, at('whole.xing')).status, 0))));
    assert.ok(best < wait, `the replay took ${best} ms, of which nothing may be the ${wait} ms that the host waited`);
  });
}
