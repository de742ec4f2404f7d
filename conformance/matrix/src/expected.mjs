// The cells that are known not to be green, each with the words of who cannot do it. The list has to
// stay exact: what is on it and turns green, or fails in other words, fails too.

/** @typedef {{run: string, record: string, replay?: string, reason: string, message: string}} Entry
 *  without `replay`: the run cannot be recorded so; `replay` can be `= WAY`, the comparison with the
 *  recording of that way */

export class Expected {
  #entries;
  #used = new Set();

  /** @param {Entry[]} entries */
  constructor(entries) {
    this.#entries = entries;
    for (const entry of entries) {
      for (const name of ['run', 'record', 'reason', 'message']) {
        if (!entry[name]) throw new Error(`expected.json: an entry without "${name}": ${JSON.stringify(entry)}`);
      }
    }
  }

  /** Judges a cell: { state: 'green' | 'cannot' | 'red', reason }. */
  judge(run, record, replay, failure) {
    const entry = this.#entries.find((e) => e.run === run && e.record === record && (e.replay === replay || (e.replay === undefined && !replay.startsWith('= '))));
    if (entry) this.#used.add(entry);
    if (failure === null) {
      return entry ? { state: 'red', reason: `green, though expected.json says: ${entry.message}` } : { state: 'green', reason: '' };
    }
    if (!entry) return { state: 'red', reason: failure };
    return failure === entry.message
      ? { state: 'cannot', reason: `${entry.reason} (${failure})` }
      : { state: 'red', reason: `${failure} (expected.json says: ${entry.message})` };
  }

  /** Entries that no cell asked for, among the rows and columns that were run. */
  unused(ran) {
    return this.#entries.filter((entry) => !this.#used.has(entry) && ran(entry));
  }
}
