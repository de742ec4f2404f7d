import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrace, toJson } from '../engines/jco/src/format/index.js';
import { blocks, example } from './spec-examples.mjs';

test('the examples of the specification are one trace, with the JSON that json.md shows', () => { // [FRAME-12]
  const { bytes, json } = example();
  const lines = [];
  for (const item of readTrace(new Uint8Array(bytes))) {
    if (item.verdict === undefined) lines.push(`${toJson(item)}\n`);
    else assert.equal(item.verdict, 'ok', item.message);
  }
  assert.equal(lines.join(''), json);
});

test('each part is cut where a frame begins', () => {
  const { parts } = example();
  assert.ok(parts.length >= 7);
  for (const { at, bytes, page, line } of parts.slice(1)) {
    const stored = bytes.readUInt32LE(8);
    assert.equal(bytes.length, 32 + stored + (-stored & 7), `spec/${page}:${line}`);
    assert.equal(bytes.toString('hex', 0, 4), 'f558460a', `spec/${page}:${line}`);
    assert.equal(at % 8, 0);
  }
});

test('every hexadecimal digit of the pages is commented', () => {
  for (const { language, page, line, text } of blocks()) {
    if (language !== 'hex') continue;
    assert.ok(text[0].includes('#'), `spec/${page}:${line}`);
  }
});
