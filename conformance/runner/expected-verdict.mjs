#!/usr/bin/env node
// The verdict of every damaged form of a trace that is `ok`: cut before each byte, and with each
// byte changed. It follows from the tables of spec/container.md and spec/verdicts.md alone; no
// frame is decoded, only the sizes in the headers are read. // [VERDICT-02]
//
//   node conformance/runner/expected-verdict.mjs TRACE
//
// prints one line per byte: `offset cut-verdict change-verdict`.

import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The rules, from the text of the two pages.
 * @returns {{preamble: {offset: number, size: number, changed: string}[],
 *            header: {field: string, offset: number, size: number, changed: string}[],
 *            places: Map<string, {cut: string, changed: string}>}}
 */
export function parseRules(container, verdicts) {
  const preamble = table(section(container, '## Preamble'), 'changed byte gives')
    .map(([offset, size, , changed]) => ({ offset: Number(offset), size: Number(size), changed }));
  const headerSection = section(container, '## Frame header');
  const changed = /Every byte of a header that is changed gives `([\w-]+)`/.exec(headerSection)[1];
  const header = table(headerSection, 'field')
    .map(([offset, size, field]) => ({ field: field.replaceAll('`', ''), offset: Number(offset), size: Number(size), changed }));
  const places = new Map(table(section(verdicts, '## Where a cut or a changed byte shows'), 'byte changed')
    .map(([place, cut, changedByte]) => [place, { cut, changed: changedByte }]));
  return { preamble, header, places };
}

/** The rules of the specification beside this file. */
export function loadRules() {
  const page = (name) => readFileSync(new URL(`../../spec/${name}`, import.meta.url), 'utf8');
  return parseRules(page('container.md'), page('verdicts.md'));
}

/**
 * For each byte of a trace that is `ok`: `{ cut, changed }`, the verdict of the bytes before it,
 * and of the trace in which it has another value.
 * @param {Uint8Array} trace
 */
export function* expectedVerdicts(trace, rules) {
  const { preamble, header, places } = rules;
  const view = new DataView(trace.buffer, trace.byteOffset, trace.byteLength);
  const preambleSize = extent(preamble);
  const headerSize = extent(header);
  const storedSize = header.find(({ field }) => field === 'stored_size').offset;

  yield places.get('first byte of the file');
  for (let at = 1; at < preambleSize; at++) {
    yield { cut: places.get('preamble').cut, changed: fieldAt(preamble, at).changed };
  }
  for (let frame = preambleSize; frame < trace.length;) {
    const body = frame + headerSize;
    const padding = body + view.getUint32(frame + storedSize, true);
    const end = padding + (-padding & 7);
    for (let at = frame; at < body; at++) {
      yield { cut: places.get('frame header').cut, changed: fieldAt(header, at - frame).changed };
    }
    for (let at = body; at < padding; at++) yield places.get('frame body');
    for (let at = padding; at < end; at++) yield places.get('padding');
    frame = end;
  }
}

const extent = (fields) => fields.at(-1).offset + fields.at(-1).size;

const fieldAt = (fields, at) => fields.find(({ offset, size }) => at >= offset && at < offset + size);

/** The text from a heading to the next one of the same level. */
function section(page, heading) {
  const start = page.indexOf(`${heading}\n`);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const end = page.indexOf('\n## ', start);
  return page.slice(start, end < 0 ? undefined : end);
}

/** The rows, as lists of cells, of the first table whose last column has this heading. */
function table(text, lastColumn) {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|') && cells(line).at(-1) === lastColumn);
  if (start < 0) throw new Error(`no table with the column "${lastColumn}"`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? undefined : end).map(cells);
}

const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim());

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.length !== 3) {
    process.stderr.write('usage: expected-verdict.mjs TRACE\n');
    process.exit(2);
  }
  const lines = [];
  for (const { cut, changed } of expectedVerdicts(readFileSync(process.argv[2]), loadRules())) {
    lines.push(`${lines.length} ${cut} ${changed}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
