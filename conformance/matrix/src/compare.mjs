// Two recordings of one run with one deterministic host, compared by meaning (spec/compare.md).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { why } from './record.mjs';

const SECONDS = 300;
const SHOWN = 3;

/** What differs beyond what the registry declares, in words; null: nothing. */
export async function compareRecordings(left, right, { crossing, folder }) {
  const outcome = await runCommand(crossing, ['diff', '--json', left.trace, right.trace], { folder, name: 'diff', cwd: folder, seconds: SECONDS });
  if (outcome.code !== 0 && outcome.code !== 1) return why(outcome, folder);
  const { equal, differences } = JSON.parse(readFileSync(join(folder, 'diff.out'), 'utf8'));
  if (equal) return null;
  const open = differences.filter(({ declared }) => declared === null);
  const words = open.slice(0, SHOWN).map(({ kind, where, left: a, right: b }) => `${kind}: ${where}: ${a.slice(0, 60)} | ${b.slice(0, 60)}`);
  return `${words.join('; ')}${open.length > SHOWN ? `; ${open.length - SHOWN} more` : ''}`;
}
