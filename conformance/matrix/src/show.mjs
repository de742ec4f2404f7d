// The matrix for people and for programs.
import { readFileSync } from 'node:fs';
import { Eta } from 'eta';

const MARKS = { green: '●', cannot: '–', red: '✗', 'not built': '·' };
const COLOURS = { green: '\x1b[32m', cannot: '\x1b[2m', red: '\x1b[31;1m', 'not built': '\x1b[2m' };

/** How many cells are in each state. */
export function tally(rows) {
  const counts = { green: 0, cannot: 0, red: 0, 'not built': 0 };
  for (const { cells } of rows) for (const { state } of cells) counts[state]++;
  return counts;
}

/** The table in text; reasons follow it, each once. */
export function asText({ rows, recording, replaying, problems }, colour) {
  const paint = (state, text) => (colour ? `${COLOURS[state]}${text}\x1b[0m` : text);
  const width = Math.max(...rows.map(({ run }) => run.length));
  const lines = ['recorded on …, replayed on …:'];
  const columns = recording.flatMap((record) => replaying.map((replay) => ({ record, replay })));
  columns.forEach(({ record, replay }, i) => lines.push(`${' '.repeat(width + 2)}${'│ '.repeat(i)}┌ ${record} → ${replay}`));
  for (const { run, cells } of rows) {
    lines.push(`${run.padEnd(width + 2)}${cells.map(({ state }) => paint(state, MARKS[state])).join(' ')}`);
  }
  const counts = tally(rows);
  lines.push('', Object.entries(MARKS).map(([state, mark]) => `${paint(state, mark)} ${state} ${counts[state]}`).join('   '));
  const compared = rows.flatMap(({ comparisons }) => comparisons);
  if (compared.length > 0) {
    const equal = compared.filter(({ state }) => state === 'green').length;
    lines.push(`recordings of one run compared by meaning: ${equal} of ${compared.length} equal but for what is declared`);
  }
  for (const wanted of ['cannot', 'red']) {
    for (const { run, comparisons } of rows) {
      for (const { record, against, state, reason } of comparisons) {
        if (state === wanted) lines.push(`${paint(wanted, MARKS[wanted])} ${run}, ${record} = ${against}: ${reason}`);
      }
    }
    for (const { run, cells } of rows) {
      const said = new Map();
      for (const { state, record, replay, reason } of cells) {
        if (state === wanted) said.set(`${record}\n${reason}`, [...said.get(`${record}\n${reason}`) ?? [], replay]);
      }
      for (const [key, replays] of said) {
        const [record, ...reason] = key.split('\n');
        const where = replays.length === replaying.length ? record : `${record} → ${replays.join(', ')}`;
        lines.push(`${paint(wanted, MARKS[wanted])} ${run}, ${where}: ${reason.join(' ')}`);
      }
    }
  }
  return `${[...lines, ...problems.map((problem) => paint('red', problem))].join('\n')}\n`;
}

/** The table as one HTML page that needs nothing else. */
export function asHtml(matrix) {
  const template = readFileSync(new URL('table.eta', import.meta.url), 'utf8');
  return new Eta({ autoTrim: ['nl', false] }).renderString(template, { ...matrix, counts: tally(matrix.rows), marks: MARKS });
}
