import { ORIGIN, TRAP, coreTrap, hostTrap } from './engine-traps.js';
import { Layout, resultArray, unsigned } from './engine-values.js';
import { NONE } from './format/limits.js';
import { Areas } from './record-areas.js';
import { Saver } from './record-saver.js';

/** Thrown through the guest when the recording was asked to stop. */
export class Aborted extends Error {
  constructor() {
    super('the recording was stopped');
    this.name = 'Aborted';
  }
}

/** What a host function throws when the guest exits. */
export class GuestExit extends Error {
  constructor(status) {
    super(`the guest exited with status ${status}`);
    this.name = 'GuestExit';
    this.status = status;
  }
}

const GAP_LOST = 0n;
const GAP_ABORTED = 3n;
const NOTHING = new Uint8Array(0);

/**
 * Makes the events of the `abi` profile from what wrappers around core imports and exports see.
 *
 * Each wrapper hands its call over to `importCall`, `exportCall` or `reallocCall`, which write what
 * stands before it, make it, and write what stands after it. Values are bits (engine-values.js).
 *
 * The open calls are frames: { kind, fn, areas, entered, closed }, kind one of `import`, `export`,
 * `realloc`, `instantiate`. `closed` says that a trap ended the frame although its JavaScript
 * function is still to be unwound.
 */
export class Recorder {
  #plan;
  #emit;
  #glue;
  #digest;
  #lift;
  #stopAsked;
  #frames = [];
  #saver;
  #layouts;
  #step = 0; // in the plan's initialization
  #expected = null; // the export that the host is about to call
  #held = null; // a lowering of arguments whose export is not known yet
  #unwinding = 0; // frames that a trap closed and that JavaScript has still to leave
  #stopped = false;
  #lastTrap = null; // { error, code, origin, status, message }
  #failure = null;

