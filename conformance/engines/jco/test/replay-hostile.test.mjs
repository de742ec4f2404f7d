// Traces that are good containers and tell lies: replay ends with a verdict, never otherwise.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EngineError } from '../src/engine-error.js';
import { parsePlan } from '../src/engine-plan.js';
import { MemorySink, TraceWriter, readTrace } from '../src/format/index.js';
import { Cursor } from '../src/replay-cursor.js';
import { Guest } from '../src/replay-guest.js';
import { Identity } from '../src/replay-identity.js';
import { Diverged, Halted } from '../src/replay-outcome.js';
import { Session } from '../src/replay-session.js';
import { guestPath, inputsOf, planOf, record, skip, workspace } from './support/engine.mjs';

const MUTATIONS = 400;

/** 'ok', 'diverged' or the verdict that replay halted with. */
function outcome(plan, component, trace) {
  const identity = new Identity(plan);
  const cursor = new Cursor(trace, (kind, value) => identity.define(kind, value));
  const session = new Session({
    cursor, plan, identity, effects: null, compareDigests: true,
    makeGuest: (serve) => new Guest(plan, component, serve),
  });
  try {
    session.run();
    return 'ok';
  } catch (error) {
    if (error instanceof Diverged) return 'diverged';
    if (error instanceof Halted) return error.verdict;
    if (error instanceof EngineError) return 'refused';
    throw error;
  }
}

function generator(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function spliced(events, at, count, ...more) {
  const copy = [...events];
  copy.splice(at, count, ...more);
  return copy;
}

function mutate(events, random, functions) {
  const at = random(events.length);
  const event = { ...events[at], payload: Buffer.from(events[at].payload) };
  const others = events.map(({ kind }) => kind);
  switch (random(7)) {
    case 0: return spliced(events, at, 1);
    case 1: return spliced(events, at, 0, event);
    case 2: return spliced(events, at, 2, ...events.slice(at, at + 2).reverse());
    case 3: return spliced(events, at, 1, { ...event, subject: random(functions) });
    case 4: return spliced(events, at, 1, { ...event, kind: others[random(others.length)] });
    case 5:
      if (event.payload.length === 0) return events.slice(0, at);
      event.payload[random(event.payload.length)] ^= 1 << random(8);
      return spliced(events, at, 1, event);
    default: return spliced(events, at, 1, { ...event, detail: BigInt(random(2 ** 32)) });
  }
}

for (const name of ['tiny', 'builtins', 'composition', 'start', 'memories']) {
  test(`${name}: ${MUTATIONS} traces that lie`, { skip }, async (t) => {
    const at = workspace(t);
    const component = readFileSync(guestPath(name));
    const plan = parsePlan(readFileSync(planOf(at, guestPath(name)), 'utf8'));
    await record(at, guestPath(name), 'trace', inputsOf(name));
    const items = [...readTrace(readFileSync(at('trace')))].map((item) => (item.event?.kind === undefined ? item
      : { event: { ...item.event, payload: Buffer.from(item.event.payload) } }));
    const events = items.filter((item) => item.event?.kind !== undefined).map(({ event }) => ({ ...event, time: 0n }));
    const random = generator(20240501);
    const seen = {};
    for (let i = 0; i < MUTATIONS; i++) {
      const changed = mutate(events, random, plan.functions.length);
      const sink = new MemorySink();
      try {
        const writer = new TraceWriter(sink, { ...items[0].trace_info, clock: 'none', clock_unit: 0n }, { level: 0 });
        for (const item of items) if (item.definition) writer.define(item.definition, item.value);
        for (const event of changed) writer.event(event);
        writer.finish();
      } catch (error) {
        if (error.name !== 'Fault') throw error;
        continue; // the writer refuses it
      }
      const verdict = outcome(plan, component, sink.bytes());
      seen[verdict] = (seen[verdict] ?? 0) + 1;
    }
    t.diagnostic(JSON.stringify(seen));
    // What is not noticed: a lie about what the guest never looks at.
    assert.ok((seen.ok ?? 0) < MUTATIONS / 4, JSON.stringify(seen));
  });
}
