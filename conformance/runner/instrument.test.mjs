// What the rewriter makes of components, judged by the crates of wasm-tools: it is valid, and every
// boundary function in the original's text is wrapped.
//
//   GUESTS=OUTDIR CROSSING=…/crossing node --test instrument.test.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';

const { CROSSING, GUESTS, CROSSING_BUILD } = process.env;
const skip = !GUESTS ? 'GUESTS is not set: the folder that conformance/guests/build.sh filled'
  : !CROSSING ? 'CROSSING is not set: the crossing command' : false;
const work = mkdtempSync(join(tmpdir(), 'crossing-instrument-'));
after(() => rmSync(work, { recursive: true }));
const VALIDATOR = join(GUESTS ?? '', 'tools', 'target', 'debug', 'validator');

const FORMS = [[], ['--single-memory'], ['--lift'], ['--lift', '--single-memory']];
const UNSUPPORTED = 6;

const componentsOf = (folder) => (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith('.wasm')).map((name) => join(folder, name));
const guests = skip ? [] : [...componentsOf(GUESTS), ...componentsOf(join(GUESTS, 'parse-only'))];

/** What the rewriter says, and where what it made is. */
function instrument(component, form = [], out = join(work, 'out.wasm')) {
  const { status, stderr } = spawnSync(CROSSING, ['instrument', ...form, '--force', component, '-o', out], { encoding: 'utf8' });
  return { status, stderr, out };
}

/** By file: `ok`, or why it is not valid. */
function validate(paths) {
  const { stdout } = spawnSync(VALIDATOR, ['validate', ...paths], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, paths.length, 'the validator is there');
  return lines;
}

// Why a guest is not instrumented, word for word. // [INSTR-03]
const REFUSED = {
  'all-builtins': 'instrumenting does not support thread.index',
  'all-types': 'imported components are not supported',
  'core-types': 'imported core modules are not supported',
  'dependency-names': 'imported components are not supported',
  'gc-options': 'canonical option 0x9 is not known',
  memory64: 'instrumenting does not support 64-bit memories',
  options: 'instrumenting does not support "stackful": it is lifted async without a callback',
  'shared-builtins': 'shared and continuation references are not supported',
  values: 'values are not supported',
};

for (const path of guests) {
  const name = basename(path, '.wasm');
  test(`${name}: ${REFUSED[name] ? 'is refused by name' : 'is valid when it is instrumented'}`, { skip }, () => {
    for (const form of FORMS) {
      const { status, stderr, out } = instrument(path, form);
      if (REFUSED[name]) {
        assert.equal(status, UNSUPPORTED);
        assert.ok(stderr.endsWith(`: ${REFUSED[name]}\n`), stderr);
      } else {
        assert.equal(status, 0, stderr);
        assert.deepEqual(validate([path, out]), ['ok', 'ok']);
      }
    }
  });
}

// [INSTR-01], by a count that shares nothing with the component reader.
for (const path of guests) {
  const name = basename(path, '.wasm');
  if (REFUSED[name]) continue;
  test(`${name}: every boundary function in its text is wrapped`, { skip }, () => {
    const text = execFileSync(VALIDATOR, ['print', path], { encoding: 'utf8', maxBuffer: 1 << 28 }).replace(/"(?:\\.|[^"\\])*"/g, '""');
    const count = (pattern) => text.match(pattern)?.length ?? 0;
    const distinct = (pattern) => new Set(text.match(pattern)).size;
    const lowers = count(/\(canon lower /g);
    const lifts = count(/\(canon lift /g);
    assert.equal(instrument(path).stderr.split(' in ')[0],
      `instrumented ${lowers} imports, ${count(/\(canon /g) - lowers - lifts} built-ins, ${lifts} exports, `
      + `${distinct(/\(callback [^)]*\)/g)} callbacks, ${count(/\(realloc /g)} reallocs, `
      + `${distinct(/\(post-return [^)]*\)/g)} post-returns and ${count(/\(dtor /g)} destructors`);
  });
}

test('what is instrumented is refused with a sentence', { skip }, () => { // [INSTR-02]
  const { out } = instrument(join(GUESTS, 'tiny.wasm'));
  const again = instrument(out, [], join(work, 'twice.wasm'));
  assert.equal(again.status, 8);
  assert.match(again.stderr, /found one that imports "crossing:recorder\/sink@0\.1\.0": it records itself already\n$/);
});

// Components nobody thought of: the small guests with bytes changed, as far as they are valid still,
// and what the fuzzer starts from.
test('whatever is valid and taken is valid when it is instrumented', { skip }, () => {
  const inputs = [];
  const put = (bytes) => {
    const path = join(work, `input-${inputs.length}.wasm`);
    writeFileSync(path, bytes);
    inputs.push(path);
  };
  let state = 1;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (const path of guests) {
    const bytes = readFileSync(path);
    if (bytes.length > 16384) continue;
    for (let i = 0; i < 150; i++) {
      const changed = Uint8Array.from(bytes);
      for (let n = random(2); n >= 0; n--) changed[8 + random(bytes.length - 8)] = random(4) ? random(48) : random(256);
      put(changed);
    }
  }
  const seeds = join(`${CROSSING_BUILD}-asan`, 'fuzz', 'seeds', 'instrument');
  if (existsSync(seeds)) for (const name of readdirSync(seeds)) put(readFileSync(join(seeds, name)));
  const verdicts = validate(inputs);
  const valid = inputs.filter((_, index) => verdicts[index] === 'ok');
  const made = [];
  for (const [index, path] of valid.entries()) {
    const { status, stderr, out } = instrument(path, FORMS[index % FORMS.length], join(work, `made-${index}.wasm`));
    if (status === 0) made.push({ path, out });
    else assert.match(stderr, /: (unsupported|limit|invalid) /, stderr);
  }
  const bad = validate(made.map(({ out }) => out)).map((line, index) => ({ line, ...made[index] })).filter(({ line }) => line !== 'ok');
  assert.deepEqual(bad.map(({ line, path }) => `${basename(path)}: ${line}`), []);
  assert.ok(made.length > 200, `${made.length} of ${valid.length} valid ones of ${inputs.length}`);
});
