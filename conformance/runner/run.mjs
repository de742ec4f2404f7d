#!/usr/bin/env node
// Runs the conformance vectors against testees (spec/testee.md), and testees against each other.
//
//   node conformance/runner/run.mjs --testee PATH… --vectors DIR [--traces DIR] [--cases REGEXP]
//       [--junit FILE] [--expected-failures FILE] [--jobs N]
//
// --testee             an executable; repeated for several
// --vectors            what make-vectors.mjs wrote
// --traces             further traces (*.xing) that are `ok`: testees have to agree on them
// --expected-failures  lines `TESTEE CHECK/NAME`, `#` begins a comment; one that passes is a failure
//
// Checks, each a case of the report:
//   decode/NAME   the verdict, and the canonical JSON that has to be readable
//   encode/NAME   decode, then encode, then decode: the same canonical JSON
//   cross/NAME    what one testee encoded, each other decodes to the same canonical JSON
//   agree/NAME    a further trace: all testees print the same
//   json/NAME     canonical JSON with a fault: encode refuses it [JSON-09]
//   check/NAME    a breach of the order of events: check finds it
//   recover/NAME  recover writes what the case says [REC-02]

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const EXIT = { ok: 0, 'not-a-trace': 3, truncated: 4, corrupt: 5, unsupported: 6, limit: 7, invalid: 8 };
const VERDICT = Object.fromEntries(Object.entries(EXIT).map(([name, code]) => [code, name]));

const options = parse(process.argv.slice(2));
const work = mkdtempSync(join(tmpdir(), 'crossing-conformance-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const testees = await Promise.all(options.testees.map(async (path) => {
  const { code, stdout } = await call(path, ['describe']);
  if (code !== 0) throw new Error(`${path} describe: exit code ${code}`);
  return { path, ...JSON.parse(stdout) };
}));
const index = JSON.parse(readFileSync(join(options.vectors, 'index.json'), 'utf8')).filter(({ name }) => new RegExp(options.cases).test(name));
const results = [];
const expected = new Set(options.expectedFailures ? readFileSync(options.expectedFailures, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean) : []);

const can = (testee, command) => testee.capabilities.includes(command);
const jobs = [];
for (const vector of index) {
  if (vector.class === 'json') jobs.push(() => checkJson(vector));
  else if (vector.class === 'order') jobs.push(() => checkOrder(vector));
  else if (vector.class === 'recover') jobs.push(() => checkRecover(vector));
  else jobs.push(() => checkVector(vector));
}
for (const path of options.traces) jobs.push(() => checkTrace(path));
const started = process.hrtime.bigint();
await Promise.all(Array.from({ length: options.jobs }, async () => {
  for (let job = jobs.shift(); job; job = jobs.shift()) await job();
}));
process.exitCode = report();

async function checkVector(vector) {
  const file = join(options.vectors, `${vector.name}.xing`);
  const lines = readFileSync(join(options.vectors, `${vector.name}.jsonl`));
  for (const testee of testees.filter((t) => can(t, 'decode'))) {
    const { code, stdout, stderr } = await call(testee.path, ['decode', file]);
    const verdict = VERDICT[code] ?? `exit code ${code}`;
    record(testee, `decode/${vector.name}`, vector.rules, () => {
      if (verdict !== vector.verdict) return `expected ${vector.verdict}, found ${verdict}: ${stderr}`;
      if (vector.verdict === 'ok' && !stdout.equals(lines)) return difference(lines, stdout);
      if (!stdout.subarray(0, lines.length).equals(lines)) return `before the fault: ${difference(lines, stdout)}`; // [REC-01]
      if (vector.verdict !== 'ok' && !/expected .+ found /s.test(stderr)) return `no sentence with what was expected and found: ${stderr}`; // [VERDICT-03]
      return null;
    });
  }
  if (vector.verdict !== 'ok' || vector.rules.includes('GAP-02')) return;
  await roundTrips(vector.name, lines, vector.rules);
}

