// Every cut and every changed byte, read by the JavaScript implementation. CROSSING_MUTATION is the
// folder that mutation-inputs.mjs made; CROSSING_MUTATION_PART is `i/n`: each n-th trace from i on.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrace } from '../engines/jco/src/format/index.js';

const folder = process.env.CROSSING_MUTATION;
if (!folder) throw new Error('CROSSING_MUTATION names no folder of traces');
const [part, parts] = (process.env.CROSSING_MUTATION_PART ?? '0/1').split('/').map(Number);
const names = readdirSync(folder).filter((name) => name.endsWith('.xing')).sort().filter((_, i) => i % parts === part);
assert.ok(names.length > 0);

function read(bytes) {
  let items = 0;
  for (const item of readTrace(bytes)) {
    if (item.verdict !== undefined) return { verdict: item.verdict, message: item.message, items };
    items++;
  }
  throw new Error('no verdict');
}

/** Items given when the frames before `offset` are read, by that offset. */
function frameItems(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boundaries = [32];
  for (let at = 32; at < bytes.length;) {
    const stored = view.getUint32(at + 8, true);
    at += 32 + stored + (-stored & 7);
    boundaries.push(at);
  }
  // Of very many frames, some.
  const step = Math.ceil(boundaries.length / 200);
  return boundaries.filter((_, i) => i % step === 0 || i === boundaries.length - 1)
    .map((at) => ({ at, items: read(bytes.subarray(0, at)).items }));
}

for (const name of names) {
  test(name, () => { // [VERDICT-01] [VERDICT-02] [VERDICT-04] [REC-01]
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    assert.equal(read(bytes).verdict, 'ok');
    const known = frameItems(bytes);
    const itemsAt = (offset) => known.findLast(({ at }) => at <= offset)?.items ?? 0;
    const lines = readFileSync(join(folder, name.replace(/\.xing$/, '.expected')), 'utf8').trimEnd().split('\n');
    for (const line of lines) {
      const [offset, cutVerdict, changedVerdict, frame] = line.split(' ');
      const at = Number(offset);
      const cut = read(bytes.subarray(0, at));
      assert.equal(cut.verdict, cutVerdict, `cut before ${at}: ${cut.message}`);
      assert.ok(cut.items >= itemsAt(at), `cut before ${at}: ${cut.items} items, ${itemsAt(at)} are in the whole frames before`);
      const original = bytes[at];
      for (const value of new Set([original ^ 1, 0x00, 0xff])) {
        if (value === original) continue;
        bytes[at] = value;
        const changed = read(bytes);
        assert.equal(changed.verdict, changedVerdict, `byte ${at} is ${value}, was ${original}: ${changed.message}`);
        assert.ok(changed.items >= itemsAt(Number(frame)), `byte ${at} changed: ${changed.items} items`);
      }
      bytes[at] = original;
    }
  });
}
