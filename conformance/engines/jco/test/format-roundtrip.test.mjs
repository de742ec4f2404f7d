import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySink, TraceWriter, fromJson, toJson } from '../src/format/index.js';
import { read } from './support/forge.mjs';
import { DEFINITIONS, EVENTS, INFO, bytes, writeSample } from './support/sample.mjs';

const jsonOf = (trace) => {
  const { items, verdict } = read(trace);
  assert.equal(verdict.message, 'ok');
  return items.map(toJson);
};

function encode(lines, options) {
  const sink = new MemorySink();
  let writer = null;
  for (const item of lines.map(fromJson)) {
    if (item.trace_info) writer = new TraceWriter(sink, item.trace_info, { blockMs: Infinity, ...options });
    else if (item.definition) writer.define(item.definition, item.value);
    else if (item.attachment) writer.attachPiece(item.attachment);
    else assert.equal(writer.event(item.event), item.event.sequence);
  }
  writer.finish();
  return sink.bytes();
}

test('every kind of event comes back bit for bit', () => {
  const { items, verdict } = read(writeSample());
  assert.equal(verdict.verdict, 'ok');
  const events = items.filter((item) => item.event).map((item) => item.event);
  assert.equal(events.length, EVENTS.length);
  events.forEach((event, i) => {
    const { kind, flags = [], subject = 0, detail = 0n, time, payload = new Uint8Array() } = EVENTS[i];
    assert.deepEqual([event.kind, event.flags, event.subject, event.detail, event.time], [kind, flags, subject, detail, time]);
    assert.deepEqual([...event.payload], [...payload]);
  });
  assert.equal(events.at(-1).sequence, BigInt(EVENTS.length - 2) + 12n, 'a gap takes the numbers of what it stands for');
});

test('definitions come back in order, with every member', () => {
  const { items } = read(writeSample());
  const definitions = items.filter((item) => item.definition);
  assert.deepEqual(definitions.map(({ definition, value }) => [definition, value.id]), DEFINITIONS.map(([kind, { id }]) => [kind, id]));
  assert.equal(definitions[5].value.name, '\ufeffc', 'a byte order mark is a character');
  assert.equal(definitions[5].value.size, 2n ** 64n - 1n);
});

test('canonical JSON → trace → canonical JSON is the identity, for any block size and level', () => {
  const lines = jsonOf(writeSample());
  for (const options of [{}, { blockSize: 1 }, { blockSize: 100, level: 0 }, { level: 19 }, { level: -5 }]) {
    assert.deepEqual(jsonOf(encode(lines, options)), lines);
  }
});

test('definitions and attachments keep their place between events', () => {
  const trace = writeSample({}, (writer) => {
    writer.define('memory', { id: 1, instance: 0 });
    writer.event({ kind: 'lower', subject: 1, payload: bytes(3) });
    writer.define('function', { id: 4, instance: 0, index: 4, role: 'export', core_instance: 0 });
    writer.define('type', { id: 5, kind: 'bool' });
    writer.attach('empty', new Uint8Array());
    writer.attach('two', bytes(262145));
    writer.event({ kind: 'export_call', subject: 4 });
  });
  const lines = jsonOf(trace);
  assert.deepEqual(jsonOf(encode(lines)), lines);
  const kinds = lines.slice(-8).map((line) => /^\{"(\w+)"/.exec(line)[1]);
  assert.deepEqual(kinds, ['memory', 'event', 'function', 'type', 'attachment', 'attachment', 'attachment', 'event']);
});

test('bodies around the sizes at which they move or are cut', () => {
  for (const blockSize of [1, 262144]) {
    for (const size of [0, 1, 255, 256, 257, 65535, 65536, 65537, 65792, 131072, 131073, 500000]) {
      for (const detail of [7n, 2n ** 40n]) {
        const body = bytes(size);
        const { items, verdict } = read(writeSample({ blockSize }, (writer) => {
          const sequence = writer.event({ kind: 'lower', subject: 0, detail, payload: body });
          const pieces = BigInt(Math.max(1, Math.ceil(size / 65536)));
          assert.equal(writer.nextSequence, sequence + pieces);
        }));
        assert.equal(verdict.message, 'ok');
        const { event } = items.at(-1);
        assert.equal(event.detail, detail);
        assert.equal(Buffer.compare(event.payload, body), 0);
      }
    }
  }
});

test('time deltas around the prefix', () => {
  for (const delta of [0n, 1n, 65535n, 65536n, 2n ** 40n]) {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, INFO);
    writer.event({ kind: 'marker', time: 3n });
    writer.event({ kind: 'marker', time: 3n + delta });
    writer.finish();
    assert.deepEqual(read(sink.bytes()).items.slice(1).map(({ event }) => event.time), [3n, 3n + delta]);
  }
});

