// `crossing check` on recordings of the guests, with the component that each is of.
//   TRACES   folder with the traces
//   GUESTS   folder with the components
//   CROSSING the command
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const { TRACES, GUESTS, CROSSING } = process.env;
const traces = readdirSync(TRACES).filter((name) => name.endsWith('.xing')).map((name) => join(TRACES, name));

function check(...args) {
  const { status, stdout, stderr } = spawnSync(CROSSING, ['check', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

test('there are traces', () => assert.ok(traces.length > 0));

const quirks = new Set(); // that show without their declaration

for (const trace of traces) {
  test(trace.slice(TRACES.length + 1), () => {
    const wasm = component(trace);
    const { status, stderr, json } = check('--format', 'json', '--component', wasm, trace);
    assert.equal(stderr, '');
    const report = json();
    assert.deepEqual(report.faults, []);
    assert.deepEqual(report.layers, ['order', 'types', 'abi', 'component']);
    assert.equal(status, 0);

    // Without its declaration an engine's departure is found, and named.
    const info = JSON.parse(spawnSync(CROSSING, ['info', '--json', trace], { encoding: 'utf8' }).stdout);
    const strict = check('--format', 'json', '--ignore-quirks', '--component', wasm, trace).json();
    for (const quirk of strict.undeclared_quirks) {
      assert.ok(info.trace_info.quirks.includes(quirk), quirk);
      quirks.add(quirk);
    }
    for (const fault of strict.faults) assert.ok(strict.undeclared_quirks.includes(fault.quirk), fault.message);
  });
}

test('the quirks of jco that a lowering shows, and no others', () => {
  assert.deepEqual([...quirks].sort(), ['empty_string_without_realloc', 'handles_per_type']);
});

function component(trace) {
  const name = trace.slice(TRACES.length + 1, -'.xing'.length);
  return join(GUESTS, `${name.startsWith('trap-') ? 'trap' : name}.wasm`);
}

test('another component is found', () => { // [COMPONENT-01]
  const [tiny, library] = ['tiny', 'library'].map((name) => join(GUESTS, `${name}.wasm`));
  const { status, json } = check('--format', 'json', '--component', library, join(TRACES, 'tiny.xing'));
  assert.equal(status, 8);
  assert.deepEqual(json().faults.map(({ rule, layer }) => [rule, layer]), [['COMPONENT-01', 'component']]);
  assert.equal(check('--component', tiny, join(TRACES, 'tiny.xing')).status, 0);
});

test('one document for all', () => {
  const sarif = check('--format', 'sarif', ...traces);
  assert.equal(sarif.status, 0);
  const [run] = sarif.json().runs;
  assert.deepEqual(run.results, []);
  assert.equal(run.invocations[0].executionSuccessful, true);
  const junit = check('--format', 'junit', ...traces);
  assert.equal(junit.status, 0);
  assert.equal(junit.stdout.match(/<testsuite /g).length, traces.length);
  assert.ok(junit.stdout.includes('failures="0" errors="0"'));
});
