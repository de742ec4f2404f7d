// Each number of spec/limits.md at N−1, N and N+1: the reader judges, the writer refuses. // [LIMIT-01]
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Builder } from 'flatbuffers';
import { encodeFlatBuffer } from '../src/format/flatbuffer_encode.js';
import { LIMITS, MemorySink, SCHEMA, TraceWriter } from '../src/format/index.js';
import { normalize } from '../src/format/values.js';
import { DEFINITIONS, batch, bodyOf, event, forge, read } from './support/forge.mjs';
import { INFO } from './support/sample.mjs';

const TABLES = SCHEMA.tables;
const zeros = (size) => new Uint8Array(size);
const around = (limit) => [[limit - 1, 'ok'], [limit, 'ok'], [limit + 1, 'limit']];

function reads(name, limit, make, options) {
  test(`a reader's ${name}`, () => {
    for (const [n, expected] of around(limit)) {
      const { verdict } = read(make(n), options);
      assert.equal(verdict.verdict, expected, `${n}: ${verdict.message}`);
    }
  });
}

function writes(name, limit, write) {
  test(`a writer's ${name}`, () => {
    for (const [n, expected] of around(limit)) {
      const sink = new MemorySink();
      const attempt = () => {
        const writer = new TraceWriter(sink, { ...INFO, clock: 'none', clock_unit: 0 }, { blockMs: Infinity });
        write(writer, n);
        writer.finish();
      };
      if (expected === 'ok') {
        attempt();
        assert.equal(read(sink.bytes()).verdict.message, 'ok');
      } else {
        assert.throws(attempt, { name: 'Fault', verdict: 'limit' });
      }
    }
  });
}

const component = { id: 0, digest: zeros(32) };
const base = (writer) => {
  writer.define('component', component);
  writer.define('instance', { id: 0, component: 0 });
};

writes('string_size', LIMITS.string_size, (writer, n) => writer.define('component', { ...component, name: 'x'.repeat(n) }));
writes('string_size of two-byte characters', LIMITS.string_size / 2, (writer, n) => writer.define('component', { ...component, name: 'é'.repeat(n) }));
writes('core_signature', LIMITS.core_signature, (writer, n) => {
  base(writer);
  writer.define('function', { id: 0, instance: 0, core_results: Array(n).fill('i32') });
});
writes('type_depth', LIMITS.type_depth, (writer, n) => {
  for (let id = 0; id < n; id++) writer.define('type', id === 0 ? { id, kind: 'u8' } : { id, kind: 'list', element: id - 1 });
});
writes('definitions', LIMITS.definitions, (writer, n) => {
  for (let id = 0; id < n; id++) writer.define('type', { id, kind: 'u8' });
});
writes('open_calls', LIMITS.open_calls, (writer, n) => {
  base(writer);
  writer.define('function', { id: 0, instance: 0, role: 'import' });
  for (let i = 0; i < n; i++) writer.event({ kind: 'import_call' });
});
writes('attachments', LIMITS.attachments, (writer, n) => {
  for (let i = 0; i < n; i++) writer.attach('', zeros(0));
});
test("a writer's attachment_size", () => {
  // The first piece declares it; the rest would be 4 GiB.
  for (const [n, expected] of around(LIMITS.attachment_size)) {
    const writer = new TraceWriter(new MemorySink(), INFO);
    const attempt = () => writer.attachPiece({ id: 0, total_size: n, bytes: zeros(LIMITS.attachment_piece_size) });
    if (expected === 'ok') attempt();
    else assert.throws(attempt, { verdict: 'limit' });
  }
});

