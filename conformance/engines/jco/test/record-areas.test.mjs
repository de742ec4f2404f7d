import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Areas } from '../src/record-areas.js';

const list = (areas) => Array.from({ length: areas.count }, (_, i) => [areas.start(i), areas.end(i)]);

test('areas stay in ascending order, whatever order they come in', () => {
  const areas = new Areas();
  areas.add(100, 110);
  areas.add(300, 310);
  areas.add(200, 210);
  areas.add(50, 50);
  areas.add(10, 20);
  assert.deepEqual(list(areas), [[10, 20], [100, 110], [200, 210], [300, 310]]);
});

test('what a new block overlaps comes out whole, and what it leaves stays', () => {
  const areas = new Areas();
  areas.add(100, 200);
  areas.add(200, 250);
  assert.deepEqual(areas.take(150, 220), [[100, 200], [200, 250]]);
  assert.deepEqual(list(areas), [[100, 150], [220, 250]]);
  areas.add(150, 220);
  assert.deepEqual(list(areas), [[100, 150], [150, 220], [220, 250]]);
});

test('a block inside an area leaves both sides', () => {
  const areas = new Areas();
  areas.add(100, 200);
  assert.deepEqual(areas.take(120, 130), [[100, 200]]);
  assert.deepEqual(list(areas), [[100, 120], [130, 200]]);
});

test('touching is not overlapping, and empty overlaps nothing', () => {
  const areas = new Areas();
  areas.add(100, 200);
  assert.deepEqual(areas.take(200, 300), []);
  assert.deepEqual(areas.take(0, 100), []);
  assert.deepEqual(areas.take(150, 150), []);
  assert.deepEqual(list(areas), [[100, 200]]);
});

test('thirty thousand blocks in random order', () => {
  const areas = new Areas();
  let seed = 1;
  const starts = Array.from({ length: 30000 }, (_, i) => i * 16);
  for (let i = starts.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = seed % (i + 1);
    [starts[i], starts[j]] = [starts[j], starts[i]];
  }
  for (const start of starts) {
    assert.equal(areas.take(start, start + 16).length, 0);
    areas.add(start, start + 16);
  }
  assert.equal(areas.count, 30000);
});
