// Fills the matrix: each run is recorded in every way, each recording replayed in every way.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compareRecordings } from './compare.mjs';
import { recordRun } from './record.mjs';
import { memoriesText, replayRun } from './replay.mjs';

/**
 * @param {object} options { runs, recording, replaying, built, expected, crossing, guests, work, jobs, done }
 *        `built` has the names of the engines that there are; `done(row)` hears of each finished row
 * @returns {Promise<object[]>} rows: { run, cells: [{ record, replay, state, reason }],
 *          comparisons: [{ record, against, state, reason }],
 *          quirks: { [record]: names } }
 */
export async function fill(options) {
  const rows = options.runs.map((run) => ({ run: run.name, cells: [], comparisons: [] }));
  let next = 0;
  const work = async () => {
    while (next < rows.length) {
      const index = next++;
      Object.assign(rows[index], await fillRow(options.runs[index], options));
      options.done(rows[index]);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return rows;
}

async function fillRow(run, options) {
  const cells = [];
  const quirks = {}; // by way of recording
  const comparisons = [];
  const folders = [];
  let against = null; // the first recording, with which the others are compared
  for (const record of options.recording) {
    const cell = (replay, judged) => cells.push({ record: record.name, replay: replay.name, ...judged });
    if (!options.built.has(record.needs)) {
      for (const replay of options.replaying) cell(replay, { state: 'not built', reason: '' });
      continue;
    }
    const folder = join(options.work, `${run.name}-${record.name}`.replace(/\W+/g, '-'));
    rmSync(folder, { recursive: true, force: true });
    folders.push(folder);
    const recorded = await recordRun(run, record, { ...options, folder });
    quirks[record.name] = recorded.quirks ?? [];
    let first = null;
    for (const replay of options.replaying) {
      if (!options.built.has(replay.needs)) {
        cell(replay, { state: 'not built', reason: '' });
        continue;
      }
      let failure = recorded.failure ? `recording: ${recorded.failure}` : null;
      if (failure === null) {
        const into = join(folder, replay.name.replace(/\W+/g, '-'));
        mkdirSync(into);
        const replayed = await replayRun(run, recorded, replay, { ...options, folder: into });
        failure = replayed.failure ?? null;
        if (failure === null) {
          const memories = memoriesText(replayed.memories);
          first ??= { name: replay.name, memories };
          if (memories !== first.memories) failure = `${first.name} ends with ${first.memories}; this with ${memories}`;
        }
      }
      cell(replay, options.expected.judge(run.name, record.name, replay.name, failure));
    }
    if (recorded.failure || !run.script) continue; // a host that is not deterministic makes another run
    if (against === null) {
      against = { name: record.name, recorded };
    } else {
      const failure = await compareRecordings(against.recorded, recorded, { ...options, folder });
      comparisons.push({ record: record.name, against: against.name, ...options.expected.judge(run.name, record.name, `= ${against.name}`, failure) });
    }
  }
  if (!options.keep) for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return { cells, comparisons, quirks };
}