test('index frames every 4096 blocks', () => {
  for (const [count, frames] of [[4095, 1], [4096, 1], [4097, 2], [8193, 3]]) {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, { ...INFO, clock: 'none', clock_unit: 0 }, { blockSize: 1, level: 0 });
    for (let i = 0; i < count; i++) writer.event({ kind: 'marker' });
    writer.finish();
    const { items, verdict } = read(sink.bytes());
    assert.equal(verdict.message, 'ok');
    assert.equal(items.length, count + 1);
    const trace = Buffer.from(sink.bytes());
    let indexes = 0;
    for (let at = 32; at < trace.length; at += (32 + trace.readUInt32LE(at + 8) + 7) & ~7) indexes += trace[at + 4] === 6;
    assert.equal(indexes, frames);
  }
});

test('a repeated definition is passed over, another one under its id refused', () => {
  const again = (value) => writeSample({}, (writer) => writer.define('memory', value));
  assert.deepEqual(read(again({ id: 0, instance: 0, export_name: 'memory', index_type: 'i64' })).verdict.verdict, 'ok');
  assert.throws(() => again({ id: 0, instance: 0 }), /expected memory 0 repeated as it was, found another content/);
});

test('lines that are not canonical are refused', () => {
  const [info] = jsonOf(writeSample());
  const event = '{"event":{"sequence":"7","kind":"lower","flags":["snapshot"],"time":"0","subject":0,"detail":"1048560","payload":"2a000000"}}';
  assert.equal(toJson(fromJson(event)), event);
  for (const [line, from, to] of [
    [event, '"flags":["snapshot"],', ''],
    [event, '"time":"0"', '"time":0'],
    [event, '"time":"0"', '"time":"00"'],
    [event, '"time":"0"', '"time":"18446744073709551616"'],
    [event, '"subject":0', '"subject":-1'],
    [event, '"subject":0', '"subject":0.5'],
    [event, '"subject":0', '"subject":0,"subject":0'],
    [event, '"subject":0', '"subject":0,"more":1'],
    [event, '"lower"', '"lowered"'],
    [event, '"lower"', '11'],
    [event, '"lower"', '128'],
    [event, '"snapshot"', '"continued"'],
    [event, '"snapshot"', '"snapshot","redacted"'],
    [event, '2a000000', '2A000000'],
    [event, '2a000000', '2a0'],
    [event, '{"event"', ' {"event"'],
    [event, '{"event"', '{"events"'],
    [info, '"sample"', '"\\ud800"'],
    [info, '"sample"', '"\\u0073ample"'],
    [info, '"abi"', '"abi_"'],
    [info, '"per_event"', '3'],
    [info, '"replayable":false', '"replayable":0'],
    [info, '"table_limit":"0",', ''],
  ]) {
    assert.ok(line.includes(from));
    assert.throws(() => fromJson(line.replace(from, to)), { name: 'Fault', verdict: 'invalid' }, to);
  }
});

test('values with a wrong member are refused, and change nothing', () => {
  const trace = writeSample({}, (writer) => {
    assert.throws(() => writer.define('memory', { id: 1, instance: 0, pages: 1 }), { verdict: 'invalid' });
    assert.throws(() => writer.define('memory', { id: 2, instance: 0 }), { verdict: 'invalid' });
    assert.throws(() => writer.event({ kind: 'lower', subject: 1 }), { verdict: 'invalid' });
    assert.throws(() => writer.event({ kind: 'lower', subject: 0, time: 5n }), { verdict: 'invalid' });
    assert.throws(() => writer.event({ kind: 'lower', flags: ['hashed'], payload: bytes(16) }), { verdict: 'invalid' });
    assert.throws(() => writer.event({ kind: 'export_enter', payload: bytes(3) }), { verdict: 'invalid' });
  });
  assert.deepEqual(jsonOf(trace), jsonOf(writeSample()));
});

test('a writer whose sink failed writes no end', () => {
  let left = 3;
  const parts = [];
  const sink = { write: (part) => { if (left-- === 0) throw new Error('disk full'); parts.push(part.slice()); } };
  const writer = new TraceWriter(sink, INFO);
  writer.event({ kind: 'marker' });
  writer.flush();
  writer.event({ kind: 'marker' });
  assert.throws(() => writer.flush(), /disk full/);
  assert.throws(() => writer.finish(), /failed/);
  const { items, verdict } = read(Buffer.concat(parts));
  assert.deepEqual([items.length, verdict.verdict], [2, 'truncated']);
});
