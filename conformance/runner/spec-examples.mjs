#!/usr/bin/env node
// The hexadecimal examples of spec/. A block
//
//   ```hex trace_info at=0x20
//
// is a part of one whole trace, that of ../cases/example.json: all of them, put together in the
// order of their offsets, are a file that is `ok`, and its canonical JSON is the block
// `jsonl example` of json.md. `#` begins a comment. Tests decode them with both implementations.
//
//   node conformance/runner/spec-examples.mjs OUT      writes what the pages say: OUT.xing, OUT.jsonl
//   node conformance/runner/spec-examples.mjs --write  makes the blocks anew, in place

import { readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SPEC = new URL('../../spec/', import.meta.url);

/** Every fenced block of the pages whose info string begins with `hex` or `jsonl`. */
export function blocks(folder = SPEC) {
  const found = [];
  for (const page of readdirSync(folder).filter((name) => name.endsWith('.md')).sort()) {
    const lines = readFileSync(new URL(page, folder), 'utf8').split('\n');
    for (let i = 0; i < lines.length; i++) {
      const [, info] = /^```((?:hex|jsonl)\b.*)$/.exec(lines[i]) ?? [];
      if (info === undefined) continue;
      const end = lines.indexOf('```', i + 1);
      if (end < 0) throw new Error(`spec/${page}:${i + 1}: a block without an end`);
      const [language, name, ...words] = info.split(' ');
      found.push({ page, line: i + 1, language, name, ...Object.fromEntries(words.map((word) => word.split('='))), text: lines.slice(i + 1, end) });
      i = end;
    }
  }
  return found;
}

/** The bytes of a block's lines. */
export function hexBytes(text) {
  const digits = text.map((line) => line.replace(/#.*/, '').replace(/\s/g, '')).join('');
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error('other than pairs of lower-case hexadecimal digits');
  return Buffer.from(digits, 'hex');
}

/** The example: its parts in order, each where it says, and the JSON of the whole. */
export function example(found = blocks()) {
  const parts = found.filter(({ language }) => language === 'hex').map((block) => {
    if (!block.name) throw new Error(`spec/${block.page}:${block.line}: hex is not \`hex NAME at=OFFSET\``);
    return { ...block, at: Number(block.at ?? 0), bytes: hexBytes(block.text) };
  }).sort((a, b) => a.at - b.at);
  let at = 0;
  for (const part of parts) {
    if (part.at !== at) throw new Error(`spec/${part.page}:${part.line}: expected the next part at 0x${at.toString(16)}, found one at 0x${part.at.toString(16)}`);
    at += part.bytes.length;
  }
  const json = found.filter(({ language, name }) => language === 'jsonl' && name === 'example');
  if (json.length !== 1) throw new Error(`expected one block \`jsonl example\`, found ${json.length}`);
  return { bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), parts, json: json[0].text.map((line) => `${line}\n`).join('') };
}

async function make() {
  const { buildTrace, schema } = await import('./lib/build.mjs');
  const { annotateFrame, annotatePreamble } = await import('./lib/annotate.mjs');
  const source = JSON.parse(readFileSync(new URL('../cases/example/example.json', import.meta.url), 'utf8'));
  const { bytes, frames } = buildTrace(source);
  const made = new Map([['preamble', { at: 0, text: annotatePreamble(bytes) }]]);
  for (const { label, offset, size } of frames) made.set(label, { at: offset, text: annotateFrame(schema, bytes.subarray(offset, offset + size)) });
  const json = frames.flatMap(({ lines }) => lines);
  for (const page of readdirSync(SPEC).filter((name) => name.endsWith('.md'))) {
    const before = readFileSync(new URL(page, SPEC), 'utf8');
    const after = before.replace(/^```(?:hex (\w+).*|jsonl example)\n[^]*?^```$/gm, (_, frame) => {
      if (!frame) return `\`\`\`jsonl example\n${json.join('\n')}\n\`\`\``;
      const { at, text } = made.get(frame);
      return `\`\`\`hex ${frame}${at === 0 ? '' : ` at=0x${at.toString(16)}`}\n${text.join('\n')}\n\`\`\``;
    });
    if (after !== before) writeFileSync(new URL(page, SPEC), after);
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [out] = process.argv.slice(2);
  if (out === '--write') {
    await make();
  } else if (out && process.argv.length === 3) {
    const { bytes, json } = example();
    writeFileSync(`${out}.xing`, bytes);
    writeFileSync(`${out}.jsonl`, json);
  } else {
    process.stderr.write('usage: spec-examples.mjs OUT, or --write\n');
    process.exitCode = 2;
  }
}
