// A host that a test plays, for components that record themselves: no engine is needed. The test calls
// core functions by the plan, and writes guest memory when it likes.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan } from '../../src/engine-plan.js';
import { MemorySink, TraceWriter } from '../../src/format/index.js';
import { Merge } from '../../src/instrumented-merge.js';
import { PieceReader } from '../../src/instrumented-pieces.js';
import { traceInfo } from '../../src/record-trace-info.js';
import { Guest } from '../../src/replay-guest.js';
import { componentOf, planOf, replay, workspace } from './engine.mjs';

const { CROSSING, GUESTS } = process.env;
const SINK = 'crossing:recorder/sink@0.1.0';

/** Whether this is one of the control's functions. // [SINK-08] */
const drains = (fn) => fn.role === 'export' && fn.names.some(({ function_name: name }) => /^drain\d*$/.test(name));

/**
 * A host that the test plays: `serves` has what it answers, by name of import or built-in; `this` is
 * the function there. In a composition the test plays the adapters too.
 */
export class Host {
  events = [];
  serves = {};
  #plan;
  #guest;
  #readers = new Map();
  #opened = 0;
  #merge;

  constructor(plan, original, component) {
    this.#plan = plan;
    this.#merge = new Merge(original.functions, (event) => this.events.push(event));
    this.#guest = new Guest(plan, component, (fn, args) => this.#serve(fn, args));
    this.#guest.compile();
    this.#guest.instantiateAll((id, make) => make());
  }

  #serve(fn, args) {
    const [name] = fn.names;
    const title = fn.builtin || name.function_name;
    if (name?.instance_name !== SINK) return this.serves[title].call(fn, ...args);
    if (title === 'open') return this.#opened++;
    const [instance, ...lists] = args.map((value) => value >>> 0);
    const bytes = (at) => this.#guest.memory(fn.memory).slice(lists[at], lists[at] + lists[at + 1]);
    if (!this.#readers.has(instance)) this.#readers.set(instance, new PieceReader());
    this.#merge.add(instance, this.#readers.get(instance).read(bytes(0), bytes(2), bytes(4)));
    return undefined;
  }

  // By name, or the only one of an instance.
  #named(name) {
    const called = (fn, wanted) => fn.names.some(({ function_name: known }) => known === wanted);
    return this.#plan.functions.find((fn) => fn.role === 'export' && (typeof name === 'number'
      ? fn.instance === name && !drains(fn) : called(fn, name)));
  }

  call = (name, ...args) => this.#guest.call(this.#named(name), args);

  callback = (name, ...args) => this.#guest.call(this.#plan.functions[this.#named(name).options.callback], args);

  #import(name) {
    return this.#plan.functions.find((fn) => fn.role === 'import' && fn.names.some(({ function_name: known }) => known === name));
  }

  /** Memory for a result of import `name`, with `text` in it; its address. */
  lower(name, text) {
    const fn = this.#import(name);
    const address = this.#guest.call(this.#plan.functions[fn.options.realloc], [0, 0, 1, text.length]);
    this.write(name, address, ...Buffer.from(text));
    return address;
  }

  /** Bytes into the memory of import `name`. */
  write(name, address, ...bytes) {
    this.#guest.memory(this.#import(name).memory).set(bytes, address);
  }

  writeWords(name, address, ...words) {
    this.write(name, address, ...new Uint8Array(Uint32Array.from(words).buffer));
  }

  /** What was recorded. */
  finish() {
    for (const fn of this.#plan.functions) if (drains(fn)) this.#guest.call(fn, []);
    this.#merge.finish();
    return this.events;
  }
}

/**
 * Instruments a component, lets `run(host)` be its host, checks and replays what was recorded, and
 * gives the events as lines, without those of instances.
 */
export async function play(t, wat, run, how = []) {
  const at = workspace(t);
  const component = await componentOf(at, 'guest', wat);
  const instrumented = at('guest.rec.wasm');
  execFileSync(CROSSING, ['instrument', '--quiet', '--single-memory', ...how, component, '-o', instrumented]);
  execFileSync(join(GUESTS, 'tools', 'target', 'debug', 'validator'), ['validate', component, instrumented]);
  const original = parsePlan(readFileSync(planOf(at, component)).toString());
  const plan = parsePlan(readFileSync(planOf(at, instrumented)).toString());
  const host = new Host(plan, original, readFileSync(instrumented));
  run(host);
  const events = host.finish();

  const sink = new MemorySink();
  const writer = new TraceWriter(sink, { ...traceInfo(original), recorded_by: 'instrumented', clock: 'none', clock_unit: '0', start_time: '0' }, { salt: 1n });
  for (const [kind, list] of Object.entries({ type: 'types', component: 'components', instance: 'instances', memory: 'memories', function: 'functions' })) {
    for (const value of original.raw[list]) writer.define(kind, value);
  }
  for (const event of events) writer.event(event);
  writer.finish();
  writeFileSync(at('trace'), sink.bytes());
  // The host that is played gives indices that no table gives, takes whatever it is given, and waits
  // for sets that there are not.
  const check = spawnSync(CROSSING, ['check', '--layer', 'order', '--format', 'json', at('trace')], { encoding: 'utf8' });
  const faults = JSON.parse(check.stdout).faults.filter(({ rule }) => !rule?.startsWith('ASYNC-'));
  assert.deepEqual(faults, []);
  const replayed = await replay(at, component, 'trace');
  assert.equal(replayed.err, '');
  assert.equal(replayed.code, 0);
  assert.equal(replayed.report.events, events.length);
  const title = (id) => original.functions[id].builtin || original.functions[id].names[0]?.function_name || original.functions[id].role;
  return events.map(({ kind, subject, detail, payload }) => {
    if (kind.startsWith('instantiate')) return kind;
    if (kind === 'lower' || kind === 'lift') return `${kind} ${detail} ${Buffer.from(payload).toString('hex')}`;
    return `${kind} ${title(subject)}`;
  }).filter((line) => !line.startsWith('instantiate'));
}
