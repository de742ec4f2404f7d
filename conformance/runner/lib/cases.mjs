// Case files: conformance/cases/README.md says what they hold.

import { readFileSync, readdirSync } from 'node:fs';
import { buildTrace } from './build.mjs';

const FOLDER = new URL('../../cases/', import.meta.url);
export const CLASSES = ['valid', 'not-a-trace', 'truncated', 'corrupt', 'unsupported', 'limit', 'invalid', 'order', 'recover', 'json'];

/** All cases of a folder: what the file says of each, with its source made whole. */
export function loadCases(folder = FOLDER) {
  const read = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  const bases = read('bases.json');
  const cases = [];
  const names = new Set();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'bases.json').sort()) {
    const { base: fileBase, cases: list, ...defaults } = read(file);
    for (const given of list) {
      const one = { ...defaults, ...given, file };
      if (names.has(one.name)) throw new Error(`${file}: ${one.name} is there twice`);
      names.add(one.name);
      const base = one.base ?? fileBase;
      if (!bases[base]) throw new Error(`${file}: ${one.name}: no base ${base}`);
      one.source = change(structuredClone(bases[base]), one);
      one.verdict ??= one.class === 'valid' ? 'ok' : one.class;
      one.class ??= one.verdict === 'ok' ? 'valid' : one.verdict;
      if (!CLASSES.includes(one.class)) throw new Error(`${file}: ${one.name}: no class ${one.class}`);
      one.rules = [one.rule].flat();
      if (one.recover) one.recovered = change(structuredClone(bases[one.recover.base ?? base]), { name: one.name, ...one.recover });
      const rule = /^[A-Z]+-\d\d(?=-|$)/.exec(one.name)?.[0];
      if (one.class !== 'valid' && one.class !== 'recover' && rule !== one.rules[0]) {
        throw new Error(`${file}: ${one.name} has to begin with its rule, ${one.rules[0]}`);
      }
      cases.push(one);
    }
  }
  return cases;
}

/** Applies a case's changes to its base. */
function change(source, { name, set = {}, remove = [], insert = [], move = [], append, cut, bytes, preamble }) {
  const at = (label) => {
    const index = source.frames.findIndex((frame) => (frame.label ?? frame.kind) === label);
    if (index < 0) throw new Error(`${name}: no frame ${label}`);
    return index;
  };
  for (const [path, value] of Object.entries(set)) {
    const [label, ...keys] = path.split('.');
    let target = label === 'preamble' ? (source.preamble ??= {}) : source.frames[at(label)];
    for (const key of keys.slice(0, -1)) {
      if (target[key] === undefined) target[key] = {};
      target = target[key];
    }
    const last = keys.at(-1);
    if (last === '+') target.push(value);
    else if (value === '$remove') Array.isArray(target) ? target.splice(Number(last), 1) : delete target[last];
    else target[last] = value;
  }
  for (const label of remove) source.frames.splice(at(label), 1);
  for (const { before, after, frames } of insert) source.frames.splice(before ? at(before) : at(after) + 1, 0, ...structuredClone(frames));
  for (const { label, before } of move) {
    const [frame] = source.frames.splice(at(label), 1);
    source.frames.splice(at(before), 0, frame);
  }
  return { ...source, preamble: { ...source.preamble, ...preamble }, ...(append !== undefined && { append }), ...(cut !== undefined && { cut }), ...(bytes !== undefined && { bytes }) };
}

/**
 * The vector of a case: its bytes, and the lines of canonical JSON that a decoder has to print:
 * all of them, or at least those of the whole frames before the fault. // [REC-01] [TESTEE-05]
 */
export function makeVector(one) {
  const { bytes, frames } = buildTrace(one.source);
  if (one.class === 'order') return { bytes, frames, lines: frames.flatMap(({ lines }) => lines) };
  if (one.class === 'json') return { bytes, frames, lines: edit(one, frames.flatMap(({ lines }) => lines)) };
  if (one.class === 'recover') return { bytes, frames, lines: buildTrace(one.recovered).frames.flatMap(({ lines }) => lines) };
  const where = one.at ?? faultFrame(one);
  let readable = one.verdict === 'ok' ? frames : [];
  if (one.verdict !== 'ok' && one.cut !== undefined) readable = frames.filter(({ offset, size }) => offset + size <= bytes.length);
  else if (one.verdict !== 'ok' && where !== 'preamble' && one.bytes === undefined) {
    const index = frames.findIndex(({ label }) => label === where);
    if (index < 0) throw new Error(`${one.name}: at ${where}, which is not there`);
    readable = frames.slice(0, index);
  } else if (one.append !== undefined) readable = frames;
  return { bytes, frames, lines: readable.flatMap(({ lines }) => lines) };
}

/** Canonical JSON with a fault: `edit` is [[line, pattern, replacement]…], a line from 1. */
function edit({ name, edit: edits }, lines) {
  for (const [number, pattern, replacement] of edits) {
    const before = lines[number - 1];
    lines[number - 1] = before.replace(new RegExp(pattern, 'u'), replacement);
    if (lines[number - 1] === before) throw new Error(`${name}: ${pattern} is not in line ${number}, ${before}`);
  }
  return lines;
}

function faultFrame({ set = {}, insert = [], append, preamble, move = [] }) {
  if (preamble) return 'preamble';
  if (insert.length > 0) return insert[0].frames[0].label ?? insert[0].frames[0].kind;
  if (move.length > 0) return move[0].label;
  const paths = Object.keys(set);
  if (paths.length > 0) return paths[0].split('.')[0];
  return append !== undefined ? 'end' : 'preamble';
}
