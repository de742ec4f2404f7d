#!/usr/bin/env node
// What the mutation tests read: copies of valid traces, and the verdict of each damaged form.
//
//   node conformance/runner/mutation-inputs.mjs OUT VECTORS [TRACES]
//
// VECTORS is what make-vectors.mjs wrote, TRACES a folder of *.xing. OUT/NAME.expected has a line
// `offset cut-verdict change-verdict frame` for every byte of a trace of up to 16 KiB; of a larger
// one for the bytes of headers, the first and last of each frame, and 4,096 others that follow from
// a seed (fewer where a trace takes long to decode). `frame` is the offset of the frame of the byte.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expectedVerdicts, loadRules } from './expected-verdict.mjs';

const WHOLE = 16 * 1024;
const SOME = 4096;
const LONG = 1 << 20; // decoded bytes from which a trace takes long
const FEW = 32;
const HEADER = 32;

const [out, vectors, traces] = process.argv.slice(2);
if (!vectors) {
  process.stderr.write('usage: mutation-inputs.mjs OUT VECTORS [TRACES]\n');
  process.exit(2);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const rules = loadRules();
const index = JSON.parse(readFileSync(join(vectors, 'index.json'), 'utf8'));
const paths = index.filter((vector) => vector.class === 'valid').map(({ name }) => join(vectors, `${name}.xing`));
if (traces) paths.push(...readdirSync(traces).filter((name) => name.endsWith('.xing')).sort().map((name) => join(traces, name)));

let positions = 0;
for (const path of paths) {
  const bytes = readFileSync(path);
  const frames = [];
  let decoded = 0;
  for (let at = HEADER; at < bytes.length;) {
    const stored = bytes.readUInt32LE(at + 8);
    decoded += bytes.readUInt32LE(at + 12);
    frames.push({ at, end: at + HEADER + stored + (-stored & 7) });
    at = frames.at(-1).end;
  }
  const wanted = decoded > LONG || frames.length > 1000 ? sample(bytes, frames, FEW, true)
    : bytes.length > WHOLE ? sample(bytes, frames, SOME, false) : null;
  const lines = [];
  let at = 0;
  let frame = 0;
  for (const { cut, changed } of expectedVerdicts(bytes, rules)) {
    while (frame < frames.length && at >= frames[frame].end) frame++;
    if (!wanted || wanted.has(at)) lines.push(`${at} ${cut} ${changed} ${at < HEADER ? 0 : frames[frame].at}\n`);
    at++;
  }
  if (at !== bytes.length) throw new Error(`${path}: ${at} bytes have a verdict, ${bytes.length} are there`);
  positions += lines.length;
  copyFileSync(path, join(out, basename(path)));
  writeFileSync(join(out, basename(path).replace(/\.xing$/, '.expected')), lines.join(''));
}
process.stdout.write(`${paths.length} traces, ${positions} positions, ${paths.reduce((sum, path) => sum + statSync(path).size, 0)} bytes\n`);

/** Positions of a large trace; `few`: of boundaries only the first of each frame, and not all. */
function sample(bytes, frames, count, few) {
  const chosen = new Set();
  const step = few ? Math.ceil(frames.length / count) : 1;
  frames.forEach(({ at, end }, i) => {
    if (few) {
      if (i % step === 0) chosen.add(at).add(at + HEADER).add(end - 1);
      return;
    }
    for (let byte = at; byte < at + HEADER; byte++) chosen.add(byte);
    chosen.add(Math.min(at + HEADER, end - 1)).add(end - 1);
  });
  if (!few) for (let byte = 0; byte < HEADER; byte++) chosen.add(byte);
  let state = bytes.length;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chosen.add(state % bytes.length);
  }
  return chosen;
}
