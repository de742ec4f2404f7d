import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Merge } from '../src/instrumented-merge.js';

// Function 0: an import of A served by B's export 1, whose post-return is 2. 3: A's realloc.
const none = { post_return: 0xffffffff };
const FUNCTIONS = [
  { role: 'import', options: none }, { role: 'export', options: { post_return: 2 } },
  { role: 'post_return', options: none }, { role: 'realloc', options: none },
];
const event = (kind, subject = 0) => ({ kind, subject });
const A = 0;
const B = 1;

function merged(...pieces) {
  const seen = [];
  const merge = new Merge(FUNCTIONS, ({ kind, subject }) => seen.push(`${kind} ${subject}`));
  for (const [recorder, ...events] of pieces) merge.add(recorder, events);
  const before = seen.length;
  merge.finish();
  return { seen, before };
}

const call = [event('export_call', 1), event('export_enter', 1), event('export_result', 1)];
const cleanup = [event('export_call', 2), event('export_enter', 2), event('export_result', 2)];

test('[SINK-09] a post-return goes between the caller\'s reallocs and what was lowered', () => {
  const { seen, before } = merged(
    [A, event('import_call')],
    [B, ...call],
    [A, event('realloc_call', 3), event('realloc_result', 3), event('lower'), event('import_result'), event('import_call')],
    [B, ...cleanup, ...call],
  );
  assert.deepEqual(seen.slice(4, 12), [
    'realloc_call 3', 'realloc_result 3', 'export_call 2', 'export_enter 2', 'export_result 2', 'lower 0', 'import_result 0', 'import_call 0',
  ]);
  assert.equal(before, 15); // the last result too: what it is owed comes behind it
});

test('[SINK-09] called by the host, it goes right behind the result', () => {
  const { seen } = merged([B, ...call], [A, event('export_call', 0)], [B, ...cleanup]);
  assert.deepEqual(seen.slice(2), ['export_result 1', 'export_call 2', 'export_enter 2', 'export_result 2', 'export_call 0']);
});

test('a result without a post-return is owed nothing once its recorder goes on', () => {
  const { seen, before } = merged([B, ...call], [B, ...call.slice(0, 2)]);
  assert.equal(before, 5);
  assert.equal(seen.length, 5);
});

test('what was lifted of a result stands before the post-return, also when it comes in a piece of its own', () => { // [LIFT-02]
  const { seen, before } = merged(
    [A, event('import_call')],
    [B, ...call, event('lift')],
    [B, event('lift'), event('lift')],
    [A, event('realloc_call', 3), event('realloc_result', 3), event('lower'), event('import_result')],
    [B, ...cleanup],
  );
  assert.deepEqual(seen.slice(3), [
    'export_result 1', 'lift 0', 'lift 0', 'lift 0', 'realloc_call 3', 'realloc_result 3',
    'export_call 2', 'export_enter 2', 'export_result 2', 'lower 0', 'import_result 0',
  ]);
  assert.equal(before, seen.length); // nothing is held that is owed nothing
});
