/** Trap codes. // [REG-01] */
export const TRAP = Object.freeze({
  unknown: 0,
  unreachable: 1,
  memory_out_of_bounds: 2,
  table_out_of_bounds: 3,
  indirect_call_to_null: 4,
  bad_signature: 5,
  integer_overflow: 6,
  integer_division_by_zero: 7,
  bad_conversion_to_integer: 8,
  stack_overflow: 9,
  out_of_memory: 10,
  interrupt: 11,
  null_reference: 12,
  uncaught_exception: 13,
  host_error: 14,
  canonical_abi: 15,
  exit: 16,
  cannot_leave: 17,
});

const NAMES = Object.keys(TRAP);

export const trapName = (code) => NAMES[code] ?? `trap code ${code}`;

export const ORIGIN = Object.freeze({ guest: 0, host: 1, engine: 2 });

// V8's messages, and those that jco puts in their place.
const MESSAGES = [
  [/\bunreachable\b/, TRAP.unreachable],
  [/memory access out of bounds|out of bounds memory access|unaligned accesses|data segment/, TRAP.memory_out_of_bounds],
  [/table index is out of bounds|table access out of bounds|out of bounds table access|element segment/, TRAP.table_out_of_bounds],
  [/function signature mismatch|indirect call type mismatch/, TRAP.bad_signature],
  [/divide result unrepresentable|integer overflow/, TRAP.integer_overflow],
  [/divide by zero|remainder by zero/, TRAP.integer_division_by_zero],
  [/float unrepresentable in integer range|invalid conversion to integer/, TRAP.bad_conversion_to_integer],
  [/null pointer|illegal cast/, TRAP.null_reference],
  [/cannot leave component instance/, TRAP.cannot_leave],
];

const isStackOverflow = (error) => error instanceof RangeError && /call stack/.test(error.message);

/**
 * What an exception says that came straight out of core code.
 * @returns {{code: number, origin: number, message: string}}
 */
export function coreTrap(error) {
  const message = error instanceof Error ? error.message : String(error);
  if (isStackOverflow(error)) return { code: TRAP.stack_overflow, origin: ORIGIN.engine, message };
  if (error instanceof WebAssembly.RuntimeError) {
    const known = MESSAGES.find(([pattern]) => pattern.test(message));
    return { code: known ? known[1] : TRAP.unknown, origin: ORIGIN.guest, message };
  }
  if (WebAssembly.Exception && error instanceof WebAssembly.Exception) {
    return { code: TRAP.uncaught_exception, origin: ORIGIN.guest, message: 'an exception that nothing caught' };
  }
  return { code: TRAP.unknown, origin: ORIGIN.engine, message };
}

/**
 * What an exception says that came out of what serves a boundary function: the host's own code, or
 * the engine's glue around it.
 * @param {string} glue part of the address of the engine's generated code, as a stack shows it
 */
export function hostTrap(error, glue) {
  const message = error instanceof Error ? error.message : String(error);
  if (isStackOverflow(error)) return { code: TRAP.stack_overflow, origin: ORIGIN.engine, message };
  const cannotLeave = /cannot leave component instance/.test(message);
  if (cannotLeave) return { code: TRAP.cannot_leave, origin: ORIGIN.engine, message };
  if (error instanceof Error && thrownIn(error, glue)) return { code: TRAP.canonical_abi, origin: ORIGIN.engine, message };
  return { code: TRAP.host_error, origin: ORIGIN.host, message };
}

// Node's own functions (a decoder, say) throw on behalf of who called them.
function thrownIn(error, glue) {
  const frames = String(error.stack).split('\n').filter((line) => /^\s+at /.test(line));
  const first = frames.find((line) => !/\(node:|<anonymous>/.test(line));
  return first !== undefined && first.includes(glue);
}

/** Codes that engines draw different lines between, and one of them for all. */
const MERGED = new Map([
  [TRAP.indirect_call_to_null, TRAP.bad_signature],
  [TRAP.bad_conversion_to_integer, TRAP.integer_overflow],
]);

/** Do a recorded and a found code name the same trap? // [REPLAY-06] */
export function sameTrap(recorded, found) {
  const merge = (code) => MERGED.get(code) ?? code;
  return recorded === TRAP.unknown || found === TRAP.unknown || merge(recorded) === merge(found);
}

/** Traps that depend on the machine: only their place can be compared. // [REPLAY-06] */
export const byPlaceOnly = (code) => code === TRAP.stack_overflow || code === TRAP.out_of_memory || code === TRAP.interrupt;
