// What the engine lifts that it should not is what its traces declare, and nothing else. // [REG-03]
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrace } from '../src/format/index.js';
import { SOURCES, eventsOf, guestPath, inputsOf, record, skip, workspace } from './support/engine.mjs';

const { CROSSING } = process.env;
const LIFTS = [['bad-pointer', 'lift_bounds_unchecked'], ['bad-utf8', 'utf8_unchecked']];

for (const [script, quirk] of LIFTS) {
  for (const way of ['hook', 'instrumented']) {
    test(`${quirk}, ${way}`, { skip }, async (t) => {
      const at = workspace(t);
      const component = guestPath('trap');
      const inputs = inputsOf('trap', join(SOURCES, 'trap', `${script}.script.json`));
      const extra = [];
      if (way === 'instrumented') {
        execFileSync(CROSSING, ['instrument', '--quiet', '--single-memory', component, '-o', at('app.rec.wasm')]);
        extra.push('--instrumented', at('app.rec.wasm'));
      }
      const { code } = await record(at, component, 'trace', { ...inputs, extra });
      const { trace_info: info } = [...readTrace(readFileSync(at('trace')))].find((item) => item.trace_info);
      const { events } = eventsOf(at('trace'));
      const traps = events.at(-1).kind === 'trap';
      assert.equal(code, traps ? 134 : 0);
      assert.equal(info.quirks.includes(quirk), !traps);
      assert.ok(events.filter(({ kind }) => kind === 'export_call').length >= 2); // it was called
    });
  }
}
