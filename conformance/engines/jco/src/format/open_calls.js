import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';
import { StructVector, writeStruct } from './struct.js';

const { OpenCall } = SCHEMA.structs;
const NUMBER = SCHEMA.enums.EventKind.numbers;
const NAME = SCHEMA.enums.EventKind.names;
const CLOSES = { instantiate_end: 'instantiate', export_result: 'export_call', import_result: 'import_call', realloc_result: 'realloc_call' };
const OPENS = new Set(Object.values(CLOSES));

/**
 * The calls that are open, by thread, outermost first [EVENT-06]. A call is
 * `{ event, thread, subject, call, kind }`, its event a BigInt, its kind a name.
 */
export class OpenCalls {
  #threads = new Map([[0, []]]);
  #current = 0;
  #count = 0;

  get count() {
    return this.#count;
  }

  /** Asks that an event of this kind may still open a call. // [LIMIT-01] */
  checkLimit(kind) {
    if (OPENS.has(kind) && this.#count === LIMITS.open_calls) {
      throw new Fault('limit', `at most ${LIMITS.open_calls} open calls`, 'one more');
    }
  }

  /**
   * Follows one event, at its first piece. // [EVENT-06] [ORDER-02] [TRAP-02]
   * @returns {?string} what the innermost open call had to be and was not; the calls are then
   *     as before
   */
  follow(kind, sequence, subject, detail) {
    this.checkLimit(kind);
    const call = Number(detail);
    if (OPENS.has(kind)) {
      this.#stack(this.#current).push({ event: sequence, thread: this.#current, subject, call, kind });
      this.#count++;
    } else if (kind in CLOSES) {
      const open = this.#stack(this.#current).at(-1);
      if (open?.kind !== CLOSES[kind] || open.subject !== subject || open.call !== call) return `${CLOSES[kind]} of ${subject}, call ${call}`;
      this.#stack(this.#current).pop();
      this.#count--;
    } else if (kind === 'trap') {
      const stack = this.#stack(this.#current);
      if (stack.length === 0) return null;
      const host = stack.findLastIndex((open) => open.kind === 'export_call' || open.kind === 'instantiate');
      if (host < 0) return 'export_call or instantiate';
      this.#count -= stack.length - host;
      stack.length = host;
    } else if (kind === 'thread_switch' || kind === 'thread_start') {
      this.#current = subject;
    }
    return null;
  }

  /** Replaces all, after a gap [ORDER-09]. */
  replace(calls) {
    this.#threads = new Map();
    this.#count = 0;
    for (const call of calls) {
      this.#stack(call.thread).push({ ...call });
      this.#count++;
    }
  }

  /** In the order of [EVENT-06]. */
  *[Symbol.iterator]() {
    for (const thread of [...this.#threads.keys()].sort((a, b) => a - b)) yield* this.#threads.get(thread);
  }

  toVector() {
    const bytes = new Uint8Array(this.#count * OpenCall.size);
    let at = 0;
    for (const call of this) {
      writeStruct(OpenCall, viewOf(bytes), at, { ...call, kind: NUMBER.get(call.kind) });
      at += OpenCall.size;
    }
    return new StructVector(OpenCall, bytes);
  }

  #stack(thread) {
    let stack = this.#threads.get(thread);
    if (!stack) this.#threads.set(thread, stack = []);
    return stack;
  }
}

/** The calls of a batch, judged alone: kinds, order, places, ids. // [EVENT-06] */
export function decodeOpenCalls(vector, baseSequence, definitions) {
  if (vector.length > LIMITS.open_calls) throw new Fault('limit', `at most ${LIMITS.open_calls} open calls`, `${vector.length}`);
  const calls = [];
  let before = null;
  for (const open of vector) {
    const kind = NAME.get(open.kind);
    if (!OPENS.has(kind)) throw new Fault('invalid', 'a kind that opens a call', `${kind ?? open.kind} in open_calls`);
    if (open.event >= baseSequence) throw new Fault('invalid', `an open call before event ${baseSequence}`, `${open.event}`);
    if (before && (open.thread < before.thread || (open.thread === before.thread && open.event <= before.event))) {
      throw new Fault('invalid', 'open_calls by thread, outermost first', `event ${open.event} of thread ${open.thread} after event ${before.event} of thread ${before.thread}`);
    }
    if (!definitions.has(kind === 'instantiate' ? 'instance' : 'function', open.subject)) {
      throw new Fault('invalid', `a defined subject of the open ${kind}`, `${open.subject}`); // [EVENT-05]
    }
    calls.push(before = { ...open, kind });
  }
  return calls;
}