/** Each encodes the lines, and each decodes what each encoded. */
async function roundTrips(name, lines, rules) {
  const json = join(work, `${name}.jsonl`);
  writeFileSync(json, lines);
  for (const writer of testees.filter((t) => can(t, 'encode'))) {
    const out = join(work, `${name}.${testees.indexOf(writer)}.xing`);
    const encoded = await call(writer.path, ['encode', json, '--out', out]);
    record(writer, `encode/${name}`, rules, () => (encoded.code === 0 ? null : `exit code ${encoded.code}: ${encoded.stderr}`));
    if (encoded.code !== 0) continue;
    for (const reader of testees.filter((t) => can(t, 'decode'))) {
      const { code, stdout, stderr } = await call(reader.path, ['decode', out]);
      const check = reader === writer ? `back/${name}` : `cross/${name}-by-${writer.name}`;
      record(reader, check, rules, () => {
        if (code !== 0) return `exit code ${code}: ${stderr}`;
        return stdout.equals(lines) ? null : difference(lines, stdout);
      });
    }
    rmSync(out);
  }
  rmSync(json);
}

async function checkTrace(path) {
  const name = basename(path, '.xing');
  const [first, ...others] = testees.filter((t) => can(t, 'decode'));
  const reference = await call(first.path, ['decode', path]);
  record(first, `agree/${name}`, [], () => (reference.code === 0 ? null : `expected ok, found exit code ${reference.code}: ${reference.stderr}`));
  for (const testee of others) {
    const { code, stdout } = await call(testee.path, ['decode', path]);
    record(testee, `agree/${name}`, [], () => {
      if (code !== reference.code) return `expected exit code ${reference.code} as ${first.name}, found ${code}`;
      return stdout.equals(reference.stdout) ? null : `not as ${first.name}: ${difference(reference.stdout, stdout)}`;
    });
  }
  if (reference.code === 0) await roundTrips(name, reference.stdout, []);
}

async function checkJson(vector) {
  const json = join(options.vectors, `${vector.name}.jsonl`);
  for (const testee of testees.filter((t) => can(t, 'encode'))) {
    const out = join(work, `${vector.name}.${testees.indexOf(testee)}.xing`);
    const { code, stderr } = await call(testee.path, ['encode', json, '--out', out]);
    record(testee, `json/${vector.name}`, vector.rules, () => {
      if (code !== EXIT[vector.verdict]) return `expected ${vector.verdict}, found ${VERDICT[code] ?? `exit code ${code}`}: ${stderr}`;
      if (code !== 0 && existsSync(out)) return 'a trace was left behind';
      return null;
    });
    rmSync(out, { force: true });
  }
}

/** What only the order of events tells: `decode` says ok, `check` does not. */
async function checkOrder(vector) {
  const file = join(options.vectors, `${vector.name}.xing`);
  for (const testee of testees) {
    if (can(testee, 'decode')) {
      const { code, stderr } = await call(testee.path, ['decode', file]);
      record(testee, `decode/${vector.name}`, vector.rules, () => (code === 0 ? null : `expected ok, found exit code ${code}: ${stderr}`));
    }
    if (can(testee, 'check')) {
      const { code, stdout, stderr } = await call(testee.path, ['check', file]);
      record(testee, `check/${vector.name}`, vector.rules, () => (code === EXIT[vector.verdict] ? null : `expected ${vector.verdict}, found exit code ${code}: ${stdout}${stderr}`));
    }
  }
}

async function checkRecover(vector) {
  const lines = readFileSync(join(options.vectors, `${vector.name}.jsonl`));
  for (const testee of testees.filter((t) => can(t, 'recover'))) {
    const out = join(work, `${vector.name}.${testees.indexOf(testee)}.xing`);
    const { code, stderr } = await call(testee.path, ['recover', join(options.vectors, `${vector.name}.xing`), '--out', out]);
    const back = existsSync(out) ? await call(testee.path, ['decode', out]) : null;
    record(testee, `recover/${vector.name}`, vector.rules, () => {
      if (code !== vector.exit) return `expected exit code ${vector.exit}, found ${code}: ${stderr}`;
      if (code === 1) return back ? 'a trace was written' : null;
      if (back?.code !== 0) return `what it wrote is not ok: ${back?.stderr}`;
      return back.stdout.equals(lines) ? null : difference(lines, back.stdout);
    });
    rmSync(out, { force: true });
  }
}

