// One run, recorded in one way.
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from './command.mjs';

const SECONDS = 300;
const ENDS = new Set([0, 1, 134]); // as the guest ended

/**
 * @returns {Promise<object>} { trace, outcome, events, digests }, or { failure } when there is no
 *          trace: what the command and the engine said
 */
export async function recordRun(run, way, { crossing, guests, folder }) {
  mkdirSync(folder, { recursive: true });
  const trace = join(folder, 'run.xing');
  const input = join(folder, 'in');
  writeFileSync(input, run.input ?? '');
  const args = ['record', ...way.options, '--force', '-o', trace];
  if (run.script) args.push('--script', run.script);
  if (run.host) args.push('--host', way.host(run.host));
  for (const pair of run.env) args.push('--env', pair);
  if (run.dir) {
    const data = join(folder, 'data');
    mkdirSync(data);
    run.dir(data);
    args.push('--dir', `${data}::/data`);
  }
  args.push(component(guests, run), '--', ...run.args);
  const outcome = await runCommand(crossing, args, { folder, name: 'recorded', cwd: folder, input, seconds: SECONDS });
  if (!ENDS.has(outcome.code) || !existsSync(trace)) return { failure: why(outcome, folder, guests) };
  const checked = await runCommand(crossing, ['check', '--component', component(guests, run), trace], { folder, name: 'checked', cwd: folder, seconds: SECONDS });
  if (checked.code !== 0) return { failure: why(checked, folder, guests) };
  const strict = await runCommand(crossing, ['check', '--ignore-quirks', '--format', 'json', trace], { folder, name: 'strict', cwd: folder, seconds: SECONDS });
  const { undeclared_quirks: quirks, faults } = JSON.parse(readFileSync(join(folder, 'strict.out'), 'utf8'));
  if (faults.some(({ quirk }) => !quirk)) return { failure: why(strict, folder, guests) };
  return { trace, outcome, quirks, ...await counts(crossing, trace, folder) };
}

export const component = (guests, run) => join(guests, `${run.guest}.wasm`);

/** Why a command failed, in the words of who failed, without the folders of this run and places in
 * files that are made anew. */
export function why({ code, signal, said, err }, ...folders) {
  const words = folders.reduce((text, folder) => text.replaceAll(`${folder}/`, ''), said || err.trim() || 'it says nothing')
    .replace(/ \(at offset 0x[0-9a-f]+\)/, '').replace(/\s+/g, ' ');
  return `${signal ? `ended by ${signal}` : `exit code ${code}`}: ${words}`;
}

// Logical events, as replay counts them.
async function counts(crossing, trace, folder) {
  const json = await runCommand(crossing, ['dump', '--json', trace], { folder, name: 'dump', cwd: folder, seconds: SECONDS });
  if (json.code !== 0) throw new Error(`crossing dump: ${json.said}`);
  let events = 0;
  let digests = 0;
  for await (const line of createInterface({ input: createReadStream(join(folder, 'dump.out')) })) {
    if (!line.startsWith('{"event"') || line.includes('"kind":"marker"')) continue;
    events++;
    if (line.startsWith('"kind":"digest"', line.indexOf('"kind"'))) digests++;
  }
  return { events, digests };
}
