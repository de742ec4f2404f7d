/** Exit code of each verdict [VERDICT-05]. */
export const EXIT_CODES = Object.freeze({
  'ok': 0,
  'not-a-trace': 3,
  'truncated': 4,
  'corrupt': 5,
  'unsupported': 6,
  'limit': 7,
  'invalid': 8,
  'diverged': 9,
});

/**
 * What is wrong with an input: the only error that this library throws because of bytes or values
 * that it was given. `expected` and `found` are phrases that complete "expected …, found …".
 *
 * @property {string} verdict   a key of EXIT_CODES
 * @property {?number} offset   byte offset in the file, where the container is at fault
 * @property {?bigint} event    event number, where an event is at fault
 */
export class Fault extends Error {
  constructor(verdict, expected, found, { offset = null, event = null } = {}) {
    super();
    this.name = 'Fault';
    this.verdict = verdict;
    this.expected = expected;
    this.found = found;
    this.offset = offset;
    this.event = event;
    Object.defineProperty(this, 'message', { get: () => sentence(this) });
  }

  /** Sets the place that an inner layer did not know; returns this. */
  at({ offset = null, event = null }) {
    this.offset ??= offset;
    this.event ??= event;
    return this;
  }

  /** The verdict object that a reader ends with. */
  report() {
    const { verdict, offset, event, expected, found, message } = this;
    return { verdict, offset, event, expected, found, message };
  }
}

export const OK = Object.freeze({
  verdict: 'ok', offset: null, event: null, expected: null, found: null, message: 'ok',
});

function sentence({ verdict, offset, event, expected, found }) {
  const place = [
    ...(offset === null ? [] : [`offset ${offset}`]),
    ...(event === null ? [] : [`event ${event}`]),
  ].join(', ');
  return `${verdict}${place && ` at ${place}`}: expected ${expected}, found ${found}`;
}
