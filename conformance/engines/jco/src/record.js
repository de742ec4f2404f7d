import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { EngineError, UNSUPPORTED, USAGE } from './engine-error.js';
import { readInput } from './engine-io.js';
import { parsePlan } from './engine-plan.js';
import { parseScript } from './record-script.js';
import { STACK_MB } from './record-trace-info.js';

/**
 * Runs a guest on jco and records it. The guest has a thread of its own, so that this one hears
 * signals: a guest's calls never return to an event loop.
 *
 * @param {object} options of engine-args.js
 * @returns {Promise<number>} exit code
 */
export async function recordGuest(options) {
  checkInputs(options);
  const asked = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./record-worker.js', import.meta.url), {
    workerData: { options, asked },
    resourceLimits: { stackSizeMb: STACK_MB },
    execArgv: [],
  });
  let signal = null;
  const stop = (name) => {
    if (signal !== null) process.exit(128 + SIGNALS[name]);
    signal = name;
    Atomics.store(asked, 0, 1);
    // A guest that computes and never calls out does not see it; what was written stays readable.
    setTimeout(() => worker.terminate(), PATIENCE_MS).unref();
  };
  for (const name of Object.keys(SIGNALS)) process.on(name, stop);
  try {
    const outcome = await ended(worker);
    if (signal !== null) {
      if (!outcome?.aborted) console.error('crossing-engine-jco: the recording was stopped; the trace has no end');
      return 128 + SIGNALS[signal];
    }
    if (outcome === null) throw new EngineError(USAGE, 'the host ended the run; the trace has no end');
    if (outcome.message) console.error(`crossing-engine-jco: ${outcome.message}`);
    return outcome.exitCode;
  } finally {
    for (const name of Object.keys(SIGNALS)) process.off(name, stop);
  }
}

const PATIENCE_MS = 1000;
const SIGNALS = { SIGINT: 2, SIGTERM: 15 };

// The worker's message, or null when it ended without one.
function ended(worker) {
  return new Promise((resolve, reject) => {
    let outcome = null;
    worker.on('message', (message) => { outcome = message; });
    worker.on('error', (error) => reject(new EngineError(USAGE, `the recording failed: ${error?.message ?? error}`)));
    worker.on('exit', () => resolve(outcome));
  });
}

// What can be said before anything is created.
function checkInputs({ plan: planPath, component: componentPath, script, host }) {
  const plan = parsePlan(readInput(planPath).toString());
  const component = readInput(componentPath);
  const digest = createHash('sha256').update(component).digest('hex');
  if (digest !== plan.component.digest) {
    throw new EngineError(USAGE, `the plan is that of another component: its digest is ${plan.component.digest}, that of ${componentPath} is ${digest}`);
  }
  if (plan.memories.some(({ shared }) => shared)) { // [MEM-02]
    throw new EngineError(UNSUPPORTED, 'the component has a shared memory, which cannot be recorded');
  }
  const suspending = plan.functions.find((fn) => fn.options?.is_async && (fn.role === 'import' || fn.role === 'export'));
  if (suspending) throw new EngineError(UNSUPPORTED, `this engine cannot record ${suspending.title}: it is lifted or lowered async`);
  if (script !== undefined) parseScript(readInput(script).toString(), script);
  if (host !== undefined && !existsSync(host)) throw new EngineError(USAGE, `cannot read ${host}: there is no such file`);
}
