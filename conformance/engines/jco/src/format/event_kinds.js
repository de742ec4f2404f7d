import { SCHEMA } from './schema.js';

/**
 * The table "Kinds" of events.md.
 *   subject  whose id it is: a kind of definition, 'thread', or one of the special forms
 *   detail   what it is; 'zero' MUST be 0
 *   body     its form
 *   flags    allowed beside continued, time_prefix and wide, as a mask
 */
const FLAG = Object.fromEntries(SCHEMA.enums.EventFlags.numbers);
export const { continued: CONTINUED, time_prefix: TIME_PREFIX, wide: WIDE, redacted: REDACTED,
  hashed: HASHED, omitted: OMITTED, snapshot: SNAPSHOT } = FLAG;
export const PREFIX_FLAGS = CONTINUED | TIME_PREFIX | WIDE;
export const BODY_FLAGS = REDACTED | HASHED | OMITTED | SNAPSHOT;
export const KNOWN_FLAGS = PREFIX_FLAGS | BODY_FLAGS;

const row = (subject, detail, body, flags = 0) => ({ subject, detail, body, flags });
const ROWS = {
  instantiate: row('instance', 'zero', 'empty'),
  instantiate_end: row('instance', 'zero', 'empty'),
  export_call: row('function', 'call', 'empty'),
  export_enter: row('function', 'call', 'params', REDACTED),
  export_result: row('function', 'call', 'results', REDACTED | OMITTED),
  import_call: row('function', 'call', 'params', REDACTED | OMITTED),
  import_result: row('function', 'call', 'results', REDACTED),
  lift: row('memory', 'address', 'bytes', HASHED | REDACTED | OMITTED),
  realloc_call: row('function', 'zero', 'params'),
  realloc_result: row('function', 'zero', 'results', OMITTED),
  lower: row('memory', 'address', 'bytes', SNAPSHOT | REDACTED),
  trap: row('function or none', 'trap code', 'trap'),
  task_start: row('function', 'call', 'empty'),
  task_resolve: row('function', 'call', 'state'),
  task_resolve_end: row('function', 'call', 'empty'),
  task_cancel: row('function', 'call', 'empty'),
  copy: row('instance', 'handle', 'copy'),
  copy_end: row('instance', 'handle', 'empty'),
  end_dropped: row('instance', 'handle', 'empty'),
  thread_switch: row('thread', 'call', 'empty'),
  thread_start: row('thread', 'call', 'empty'),
  grow: row('memory or table', 'memory or table', 'grow'),
  gap: row('none', 'reason', 'gap'),
  digest: row('memory', 'zero', 'hash'),
  marker: row('zero', 'namespace size', 'marker'),
};

/** Name, number and row of every kind, by number. */
export const EVENT_KINDS = new Map(Object.entries(ROWS).map(([name, kind]) => {
  const number = SCHEMA.enums.EventKind.numbers.get(name);
  return [number, Object.freeze({ name, number, ...kind })];
}));
const KINDS_BY_NAME = new Map([...EVENT_KINDS.values()].map((kind) => [kind.name, kind]));

/** Kinds from here on may be passed over [EVENT-04]. */
export const FIRST_INFORMATIVE = 128;

/** The row of a kind number, unknown informative ones included; undefined for a critical unknown. */
export function kindOf(number) {
  return EVENT_KINDS.get(number)
    ?? (number >= FIRST_INFORMATIVE ? { name: number, number, ...row('any', 'any', 'bytes', BODY_FLAGS) } : undefined);
}

/** The row of a kind as JSON names it [JSON-06]; undefined when it is none. */
export function kindNamed(kind) {
  if (typeof kind === 'string') return KINDS_BY_NAME.get(kind);
  const isUnknown = Number.isInteger(kind) && kind >= FIRST_INFORMATIVE && kind <= 255 && !EVENT_KINDS.has(kind);
  return isUnknown ? kindOf(kind) : undefined;
}

/** Bytes of prefixes that these flags announce [PAY-01] [PAY-02] [PAY-03]; without the last, in a further piece. */
export const prefixSize = (flags) => 8 * (((flags & TIME_PREFIX) !== 0) + ((flags & WIDE) !== 0) + ((flags & CONTINUED) !== 0));

/** Names of the flags of [JSON-08] that are set, in bit order. */
export function bodyFlagNames(flags) {
  return FLAG_NAMES[flags & BODY_FLAGS] ??= [...SCHEMA.enums.EventFlags.numbers]
    .filter(([, bit]) => flags & bit & BODY_FLAGS).map(([name]) => name);
}
const FLAG_NAMES = [];

/** The bits of such names, or undefined when one is none of them. */
export function bodyFlagBits(names) {
  let bits = 0;
  for (const name of names) {
    const bit = FLAG[name] & BODY_FLAGS;
    if (!bit) return undefined;
    bits |= bit;
  }
  return bits;
}
