// What the tests of recording and replaying share. They need built guests and the crossing command:
//
//   GUESTS=OUTDIR CROSSING=…/crossing node --test test/
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTrace } from '../../src/format/index.js';

const { GUESTS, CROSSING } = process.env;
export const skip = !GUESTS ? 'GUESTS is not set: the folder that conformance/guests/build.sh filled'
  : !CROSSING ? 'CROSSING is not set: the crossing command' : false;

const ENGINE = fileURLToPath(new URL('../../bin/crossing-engine-jco', import.meta.url));
export const SOURCES = fileURLToPath(new URL('../../../../guests/', import.meta.url));

/** A folder for one test, with an empty folder `empty` in it; gone when the test is over. */
export function workspace(t) {
  const folder = mkdtempSync(join(tmpdir(), 'crossing-engine-'));
  mkdirSync(join(folder, 'empty'));
  t.after(() => rmSync(folder, { recursive: true }));
  return (...names) => join(folder, ...names);
}

/** Host and script of a guest. */
export function inputsOf(name, script) {
  const base = name === 'library-utf16' ? 'library' : name;
  return { host: join(SOURCES, `${base}.host.mjs`), script: script ?? join(SOURCES, `${base}.script.json`) };
}

export const guestPath = (name) => join(GUESTS, `${name}.wasm`);

/** Writes the plan of a component into the workspace; returns its path. */
export function planOf(at, component) {
  const path = at(`plan-${component.replace(/\W/g, '_')}.json`);
  if (!existsSync(path)) writeFileSync(path, execFileSync(CROSSING, ['describe', '--plan', component], { maxBuffer: 1 << 26 }));
  return path;
}

/** A component from WAT. */
export async function componentOf(at, name, wat) {
  const { parse } = await import('@bytecodealliance/jco');
  const path = at(`${name}.wasm`);
  writeFileSync(path, await parse(wat));
  return path;
}

const OTHERS = (process.env.ENGINES ?? '').split(',').filter((path) => path && path !== ENGINE);

/** Replays on the other engines that replay (ENGINES, by commas): each outcome with the engine's path. */
export async function replayElsewhere(at, component, trace) {
  const outcomes = [];
  for (const path of OTHERS) outcomes.push({ path, ...await replay(at, component, trace, { executable: [path] }) });
  return outcomes;
}

/**
 * Runs the engine, its standard streams being files.
 * @returns {Promise<{code: ?number, signal: ?string, out: Buffer, err: string}>}
 */
export function engine(at, args, { cwd = at('empty'), input = '/dev/null', onStart, nodeArgs = [], executable = [process.execPath, ...nodeArgs, ENGINE], cache = at('cache') } = {}) {
  const [out, err] = ['out', 'err'].map((name) => at(`${name}-${Math.random()}`));
  const stdio = [openSync(input), openSync(out, 'w'), openSync(err, 'w')];
  const child = spawn(executable[0], [...executable.slice(1), ...args], { cwd, stdio, env: { ...process.env, XDG_CACHE_HOME: cache } });
  stdio.forEach((fd) => closeSync(fd));
  onStart?.(child);
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal, out: readFileSync(out), err: readFileSync(err, 'utf8') }));
  });
}

/** Records; `trace` is a name in the workspace. */
export function record(at, component, trace, { host, script, dirs = [], env = [], args = [], digest = true, extra = [], ...run } = {}) {
  return engine(at, [
    'record', '--plan', planOf(at, component), '--component', component, '--out', at(trace),
    ...(host ? ['--host', host] : []), ...(script ? ['--script', script] : []), ...(digest ? ['--digest'] : []),
    ...dirs.flatMap((dir) => ['--dir', dir]), ...env.flatMap((pair) => ['--env', pair]), ...extra, '--', ...args,
  ], run);
}

/** Replays; adds the report. */
export async function replay(at, component, trace, { extra = [], ...run } = {}) {
  const reportPath = at(`${trace}.report`);
  rmSync(reportPath, { force: true });
  const outcome = await engine(at, [
    'replay', '--plan', planOf(at, component), '--component', component, '--trace', at(trace), '--report', reportPath, ...extra,
  ], run);
  return { ...outcome, report: existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, 'utf8')) : null };
}

/** The events of a trace, and last its verdict. */
export function eventsOf(path) {
  const events = [];
  let verdict;
  for (const item of readTrace(readFileSync(path))) {
    if (item.event?.kind !== undefined) events.push({ ...item.event, payload: Buffer.from(item.event.payload) });
    else if (item.verdict) verdict = item.verdict;
  }
  return { events, verdict };
}
