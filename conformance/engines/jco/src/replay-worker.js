// The thread that a guest is replayed in. Its data: { options }; its one message:
// { exitCode, message }. It opens the trace, the plan and the component, and nothing else (by hook:
// also jco's output for the component).
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { EngineError, TRAPPED, USAGE, ioError } from './engine-error.js';
import { readInput } from './engine-io.js';
import { parsePlan } from './engine-plan.js';
import { EXIT_CODES } from './format/fault.js';
import { Cursor } from './replay-cursor.js';
import { Effects } from './replay-effects.js';
import { Guest } from './replay-guest.js';
import { HookedGuest } from './replay-hook.js';
import { Identity } from './replay-identity.js';
import { Diverged, Halted } from './replay-outcome.js';
import { Session } from './replay-session.js';

const { options } = workerData;

try {
  parentPort.postMessage(await run());
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  parentPort.postMessage({ exitCode: error.exitCode, message: error.message });
}

async function run() {
  const plan = parsePlan(readInput(options.plan).toString());
  const component = readInput(options.component);
  const digest = createHash('sha256').update(component).digest('hex');
  if (digest !== plan.component.digest) {
    throw new EngineError(USAGE, `the plan is that of another component: its digest is ${plan.component.digest}, that of ${options.component} is ${digest}`);
  }
  const files = options.byHook ? await (await import('./engine-transpile.js')).transpiled(component) : null;
  const descriptor = openTrace(options.trace);
  try {
    return replay(plan, component, digest, files, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openTrace(path) {
  try {
    const descriptor = openSync(path, 'r');
    if (fstatSync(descriptor).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return descriptor;
  } catch (error) {
    throw ioError('read', path, error);
  }
}

function replay(plan, component, digest, files, descriptor) {
  const identity = new Identity(plan);
  const cursor = new Cursor(descriptor, (kind, value) => identity.define(kind, value));
  const session = new Session({
    cursor, plan, identity, effects: new Effects(), compareDigests: options.digests, keepGoing: options.keepGoing,
    makeGuest: (serve) => (files ? new HookedGuest(plan, component, serve, files) : new Guest(plan, component, serve)),
  });
  let failure = null;
  try {
    cursor.open();
    checkTrace(cursor, identity, digest);
    session.run();
  } catch (error) {
    failure = error;
    if (error.code && error.syscall) failure = ioError('read', options.trace, error);
    else if (!(error instanceof Diverged || error instanceof Halted || error instanceof EngineError)) throw error;
  }
  return conclude(cursor, session, failure);
}

// What can be said before anything runs. // [REPLAY-04] [REPLAY-05] [PROF-03]
function checkTrace(cursor, identity, digest) {
  if (cursor.info === null) throw new Halted(cursor.verdict.verdict, cursor.verdict.message);
  const { info } = cursor;
  if (info.profile !== 'abi') throw new Halted('unsupported', `the trace has the profile ${info.profile}; this engine replays abi`);
  if (!info.replayable) throw new Halted('unsupported', 'the trace does not declare that it can be replayed');
  if (!info.core_complete) throw new Halted('unsupported', 'the trace does not hold what core-only replay needs (core_complete)');
  if (info.needs_stacks) throw new Halted('unsupported', 'the trace needs an engine that can switch stacks');
  const first = cursor.peek();
  if (identity.digest === null) {
    if (cursor.verdict && cursor.verdict.verdict !== 'ok') throw new Halted(cursor.verdict.verdict, cursor.verdict.message);
    throw first === null ? new Halted('unsupported', 'the trace has no events') : new Halted('invalid', 'the trace defines no component');
  }
  if (identity.digest !== digest && !options.allowChanged) {
    throw new EngineError(USAGE, `${options.component} is not the recorded component: its SHA-256 is ${digest}, recorded was ${identity.digest} (--allow-changed replays it as far as it does the same)`);
  }
}

function conclude(cursor, session, failure) {
  if (failure instanceof EngineError) throw failure;
  const { difference, differences } = session;
  const diverged = difference !== null && (failure === null || failure instanceof Diverged);
  const verdict = diverged ? 'diverged' : failure === null ? 'ok' : failure.verdict;
  writeReport({
    verdict,
    events: cursor.count,
    exit: failure === null ? session.exit : null,
    divergence: difference?.divergence ?? null,
    divergences: differences,
    digests: session.digests,
    memories: verdict === 'ok' ? session.finalMemories() : [],
  });
  if (verdict !== 'ok') {
    const sentence = diverged ? `diverged at ${difference.message}` : failure.message;
    const found = differences > 1 ? `, ${differences} differences found` : '';
    return { exitCode: EXIT_CODES[verdict], message: `${sentence} (${cursor.count} events were replayed${found})` };
  }
  const { kind, status, code, message } = session.exit;
  if (kind === 'trap') return { exitCode: TRAPPED, message: `the guest trapped (${code})${message ? `: ${message}` : ''}` };
  return { exitCode: status };
}

function writeReport(report) {
  if (options.report === undefined) return;
  try {
    writeFileSync(options.report, `${JSON.stringify(report)}\n`);
  } catch (error) {
    throw ioError('write', options.report, error);
  }
}
