import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, MemorySink, NONE, SCHEMA, TraceWriter, fromJson, structBytes, toJson } from '../src/format/index.js';
import { decodeFlatBuffer } from '../src/format/flatbuffer_decode.js';
import { DEFINITIONS, INFO as FORGED_INFO, batch, bodyOf, event, forge, read } from './support/forge.mjs';
import { INFO } from './support/sample.mjs';

/** mulberry32: the same numbers on every machine. */
function random(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)], bytes: (size) => Uint8Array.from({ length: size }, () => below(256)) };
}

function randomTrace(seed) {
  const r = random(seed);
  const clock = r.pick(['none', 'per_event']);
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, { ...INFO, clock, clock_unit: clock === 'none' ? 0 : 3 }, {
    level: r.pick([0, 1, 3]), blockSize: r.pick([1, 200, 5000, 262144]), blockMs: Infinity, salt: BigInt(seed),
  });
  writer.define('component', { id: 0, digest: new Uint8Array(32) });
  writer.define('instance', { id: 0, component: 0 });
  let memories = 0;
  let time = 0n;
  const written = [];
  const put = (given) => {
    if (clock !== 'none') time += r.pick([0n, 1n, 65535n, 65536n, BigInt(r.below(1000))]);
    const whole = { flags: [], subject: 0, detail: 0n, payload: new Uint8Array(), ...given, time };
    written.push({ ...whole, sequence: writer.event(whole) });
  };
  for (let i = r.below(200); i > 0; i--) {
    if (memories === 0 || r.below(10) === 0) writer.define('memory', { id: memories++, instance: 0, core_memory: r.below(2 ** 32 - 1) });
    const size = r.below(25) === 0 ? r.pick([65536, 65537, 150000]) : r.pick([0, 1, 4, 255, 256, r.below(400)]);
    const detail = r.pick([0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 64n - 1n, BigInt(r.below(100000))]);
    put(r.pick([
      { kind: 'lower', flags: r.pick([[], ['snapshot']]), subject: r.below(memories), detail, payload: r.bytes(size) },
      { kind: 'lift', flags: ['omitted'], subject: r.below(memories), detail },
      { kind: r.pick([129, 255]), subject: r.below(2 ** 32), detail, payload: r.bytes(size) },
      { kind: 'marker', detail: 0n, payload: r.bytes(size) },
      { kind: 'end_dropped', detail },
      { kind: 'gap', subject: NONE, detail: BigInt(r.below(5)), payload: structBytes('GapPayload', { count: r.below(3) }) },
    ]));
  }
  writer.finish();
  return { trace: sink.bytes(), written };
}

test('random events come back, also by way of JSON', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { trace, written } = randomTrace(seed);
    const { items, verdict } = read(trace);
    assert.equal(verdict.message, 'ok', `seed ${seed}`);
    const events = items.filter((item) => item.event).map((item) => item.event);
    assert.equal(events.length, written.length);
    events.forEach(({ payload, ...event }, i) => {
      const { payload: expected, ...rest } = written[i];
      assert.deepEqual(event, { ...rest }, `seed ${seed}`);
      assert.equal(Buffer.compare(payload, expected), 0, `seed ${seed}`);
    });
    for (const item of items) assert.equal(toJson(fromJson(toJson(item))), toJson(item));
  }
});

// Every check of the hash passes here: what is damaged is what a writer said.
test('any FlatBuffer ends in a value or a fault', () => {
  const bodies = {
    TraceInfo: bodyOf('trace_info', FORGED_INFO),
    Definitions: bodyOf('definitions', DEFINITIONS),
    EventBatch: bodyOf('events', batch([event('marker', { payload_size: 3 })], { payloads: new Uint8Array(3) })),
    Attachment: bodyOf('attachment', { id: 0, name: 'x', total_size: 1, bytes: new Uint8Array(1) }),
  };
  const r = random(7);
  let faults = 0;
  for (const [table, body] of Object.entries(bodies)) {
    const attempt = (bytes) => {
      try {
        decodeFlatBuffer(SCHEMA.tables[table], bytes);
      } catch (error) {
        assert.ok(error instanceof Fault, `${error.stack}`);
        faults++;
      }
    };
    for (let at = 0; at < body.length; at++) {
      attempt(body.subarray(0, at));
      const original = body[at];
      for (const value of [0, 0x7f, 0x80, 0xff, original ^ 1, original ^ 4]) {
        body[at] = value;
        attempt(body);
      }
      body[at] = original;
    }
    for (let i = 0; i < 3000; i++) {
      const copy = body.slice();
      for (let k = r.below(6); k >= 0; k--) copy[r.below(copy.length)] = r.below(256);
      attempt(copy);
    }
  }
  assert.ok(faults > 1000);
});

test('a trace with any body but good hashes ends in one verdict', () => {
  const r = random(11);
  const definitions = bodyOf('definitions', DEFINITIONS);
  const events = bodyOf('events', batch([
    event('export_call'), event('export_enter', { payload_size: 4 }), event('import_call', { subject: 1, payload_size: 4 }), event('marker'),
  ], { payloads: new Uint8Array(8) }));
  const verdicts = new Set();
  for (let i = 0; i < 4000; i++) {
    const [d, e] = [definitions.slice(), events.slice()];
    const target = r.pick([d, e]);
    for (let k = r.below(3); k >= 0; k--) target[r.below(target.length)] = r.pick([0, 1, 2, 4, 0x7f, 0xff, r.below(256)]);
    const { verdict } = read(forge([['definitions', d], ['events', e]], { finish: false }), { order: true });
    verdicts.add(verdict.verdict);
  }
  assert.deepEqual([...verdicts].sort(), ['invalid', 'limit', 'truncated', 'unsupported'].filter((v) => verdicts.has(v)));
});