function record(testee, check, rules, judge) {
  let failure = judge();
  const isExpected = expected.delete(`${testee.name} ${check}`);
  if (isExpected && failure) failure = null;
  else if (isExpected) failure = 'passes, but is listed as an expected failure';
  results.push({ testee: testee.name, check, rules, failure, listed: isExpected });
  if (failure) process.stdout.write(`FAIL ${testee.name} ${check}: ${failure.trim()}\n`);
}

function report() {
  for (const line of expected) {
    results.push({ testee: line.split(' ')[0], check: line, rules: [], failure: 'listed as an expected failure, but no such check' });
    process.stdout.write(`FAIL ${line}: listed as an expected failure, but no such check\n`);
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  for (const { name } of testees) {
    const own = results.filter(({ testee }) => testee === name);
    process.stdout.write(`${name}: ${own.filter(({ failure }) => !failure).length} of ${own.length} checks pass, ${own.filter(({ listed, failure }) => listed && !failure).length} of them as expected failures\n`);
  }
  process.stdout.write(`${index.length} vectors, ${options.traces.length} traces, ${seconds.toFixed(1)} s\n`);
  if (options.junit) writeFileSync(options.junit, junit(seconds));
  return results.some(({ failure }) => failure) ? 1 : 0;
}

function junit(seconds) {
  const attribute = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\x20-\x7e\n]/g, '?');
  const suites = [...new Set(results.map(({ testee }) => testee))].map((name) => {
    const own = results.filter(({ testee }) => testee === name);
    const cases = own.map(({ check, rules, failure }) => {
      const inner = failure ? `<failure message="${attribute(failure.trim())}"/>` : '';
      return `    <testcase classname="${attribute(`${name}.${rules[0] ?? 'traces'}`)}" name="${attribute(check)}">${inner}</testcase>\n`;
    });
    return `  <testsuite name="${attribute(name)}" tests="${own.length}" failures="${own.filter(({ failure }) => failure).length}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites time="${seconds.toFixed(3)}">\n${suites.join('')}</testsuites>\n`;
}

function difference(expectedBytes, found) {
  const [a, b] = [expectedBytes, found].map((bytes) => bytes.toString().split('\n'));
  const at = a.findIndex((line, i) => line !== b[i]);
  const short = (line) => (line === undefined ? 'nothing' : line.length > 600 ? `${line.slice(0, 600)}…` : line);
  if (at < 0) return `line ${a.length}: expected nothing, found ${short(b[a.length])}`;
  return `line ${at + 1}: expected ${short(a[at])}, found ${short(b[at])}`;
}

function call(path, args) {
  return new Promise((done) => {
    execFile(path, args, { encoding: 'buffer', maxBuffer: 1 << 30, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : `${error.signal ?? error.code}`) : 0;
      done({ code, stdout, stderr: stderr.toString() });
    });
  });
}

function parse(args) {
  const parsed = { testees: [], vectors: null, traces: [], cases: '', junit: null, expectedFailures: null, jobs: 2 };
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) usage();
    switch (args[i]) {
      case '--testee': parsed.testees.push(resolve(value)); break;
      case '--vectors': parsed.vectors = value; break;
      case '--traces': parsed.traces.push(...readdirSync(value).filter((name) => name.endsWith('.xing')).sort().map((name) => join(value, name))); break;
      case '--cases': parsed.cases = value; break;
      case '--junit': parsed.junit = value; break;
      case '--expected-failures': parsed.expectedFailures = value; break;
      case '--jobs': parsed.jobs = Number(value); break;
      default: usage();
    }
  }
  if (parsed.testees.length === 0 || !parsed.vectors) usage();
  return parsed;
}

function usage() {
  process.stderr.write('usage: run.mjs --testee PATH… --vectors DIR [--traces DIR] [--cases REGEXP] [--junit FILE] [--expected-failures FILE] [--jobs N]\n');
  process.exit(2);
}