reads('string_size', LIMITS.string_size, (n) => {
  const value = normalize(TABLES.Definitions, { components: [component] });
  value.components[0].name = 'x'.repeat(n);
  return forge([['definitions', encodeFlatBuffer(TABLES.Definitions, value)]], { definitionCount: 1 });
});
reads('frame_decoded_size', LIMITS.frame_decoded_size, (n) => {
  // An unknown skippable frame, which is passed over.
  const body = zeros(Math.min(n, LIMITS.frame_decoded_size));
  return forge([['attachment', body, (view) => {
    view.setUint8(4, 200);
    if (n > body.length) { view.setUint32(8, n, true); view.setUint32(12, n, true); }
  }]]);
});
reads('type_depth', LIMITS.type_depth, (n) => forge([['definitions', {
  types: Array.from({ length: n }, (_, id) => (id === 0 ? { id, kind: 'u8' } : { id, kind: 'list', element: id - 1 })),
}]]));
reads('core_signature', LIMITS.core_signature, (n) => forge([['definitions', {
  ...DEFINITIONS, functions: [{ id: 0, instance: 0, core_params: Array(n).fill('i32') }],
}]]));
reads('definitions', LIMITS.definitions, (n) => forge([['definitions', {
  types: Array.from({ length: n }, (_, id) => ({ id, kind: 'u8' })),
}]]));
reads('open_calls', LIMITS.open_calls, (n) => forge([
  ['definitions', DEFINITIONS],
  ['events', batch(Array.from({ length: n }, () => event('export_call')))],
  ['events', batch([event('marker')], {
    base_sequence: n,
    open_calls: Array.from({ length: n }, (_, i) => ({ event: i, thread: 0, subject: 0, call: 0, kind: 3 })),
  })],
]));
reads('attachments', LIMITS.attachments, (n) => forge(Array.from({ length: n }, (_, id) => ['attachment', { id, bytes: zeros(0) }])));
reads('piece_size', LIMITS.piece_size, (n) => forge([
  ['bulk', zeros(n)], ['events', batch([event('marker', { payload_size: n })], { bulk_size: n })],
]));

// FlatBuffers in which many offsets lead to one place: it counts each time.
function sharing(build) {
  const builder = new Builder();
  const put = (table, members) => {
    builder.startObject(table.fields.length);
    for (const [name, [add, value]] of Object.entries(members)) {
      builder[add](table.fields.find((field) => field.name === name).id, value, null);
    }
    return builder.endObject();
  };
  const vector = (offsets) => {
    builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed?.() ?? [...offsets].reverse()) builder.addOffset(offset);
    return builder.endVector();
  };
  builder.finish(put(TABLES.Definitions, { types: ['addFieldOffset', vector(build(builder, put, vector))] }));
  return forge([['definitions', builder.asUint8Array()]], { definitionCount: 2 });
}

const TUPLE = SCHEMA.enums.TypeKind.numbers.get('tuple');

reads('body_tables', LIMITS.body_tables, (n) => sharing((builder, put, vector) => {
  const member = put(TABLES.Member, { type: ['addFieldInt32', 0] });
  const members = vector(Array(n - 3).fill(member)); // the root and two types are tables too
  return [put(TABLES.Type, {}), put(TABLES.Type, { id: ['addFieldInt32', 1], kind: ['addFieldInt8', TUPLE], members: ['addFieldOffset', members] })];
}));
reads('body_text', LIMITS.body_text, (n) => sharing((builder, put) => {
  const long = put(TABLES.Type, { name: ['addFieldOffset', builder.createString('x'.repeat(65535))] });
  const rest = builder.createString('x'.repeat(n - 256 * 65535));
  return [...Array(256).fill(long), put(TABLES.Type, { id: ['addFieldInt32', 1], name: ['addFieldOffset', rest] })];
}));

test("a reader's payload_size", () => {
  for (const [n, expected] of around(LIMITS.payload_size)) {
    const { verdict } = read(forge([
      ['bulk', zeros(65536)],
      ['events', batch([event('marker', { flags: 1, payload_size: 65536 })], { bulk_size: 65536, payloads: new Uint8Array(new BigUint64Array([BigInt(n)]).buffer) })],
    ], { finish: false }));
    assert.equal(verdict.verdict, expected === 'ok' ? 'truncated' : 'limit', verdict.message);
  }
});

test("a reader's definition_bytes", () => {
  const body = bodyOf('definitions', { types: [{ id: 0, kind: 'u8', name: 'x'.repeat(65000) }] });
  const whole = Math.floor(LIMITS.definition_bytes / body.length);
  const rest = LIMITS.definition_bytes - whole * body.length;
  const empty = bodyOf('definitions', {});
  for (const [n, expected] of around(rest)) {
    // Bytes that the FlatBuffer does not refer to belong to the body too.
    const filled = Uint8Array.from([...empty, ...zeros(n - empty.length)]);
    const { verdict } = read(forge([...Array(whole).fill(['definitions', body]), ['definitions', filled]], { definitionCount: 1 }));
    assert.equal(verdict.verdict, expected, verdict.message);
  }
});