  /**
   * @param {object} options
   * @param {import('./engine-plan.js').Plan} options.plan
   * @param {(kind: string, subject: number, detail: bigint, payload: Uint8Array, flags: string[]) => void} options.emit
   *        takes one event; the payload is only good during the call; throws when it cannot be written
   * @param {string} options.glue see hostTrap
   * @param {boolean} options.digest
   * @param {boolean} options.lift also what the host reads of guest memory
   * @param {() => boolean} options.stopAsked
   */
  constructor({ plan, emit, glue, digest, lift = false, stopAsked }) {
    this.#plan = plan;
    this.#emit = emit;
    this.#glue = glue;
    this.#digest = digest;
    this.#lift = lift;
    this.#stopAsked = stopAsked;
    this.#saver = new Saver(plan, (...event) => this.#write(...event));
    this.#layouts = plan.functions.map((fn) => ({
      params: new Layout(fn.core_params),
      results: new Layout(fn.core_results),
    }));
  }

  /** The error that ended recording although the guest could have gone on, or null. */
  get failure() {
    return this.#failure;
  }

  /** Why events are missing although the run went on, or null. */
  incomplete = null;

  /** The last trap, exit included, that was recorded: { code, status, message }, or null. */
  get lastTrap() {
    return this.#lastTrap;
  }

  /** How many events were handed on. */
  eventCount = 0;

  get openCalls() {
    return this.#frames.length;
  }

  // --- instances -------------------------------------------------------------

  /** A core instance of the plan is about to be made. // [INSTANTIATE-01] */
  beforeCoreInstance(id) {
    this.#advance((step) => step.core_instance === id);
  }

  /** A memory of the plan is there. */
  addMemory(id, memory) {
    this.#saver.addMemory(id, memory);
  }

  /** A core start function threw. */
  startFailed(error) {
    if (this.#ended(error)) return;
    this.#unwound();
    if (this.#frames.length === 0) return;
    if (this.#lastTrap?.error === error) this.#endAll();
    else this.#trapAll(error, coreTrap(error));
  }

  /** The component is instantiated. */
  instantiated() {
    this.#advance(() => false);
  }

  #advance(until) {
    const steps = this.#plan.initialization;
    while (this.#step < steps.length) {
      const step = steps[this.#step];
      if (until(step)) return;
      this.#step++;
      if (step.instantiate !== undefined) {
        this.#write('instantiate', step.instantiate, 0n, NOTHING);
        this.#push({ kind: 'instantiate', fn: null, instance: step.instantiate });
      } else if (step.instantiate_end !== undefined) {
        this.#write('instantiate_end', step.instantiate_end, 0n, NOTHING);
        this.#frames.pop();
      }
    }
  }

  // --- calls from the guest --------------------------------------------------

  /** @returns {any} what `call` gave, to be passed on to the guest */
  importCall(fn, call, args) {
    this.#checkpoint();
    if (this.#stopped) return call(...args);
    const layout = this.#layouts[fn.id];
    this.#write('import_call', fn.id, 0n, layout.params.encode(args));
    if (this.#lift) this.#saver.liftParams(fn, args);
    const frame = this.#push({ kind: 'import', fn, areas: null, closed: false });
    let result;
    try {
      result = call(...args);
    } catch (error) {
      this.#importFailed(frame, error);
      throw error;
    }
    if (this.#stopped) return result;
    if (frame.closed) {
      this.#lost();
      return result;
    }
    this.#unwound();
    this.#abandonAbove(frame, null);
    const values = resultArray(result, fn.core_results.length);
    this.#saveAreas(frame);
    this.#saver.beforeImportResult(fn, args, values);
    this.#write('import_result', fn.id, 0n, layout.results.encode(values));
    this.#frames.pop();
    return result;
  }

  #importFailed(frame, error) {
    if (this.#ended(error)) return;
    if (frame.closed) return; // a trap inside, in realloc, ended the guest around it too
    this.#unwound();
    const trap = this.#trapOf(error);
    this.#abandonAbove(frame, trap);
    this.#saveAreas(frame); // [TRAP-03], but not the result area [RECORD-04]
    this.#trap(frame.fn, error, trap);
  }

  #trapOf(error) {
    // What ended a callee goes on through its caller.
    if (this.#lastTrap !== null && this.#lastTrap.error === error) {
      const { code, origin, status, message } = this.#lastTrap;
      return { code, origin: origin === ORIGIN.host ? ORIGIN.host : ORIGIN.engine, status, message };
    }
    if (error instanceof GuestExit) return { code: TRAP.exit, origin: ORIGIN.host, status: error.status, message: error.message };
    return hostTrap(error, this.#glue);
  }

  // --- calls to the guest ----------------------------------------------------

  /** The host is about to call this export, by its component-level function; null: not any more. */
  expect(fn) {
    this.#expected = fn;
  }

  /** @param {object[]} candidates the boundary functions that this core export is */
  exportCall(candidates, call, args) {
    this.#checkpoint();
    if (this.#stopped) return call(...args);
    const fn = this.#choose(candidates);
    this.#advanceToStart(fn);
    const layout = this.#layouts[fn.id];
    const frame = this.#beginExport(fn);
    this.#saveAreas(frame);
    this.#saver.beforeExportEnter(fn, args);
    this.#write('export_enter', fn.id, 0n, layout.params.encode(args));
    frame.entered = true;
    let result;
    try {
      result = call(...args);
    } catch (error) {
      this.#exportFailed(frame, error);
      throw error;
    }
    if (this.#stopped) return result;
    if (frame.closed) {
      this.#lost();
      return result;
    }
    const values = resultArray(result, fn.core_results.length);
    this.#write('export_result', fn.id, 0n, layout.results.encode(values));
    if (this.#lift) this.#saver.liftResults(fn, values);
    this.#frames.pop();
    this.#lastResult = fn;
    if (this.#digest && this.#frames.length === 0) this.#saver.digests(); // [RECORD-06]
    return result;
  }

  #lastResult = null;

  #exportFailed(frame, error) {
    if (this.#ended(error)) return;
    if (frame.closed) {
      this.#unwound();
      return;
    }
    const innermost = this.#frames.at(-1);
    const trap = this.#lastTrap?.error === error ? this.#trapOf(error) : coreTrap(error);
    this.#trap(innermost.fn ?? frame.fn, error, trap);
    this.#unwound();
  }

  // One core function can be several boundary functions: the situation tells which.
  #choose(candidates) {
    if (candidates.length === 1) return candidates[0];
    const top = this.#frames.at(-1);
    const postReturn = this.#lastResult?.options?.post_return;
    return candidates.find((fn) => top?.kind === 'export' && !top.entered && top.fn === fn)
      ?? candidates.find((fn) => fn === this.#expected)
      ?? candidates.find((fn) => fn.role === 'post_return' && fn.id === postReturn)
      ?? candidates.find((fn) => top?.kind === 'import' && top.fn.builtin === 'resource.drop' && fn.role === 'destructor')
      ?? candidates.find((fn) => fn.role === 'export')
      ?? candidates[0];
  }

  #advanceToStart(fn) {
    const steps = this.#plan.initialization;
    if (this.#step < steps.length && steps.slice(this.#step).some((step) => step.start === fn.id)) {
      this.#advance((step) => step.start === fn.id);
      this.#step++;
    }
  }

  #beginExport(fn) {
    const top = this.#frames.at(-1);
    if (this.#expected !== null && this.#frames.length === (top?.kind === 'export' ? 1 : 0)) this.#expected = null;
    if (top?.kind === 'export' && !top.entered) return top;
    const held = this.#held;
    this.#held = null;
    this.#write('export_call', fn.id, 0n, NOTHING);
    for (const event of held?.events ?? []) this.#write(...event);
    return this.#push({ kind: 'export', fn, areas: held?.areas ?? null, entered: false, closed: false });
  }

  // --- realloc ---------------------------------------------------------------

  reallocCall(fn, call, args) {
    this.#checkpoint();
    if (this.#stopped) return call(...args);
    const areas = this.#areasFor(fn);
    const [old, oldSize, , newSize] = args.map(unsigned);
    this.#saver.taken(areas, old, old + oldSize); // [RECORD-02]: it may move
    const layout = this.#layouts[fn.id];
    this.#write('realloc_call', fn.id, 0n, layout.params.encode(args));
    const frame = this.#push({ kind: 'realloc', fn, closed: false });
    let result;
    try {
      result = call(...args);
    } catch (error) {
      this.#reallocFailed(frame, error);
      throw error;
    }
    if (this.#stopped) return result;
    if (frame.closed) {
      this.#lost();
      return result;
    }
    this.#write('realloc_result', fn.id, 0n, layout.results.encode([result]));
    this.#frames.pop();
    const start = unsigned(result);
    this.#saver.taken(areas, start, start + newSize); // [RECORD-02]: it overlaps earlier ones
    areas.add(start, start + newSize);
    return result;
  }

  #reallocFailed(frame, error) {
    if (this.#ended(error)) return;
    if (frame.closed) {
      this.#unwound();
      return;
    }
    if (this.#held) {
      // The trap shows in the realloc; its export is known only now, by elimination.
      const { fn, events } = this.#takeHeld();
      this.#write('export_call', fn.id, 0n, NOTHING);
      for (const event of events) this.#write(...event);
      this.#frames.splice(this.#frames.indexOf(frame), 0, { kind: 'export', fn, areas: null, entered: false, closed: false });
    }
    this.#trap(frame.fn, error, this.#lastTrap?.error === error ? this.#trapOf(error) : coreTrap(error));
  }

  #saveAreas(frame) {
    const { areas } = frame;
    frame.areas = null;
    if (areas) this.#saver.areas(areas);
  }

  // The areas of the lowering that a realloc belongs to.
  #areasFor(realloc) {
    const top = this.#frames.at(-1);
    if (this.#held) return this.#held.areas;
    const isImportResult = top?.kind === 'import' && top.fn.instance === realloc.instance;
    if (isImportResult || (top?.kind === 'export' && !top.entered)) {
      return top.areas ??= new Areas(top.fn.memory ?? this.#memoryOf(realloc));
    }
    if (top === undefined && this.#expected !== null) {
      const frame = this.#beginExport(this.#expected);
      return frame.areas = new Areas(frame.fn.memory);
    }
    // An adapter lowers arguments; which export they are for shows when it is called.
    const areas = new Areas(this.#memoryOf(realloc));
    this.#held = { areas, realloc, caller: top?.fn ?? null, events: [] };
    return areas;
  }

  #usersOf(realloc) {
    return this.#plan.functions.filter((fn) => fn.role === 'export' && fn.instance === realloc.instance && fn.options?.realloc === realloc.id);
  }

  // The memory that goes with a realloc, as far as the canonical options of others tell.
  #memoryOf(realloc) {
    return this.#plan.functions.find((fn) => fn.options?.realloc === realloc.id && fn.memory !== null)?.memory ?? null;
  }

  // The held lowering with the export that it most likely is for.
  #takeHeld() {
    const { realloc, caller, events } = this.#held;
    this.#held = null;
    const users = this.#usersOf(realloc);
    const name = caller?.names[0]?.function_name;
    const fn = users.find((user) => user.names.some((other) => other.function_name === name)) ?? users[0] ?? realloc;
    return { fn, events };
  }

  // --- ends ------------------------------------------------------------------

  /**
   * A call that the host made ended with an exception. What the guest's own frames say of it is
   * written; this adds what they cannot: arguments that could not be lowered, results that could
   * not be lifted.
   * @returns {boolean} whether the guest is to blame, or the host for ending it
   */
  topLevelFailed(error, reachedGuest) {
    this.#expected = null;
    if (this.#ended(error)) return true;
    this.#unwound();
    if (this.#lastTrap?.error === error) {
      this.#endAll();
      return true;
    }
    if (this.#frames.length > 0 || this.#held) {
      this.#trapAll(error, hostTrap(error, this.#glue));
      return true;
    }
    if (!reachedGuest) return false;
    this.#trap(null, error, hostTrap(error, this.#glue)); // after the result: lifting it failed
    return true;
  }

  /** The recorder stops while the guest goes on, or could. // [RECORD-05] */
  abort() {
    if (this.#stopped || this.#failure) return;
    this.#gap(GAP_ABORTED);
  }

  /** The run is over: nothing more will be written. */
  close() {
    this.#stopped = true;
  }

  // What a trap that was recorded further in leaves open around it. // [TRAP-02] [TRAP-04]
  #endAll() {
    const { error } = this.#lastTrap;
    while (this.#frames.length > 0) this.#trap(this.#frames.at(-1).fn, error, this.#trapOf(error));
    this.#unwound();
  }

  #trapAll(error, trap) {
    if (this.#held) this.#abandonHeld(trap);
    if (this.#frames.length > 0) {
      this.#saveAreas(this.#frames.at(-1)); // [TRAP-03]
      this.#trap(this.#frames.at(-1).fn, error, trap);
    }
    this.#endAll();
  }

  // Calls that an adapter began above `frame` and never made.
  #abandonAbove(frame, trap) {
    if (this.#held) this.#abandonHeld(trap);
    while (this.#frames.length > 0 && this.#frames.at(-1) !== frame && this.#frames.includes(frame)) {
      this.#trap(this.#frames.at(-1).fn, null, trap ?? { code: TRAP.unknown, origin: ORIGIN.engine, message: '' });
      this.#unwound();
    }
  }

  #abandonHeld(trap) {
    const { areas } = this.#held;
    const { fn, events } = this.#takeHeld();
    this.#write('export_call', fn.id, 0n, NOTHING);
    for (const event of events) this.#write(...event);
    this.#saveAreas(this.#push({ kind: 'export', fn, areas, entered: false, closed: false })); // [TRAP-03]
    this.#trap(fn, null, trap ?? { code: TRAP.unknown, origin: ORIGIN.engine, message: '' });
    this.#unwound();
  }

  // Writes a trap and closes every frame up to the nearest one of the host. // [TRAP-02]
  #trap(fn, error, { code, origin, status = 0, message }) {
    const text = new TextEncoder().encode(message.slice(0, MESSAGE_LENGTH));
    const payload = new Uint8Array(8 + text.length);
    payload[0] = origin;
    new DataView(payload.buffer).setInt32(4, status, true);
    payload.set(text, 8);
    this.#write('trap', fn === null ? NONE : fn.id, BigInt(code), payload);
    this.#lastTrap = { error, code, origin, status, message };
    while (this.#frames.length > 0) {
      const frame = this.#frames.pop();
      frame.closed = true;
      if (frame.kind === 'export' || frame.kind === 'instantiate') break;
    }
    this.#unwinding++;
  }

  // The exception has left the frames that the trap closed.
  #unwound() {
    this.#unwinding = 0;
  }

  // Guest code went on although a trap ended it: it caught the host's exception.
  #lost() {
    this.incomplete = 'the guest caught an exception of the host and went on, which a trace cannot say';
    this.#gap(GAP_LOST);
  }

  #gap(reason) {
    this.#held = null;
    this.#write('gap', NONE, reason, new Uint8Array(8)); // [GAP-01]: how many is not known
    this.#stopped = true;
  }

  // --- events ----------------------------------------------------------------

  #push(frame) {
    this.#frames.push(frame);
    return frame;
  }

  #write(kind, subject, detail, payload, flags = NO_FLAGS) {
    if (this.#stopped) return;
    if (this.#held) {
      this.#held.events.push([kind, subject, detail, payload.slice(), flags]);
      return;
    }
    try {
      this.#emit(kind, subject, detail, payload, flags);
      this.eventCount++;
    } catch (error) {
      this.#failure = error;
      this.#stopped = true;
      throw error;
    }
  }

  // Where a wrapper begins: the places at which recording can end, and at which it can be seen
  // that there is stack enough to write events without being interrupted half-way.
  #checkpoint() {
    if (this.#failure) throw this.#failure;
    stackProbe(PROBE_DEPTH);
    if (this.#stopAsked()) {
      this.abort();
      throw new Aborted();
    }
    if (this.#unwinding > 0) this.#lost();
  }

  #ended(error) {
    return this.#stopped || this.#failure !== null || error instanceof Aborted;
  }
}

const NO_FLAGS = Object.freeze([]);
const MESSAGE_LENGTH = 4096;
const PROBE_DEPTH = 64;

// Fails, as any call does, when the stack is nearly used up; but before anything has been changed.
function stackProbe(depth) {
  return depth === 0 ? 0 : 1 + stackProbe(depth - 1);
}
