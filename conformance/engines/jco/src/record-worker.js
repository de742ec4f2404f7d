// The thread that a guest is recorded in. Its data: { options, asked }; its one message:
// { exitCode, message, aborted }.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { EngineError, TRAPPED, USAGE } from './engine-error.js';
import { readInput } from './engine-io.js';
import { parsePlan } from './engine-plan.js';
import { TRAP, trapName } from './engine-traps.js';
import { transpiled } from './engine-transpile.js';
import { TraceWriter } from './format/writer.js';
import { InstrumentedRecorder } from './instrumented-recorder.js';
import { Hook } from './record-hook.js';
import { hostImports } from './record-host.js';
import { Aborted, Recorder } from './record-recorder.js';
import { parseScript, scriptCalls, toScript } from './record-script.js';
import { FileSink } from './record-sink.js';
import { traceInfo } from './record-trace-info.js';

const { options, asked } = workerData;
const UNTIMED = new Set(['lower', 'realloc_call', 'realloc_result', 'digest', 'lift']);

parentPort.postMessage(await run().catch((error) => {
  if (error instanceof EngineError) return { exitCode: error.exitCode, message: error.message };
  throw error;
}));
// The shim keeps a thread that waits for more calls.
process.exit();

async function run() {
  const plan = parsePlan(readInput(options.plan).toString());
  const bytes = readInput(options.component);
  const { instantiate, glue, module } = await transpiled(options.instrumented ? readInput(options.instrumented) : bytes);
  const imports = await hostImports(plan, options);

  const sink = new FileSink(options.out, options);
  const info = { ...traceInfo(plan), ...(options.instrumented ? { recorded_by: 'instrumented', clock: 'none', clock_unit: '0', start_time: '0' } : {}) }; // [SINK-05]
  const writer = new TraceWriter(sink, info, { salt: randomBytes(8).readBigUInt64LE() });
  define(writer, plan, options.attach);
  if (options.attach) writer.attach(plan.component.name, bytes);

  const began = performance.now();
  let lastTime = 0n;
  const recorder = new (options.instrumented ? InstrumentedRecorder : Recorder)({
    plan,
    component: bytes,
    glue,
    digest: options.digest,
    lift: options.lift,
    flush: () => writer.flush(),
    stopAsked: () => Atomics.load(asked, 0) !== 0,
    emit(kind, subject, detail, payload, flags) {
      // [TRACE-04] per_call
      if (!options.instrumented && !UNTIMED.has(kind)) lastTime = BigInt(Math.floor((performance.now() - began) * 1000));
      writer.event({ kind, flags, time: lastTime, subject, detail, payload });
    },
  });
  const hook = options.instrumented ? recorder : new Hook(plan, bytes, recorder);
  if (options.instrumented) imports['crossing:recorder/sink'] = recorder.sink;
  process.on('exit', () => recorder.abort()); // a host that ends the process

  const outcome = perform({ plan, recorder, hook, imports, instantiate, module });
  if (recorder.failure) throw asSentence(recorder.failure);
  recorder.close();
  writer.finish();
  sink.close();
  if (recorder.incomplete) outcome.message = `the trace is not complete: ${recorder.incomplete}`;
  return outcome;
}

function define(writer, plan, attach) {
  const { types, components, instances, memories, functions } = plan.raw;
  const definitions = { type: types, component: components, instance: instances, memory: memories, function: functions };
  for (const [kind, values] of Object.entries(definitions)) {
    for (const value of values) writer.define(kind, attach && kind === 'component' && value.id === 0 ? { ...value, attachment: 0 } : value); // [COMP-02]
  }
}

function perform({ plan, recorder, hook, imports, instantiate, module }) {
  let component;
  try {
    component = instantiate((file) => hook.compile(module(file)), imports, hook.instantiateCore);
    recorder.instantiated(component);
  } catch (error) {
    if (recorder.eventCount === 0) throw new EngineError(USAGE, `the component cannot be linked with its host: ${error?.message ?? error}`);
    recorder.topLevelFailed(error, true);
    return ending(recorder, error);
  }
  if (hook.missing > 0) throw new EngineError(USAGE, `the plan has ${hook.missing} core instances that jco did not make`);
  return options.script === undefined
    ? runCommand(plan, recorder, component)
    : runScript(plan, recorder, component, imports);
}

function runCommand(plan, recorder, component) {
  const name = Object.keys(component).find((key) => key.startsWith('wasi:cli/run@'));
  if (name === undefined) throw new EngineError(USAGE, 'the component does not export wasi:cli/run: give --script');
  const outcome = attempt(plan, recorder, name, 'run', () => component[name].run());
  if (outcome.trap) return ending(recorder, outcome.trap);
  return { exitCode: 'error' in outcome ? 1 : 0 };
}

function runScript(plan, recorder, component, imports) {
  const script = parseScript(readFileSync(options.script, 'utf8'), options.script);
  for (const call of scriptCalls(script, component, imports)) {
    const outcome = attempt(plan, recorder, call.instanceName, call.functionName, call.run);
    const shown = 'value' in outcome ? { value: toScript(outcome.value) }
      : 'error' in outcome ? { error: toScript(outcome.error) }
        : 'refused' in outcome ? { refused: outcome.refused.message }
          : { trap: outcome.trap?.message ?? String(outcome.trap) };
    if (outcome.trap instanceof Aborted) return ending(recorder, outcome.trap);
    if (!recorder.failure) process.stdout.write(`${JSON.stringify({ ...call.label, ...shown })}\n`);
    if ('trap' in outcome) return ending(recorder, outcome.trap); // it is not entered again
  }
  return { exitCode: 0 };
}

/**
 * One call of an export: { value }, { error } (the payload of a top-level result), { refused }
 * (the host's fault, before the guest was reached), or { trap }.
 */
function attempt(plan, recorder, instanceName, functionName, call) {
  const id = functionName === null ? null : plan.exportFunction(instanceName, functionName);
  recorder.expect(id === null ? null : plan.function(id));
  const before = recorder.eventCount;
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (error?.constructor?.name === 'ComponentError' && recorder.openCalls === 0) return { error: error.payload };
    return recorder.topLevelFailed(error, recorder.eventCount > before) ? { trap: error } : { refused: error };
  } finally {
    recorder.expect(null);
  }
}

function ending(recorder, error) {
  if (error instanceof Aborted) return { exitCode: USAGE, aborted: true };
  const trap = recorder.lastTrap;
  if (trap?.code === TRAP.exit) return { exitCode: trap.status };
  const text = trap?.message ?? error?.message ?? String(error);
  return { exitCode: TRAPPED, message: `the guest trapped (${trapName(trap?.code ?? TRAP.unknown)})${text ? `: ${text}` : ''}` };
}

function asSentence(error) {
  return error instanceof EngineError ? error : new EngineError(USAGE, `the trace cannot be written: ${error?.message ?? error}`);
}
