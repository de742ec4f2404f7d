/** The guest did something else than what was recorded. // [REPLAY-03] */
export class Diverged extends Error {
  /**
   * @param {?bigint} event number of the event, or null for the end of the trace
   * @param {string} fn what was called, or where
   * @param {string} expected what was recorded, in words
   * @param {string} found
   */
  constructor(event, fn, expected, found) {
    super(`${event === null ? 'the end of the trace' : `event ${event}`}, ${fn}: recorded ${expected}, found ${found}`);
    this.divergence = { event: event === null ? null : String(event), function: fn, expected, found };
  }
}

/** The trace does not go on, or cannot be followed. // [REPLAY-04] */
export class Halted extends Error {
  /** @param {string} verdict of verdicts.md */
  constructor(verdict, sentence) {
    super(sentence);
    this.verdict = verdict;
  }
}
