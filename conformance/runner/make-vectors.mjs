#!/usr/bin/env node
// Makes the conformance vectors of the cases in ../cases.
//
//   node conformance/runner/make-vectors.mjs OUT [--verify] [--list]
//
// OUT/NAME.xing is a vector, OUT/NAME.jsonl the canonical JSON that has to be readable of it, and
// OUT/index.json lists all. `--verify` writes nothing and reports vectors in OUT that are
// outdated, missing or unexpected. `--list` prints how many cases there are.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLASSES, loadCases, makeVector } from './lib/cases.mjs';

const args = process.argv.slice(2);
const take = (name) => args.includes(name) && args.splice(args.indexOf(name), 1).length > 0;
const verify = take('--verify');
const list = take('--list');
if (args.length !== (list ? 0 : 1)) {
  process.stderr.write('usage: make-vectors.mjs OUT [--verify], or --list\n');
  process.exit(2);
}

const cases = loadCases();
if (list) {
  for (const name of CLASSES) process.stdout.write(`${name} ${cases.filter((one) => one.class === name).length}\n`);
  process.stdout.write(`rules ${new Set(cases.flatMap(({ rules }) => rules)).size}\n`);
  process.exit(0);
}

const [out] = args;
const files = new Map();
const index = [];
for (const one of cases) {
  const { bytes, frames, lines } = makeVector(one);
  files.set(`${one.name}.xing`, Buffer.from(bytes));
  files.set(`${one.name}.jsonl`, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  index.push({
    name: one.name, class: one.class, rules: one.rules, verdict: one.verdict,
    exit: one.recover?.exit ?? null, frames: frames.map(({ offset, size }) => [offset, size]),
  });
}
files.set('index.json', Buffer.from(`[\n${index.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`));

const there = existsSync(out) ? readdirSync(out) : [];
if (verify) {
  const problems = [];
  for (const [name, bytes] of files) {
    if (!there.includes(name)) problems.push(`missing: ${name}`);
    else if (!readFileSync(join(out, name)).equals(bytes)) problems.push(`outdated: ${name}`);
  }
  for (const name of there) if (!files.has(name)) problems.push(`unexpected: ${name}`);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length === 0) process.stdout.write(`${index.length} vectors are as their cases say\n`);
  process.exit(problems.length > 0 ? 1 : 0);
}
mkdirSync(out, { recursive: true });
for (const name of there) if (!files.has(name) && /\.(xing|jsonl)$/.test(name)) rmSync(join(out, name));
for (const [name, bytes] of files) writeFileSync(join(out, name), bytes);
process.stdout.write(`${index.length} vectors\n`);
