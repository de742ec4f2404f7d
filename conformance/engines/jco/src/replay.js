import { Worker } from 'node:worker_threads';
import { EngineError, USAGE } from './engine-error.js';

/**
 * Replays a trace with no host at all: every call of the guest is served from the trace. The guest
 * has a thread of its own for the sake of its stack, which is larger than that of a recording.
 *
 * @param {object} options of engine-args.js
 * @returns {Promise<number>} exit code
 */
export async function replayTrace(options) {
  const worker = new Worker(new URL('./replay-worker.js', import.meta.url), {
    workerData: { options },
    resourceLimits: { stackSizeMb: STACK_MB },
    execArgv: [],
  });
  const outcome = await new Promise((resolve, reject) => {
    let last = null;
    worker.on('message', (message) => { last = message; });
    worker.on('error', (error) => reject(new EngineError(USAGE, `the replay failed: ${error?.message ?? error}`)));
    worker.on('exit', () => resolve(last));
  });
  if (outcome === null) throw new EngineError(USAGE, 'the replay ended without an outcome');
  if (outcome.message) console.error(`crossing-engine-jco: ${outcome.message}`);
  return outcome.exitCode;
}

const STACK_MB = 16;
