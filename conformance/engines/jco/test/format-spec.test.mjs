// What is copied from the pages of the specification is what they say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_CODES, LIMITS, SCHEMA, fromJson, toJson } from '../src/format/index.js';
import { EVENT_KINDS, bodyFlagNames } from '../src/format/event_kinds.js';
import { FRAME_KINDS } from '../src/format/frame.js';
import { decodePreamble, encodePreamble } from '../src/format/preamble.js';

const page = (name) => readFileSync(new URL(`../../../../spec/${name}.md`, import.meta.url), 'utf8');

/** Rows of the table whose first heading is this, as cells without code marks. */
function rows(text, heading) {
  const lines = text.slice(text.indexOf(`\n| ${heading} |`) + 1).split('\n');
  return lines.slice(2, lines.findIndex((line) => !line.startsWith('|')))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')));
}

test('limits.md', () => {
  const expected = Object.fromEntries(rows(page('limits'), 'name').map(([name, value]) => [name, Number(value)]));
  assert.deepEqual({ ...LIMITS }, expected);
});

test('the kinds of frames of container.md', () => {
  const expected = rows(page('container'), 'kind').filter(([, number]) => /^\d+$/.test(number))
    .map(([name, number, skippable]) => [name, { number: Number(number), skippable: skippable === 'yes' }]);
  assert.deepEqual(Object.entries(FRAME_KINDS), expected);
});

test('the kinds of events of events.md', () => {
  const text = page('events');
  const expected = rows(text.slice(text.indexOf('\n## Kinds')), 'kind');
  assert.deepEqual(expected.map(([name, number]) => [name, Number(number)]), [...EVENT_KINDS.values()].map(({ name, number }) => [name, number]));
  for (const [name, number, subject, detail, body, flags] of expected) {
    const kind = EVENT_KINDS.get(Number(number));
    const subjects = { 'function, or none': 'function or none', 'memory or core table': 'memory or table', 0: 'zero' };
    const details = { 0: 'zero', '0 memory, 1 table': 'memory or table', 'size of the namespace': 'namespace size' };
    const bodies = {
      '–': 'empty', 'flat parameters': 'params', 'flat results': 'results', 'flat result': 'results', 'the bytes': 'bytes', 'u32 state': 'state',
      'TrapPayload, message': 'trap', CopyPayload: 'copy', GrowPayload: 'grow', GapPayload: 'gap', HashPayload: 'hash', 'namespace, then bytes': 'marker',
    };
    assert.equal(kind.subject, subjects[subject] ?? subject, name);
    assert.equal(kind.detail, details[detail] ?? detail, name);
    assert.equal(kind.body, bodies[body], name);
    const order = [...SCHEMA.enums.EventFlags.numbers.keys()];
    const names = flags.split(' ').filter(Boolean).sort((a, b) => order.indexOf(a) - order.indexOf(b));
    assert.deepEqual(bodyFlagNames(kind.flags), names, name);
  }
});

test('the exit codes of verdicts.md', () => {
  const rule = /\[VERDICT-05\][^]*?\n\n/.exec(page('verdicts'))[0];
  for (const [verdict, code] of Object.entries(EXIT_CODES)) assert.match(rule, new RegExp(`\\b${code}\\s+\`${verdict}\``));
});

test('the example of json.md', () => {
  const [, line] = /```json\n(.*)\n```/.exec(page('json'));
  assert.equal(toJson(fromJson(line)), line);
});

test('the example of a preamble in container.md', () => {
  const [, text] = /```hex preamble\n([^]*?)```/.exec(page('container'));
  const bytes = new Uint8Array(Buffer.from(text.replace(/#.*$/gm, '').replace(/\s/g, ''), 'hex'));
  assert.equal(decodePreamble(bytes), 0x1122334455667788n);
  assert.deepEqual(encodePreamble(0x1122334455667788n), bytes);
});

test('a struct has the size that the schema compiler gives it', () => {
  const sizes = Object.fromEntries(Object.values(SCHEMA.structs).map(({ name, size }) => [name, size]));
  assert.deepEqual(sizes, {
    Event: 16, OpenCall: 24, TrapPayload: 8, CopyPayload: 8, GrowPayload: 16, GapPayload: 8, HashPayload: 16, IndexEntry: 32, End: 24,
  });
});

test('ids of table fields stand in their order', () => {
  for (const { fields } of Object.values(SCHEMA.tables)) fields.forEach(({ id }, i) => assert.equal(id, i));
});
