import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySink, TraceWriter } from '../src/format/index.js';
import { expectedVerdicts, loadRules } from '../../../runner/expected-verdict.mjs';
import { read } from './support/forge.mjs';
import { INFO, writeSample } from './support/sample.mjs';

const RULES = loadRules();

function minimal() {
  const sink = new MemorySink();
  new TraceWriter(sink, INFO, { level: 0 }).finish();
  return sink.bytes();
}

const traces = {
  'no events': minimal(),
  'compressed': writeSample(),
  'stored as it is, in several blocks': writeSample({ level: 0, blockSize: 300 }),
};

for (const [name, trace] of Object.entries(traces)) {
  test(`every cut and every changed byte has the verdict of the tables: ${name}`, () => {
    assert.equal(read(trace).verdict.message, 'ok');
    let at = 0;
    for (const { cut, changed } of expectedVerdicts(trace, RULES)) {
      assert.equal(read(trace.subarray(0, at)).verdict.verdict, cut, `cut before ${at}`);
      const original = trace[at];
      for (const value of new Set([original ^ (1 << (at & 7)), 0x00, 0xff])) {
        if (value === original) continue;
        trace[at] = value;
        const { verdict } = read(trace);
        assert.equal(verdict.verdict, changed, `byte ${at} is ${value}, was ${original}: ${verdict.message}`);
      }
      trace[at] = original;
      at++;
    }
    assert.equal(at, trace.length);
  });
}

test('bytes after the end frame', () => {
  for (const tail of [[0], [0xf5, 0x58, 0x46, 0x0a], [...traces['no events']]]) {
    const { verdict } = read(Uint8Array.from([...traces['no events'], ...tail]));
    assert.equal(verdict.verdict, 'corrupt');
    assert.equal(verdict.offset, traces['no events'].length);
  }
});

test('a frame of another trace has another salt', () => {
  const [a, b] = [1n, 2n].map((salt) => writeSample({ salt }));
  const mixed = Uint8Array.from([...a.subarray(0, 32), ...b.subarray(32)]);
  assert.equal(read(mixed).verdict.verdict, 'corrupt');
});

test('what stands before the fault is read', () => {
  const trace = traces['stored as it is, in several blocks'];
  const whole = read(trace).items;
  let seen = 0;
  for (let at = 0; at < trace.length; at += 97) {
    const { items } = read(trace.subarray(0, at));
    assert.ok(items.length >= seen && items.length <= whole.length);
    assert.deepEqual(items, whole.slice(0, items.length));
    seen = items.length;
  }
});
