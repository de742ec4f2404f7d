import { parseArgs } from 'node:util';
import { EngineError, USAGE } from './engine-error.js';

const RECORD_USAGE = 'usage: record --plan PLAN.json --component APP.wasm --out TRACE [--dir HOST::GUEST]... '
  + '[--env K=V]... [--script CALLS.json] [--host HOST.mjs] [--instrumented APP.rec.wasm] [--digest] [--lift] [--attach] [--force] [-- ARGS]';
const REPLAY_USAGE = 'usage: replay --plan PLAN.json --component APP.wasm --trace TRACE [--digest] [--no-digest] '
  + '[--allow-changed] [--keep-going] [--by-hook] [--report FILE]';

const string = { type: 'string' };
const strings = { type: 'string', multiple: true, default: [] };
const flag = { type: 'boolean', default: false };

/** Options of `record`. // [TESTEE-02] */
export function recordOptions(argv) {
  const { values, positionals } = parse(argv, RECORD_USAGE, {
    plan: string, component: string, out: string, dir: strings, env: strings, script: string, host: string,
    instrumented: string, digest: flag, lift: flag, attach: flag, force: flag,
  }, ['plan', 'component', 'out']);
  const dirs = values.dir.map((text) => pair(text, '::', '--dir'));
  const env = values.env.map((text) => pair(text, '=', '--env'));
  return { ...values, dir: dirs, env, args: positionals };
}

/** Options of `replay`. // [TESTEE-03] */
export function replayOptions(argv) {
  const { values, positionals } = parse(argv, REPLAY_USAGE, {
    plan: string, component: string, trace: string, report: string,
    digest: flag, 'no-digest': flag, 'allow-changed': flag, 'keep-going': flag, 'by-hook': flag,
  }, ['plan', 'component', 'trace']);
  if (positionals.length > 0) throw new EngineError(USAGE, `unexpected argument ${positionals[0]}; ${REPLAY_USAGE}`);
  return {
    ...values,
    digests: !values['no-digest'],
    allowChanged: values['allow-changed'],
    keepGoing: values['keep-going'],
    byHook: values['by-hook'],
  };
}

function parse(argv, usage, options, required) {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new EngineError(USAGE, `${error.message.split('. ')[0]}; ${usage}`);
  }
  for (const name of required) {
    if (parsed.values[name] === undefined) throw new EngineError(USAGE, `--${name} is missing; ${usage}`);
  }
  // Only what follows `--` is the guest's.
  const dashes = argv.indexOf('--');
  if (parsed.positionals.length > 0 && (dashes < 0 || argv.length - dashes - 1 !== parsed.positionals.length)) {
    throw new EngineError(USAGE, `unexpected argument ${parsed.positionals[0]}; ${usage}`);
  }
  return parsed;
}

function pair(text, separator, option) {
  const at = text.indexOf(separator);
  if (at <= 0) throw new EngineError(USAGE, `${option} ${text}: expected A${separator}B`);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
