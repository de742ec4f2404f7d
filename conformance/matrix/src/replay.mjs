// A recorded run, replayed in one way, and what differs from the recording.
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { component, why } from './record.mjs';

const SECONDS = 300;

/** @returns {Promise<object>} { memories }, or { failure }, a sentence */
export async function replayRun(run, recorded, way, { crossing, guests, folder }) {
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const report = join(folder, 'report.json');
  const args = ['replay', ...way.options, '--report', report, recorded.trace, component(guests, run)];
  const outcome = await runCommand(crossing, args, { folder, name: 'replayed', cwd: empty, seconds: SECONDS });
  const found = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
  if (found?.verdict !== 'ok') return { failure: why(outcome, folder, join(folder, '..'), guests) };
  const wanted = recorded.outcome;
  if (outcome.code !== wanted.code) return { failure: `recorded the exit code ${wanted.code}, found ${outcome.code}` };
  if (found.events !== recorded.events) return { failure: `recorded ${recorded.events} events, replayed ${found.events}` };
  if (found.digests !== recorded.digests) return { failure: `recorded ${recorded.digests} digests, compared ${found.digests}` };
  if (!run.script) { // what a script's calls returned is printed by who makes the calls
    if (!outcome.out.equals(wanted.out)) return { failure: `recorded ${wanted.out.length} bytes of standard output, found ${outcome.out.length}, or others` };
    if (outcome.err !== wanted.err) return { failure: `recorded ${wanted.err.length} characters of standard error, found ${outcome.err.length}, or others` };
  }
  if (readdirSync(empty).length > 0) return { failure: 'the replay left files behind' };
  return { memories: found.memories };
}

/** The three replays of one trace have to leave the same memories. */
export function memoriesText(memories) {
  return memories.map(({ memory, size, hash }) => `memory ${memory}: ${size} bytes, ${hash}`).join('; ');
}
