import { CoreMatcher } from './engine-match.js';
import { ORIGIN, TRAP, coreTrap, hostTrap } from './engine-traps.js';
import { NONE } from './format/limits.js';
import { Merge } from './instrumented-merge.js';
import { PieceReader, guestMemoryOf, instanceOf, isAreasMemory, isRecorderMemory, takeAreas, takeTail } from './instrumented-pieces.js';
import { Aborted, GuestExit } from './record-recorder.js';
import { Saver } from './record-saver.js';

const CONTROL = 'crossing:recorder/control@0.1.0';
const MESSAGE_LENGTH = 4096;
const GAP_ABORTED = 3n;

/**
 * The host's half of a component that records itself (spec/instrument.md): takes its pieces, and
 * adds what the guest cannot say of itself: how it ended. In the place of a Recorder.
 */
export class InstrumentedRecorder {
  #plan;
  #emit;
  #glue;
  #stopAsked;
  #flush;
  #memories = []; // of recorders
  #areas = []; // memories of blocks
  #matcher;
  #saver;
  #digest;
  #entered = 0; // calls of the host that are open
  #readers = new Map(); // by instance
  #merge = null; // with more than one recorder
  #opened = 0;
  #component = null;
  #frames = []; // open calls: { kind, subject, entered }
  #lastTrap = null;
  #failure = null;
  #stopped = false;
  #count = 0;

  /**
   * As the Recorder's constructor; and the component as it was, whose core modules are found again,
   * and `flush()`, after which what was emitted is kept, whatever happens.
   */
  constructor({ plan, component, emit, glue, digest, stopAsked, flush }) {
    this.#plan = plan;
    this.#matcher = new CoreMatcher(plan, component);
    this.#saver = new Saver(plan, (kind, subject, detail, payload, flags = []) => this.#take({ kind, flags, subject, detail, payload }));
    this.#digest = digest;
    this.#emit = emit;
    this.#glue = glue;
    this.#stopAsked = stopAsked;
    this.#flush = flush;
  }

  get failure() {
    return this.#failure;
  }

  incomplete = null;

  get lastTrap() {
    return this.#lastTrap;
  }

  get eventCount() {
    this.#collect();
    return this.#count;
  }

  get openCalls() {
    this.#collect();
    return this.#frames.length;
  }

  // --- what the component imports // [SINK-01] -------------------------------

  sink = {
    open: () => {
      const ordinal = this.#opened++;
      if (ordinal === 1) this.#merge = new Merge(this.#plan.functions, (event) => this.#take(event));
      return ordinal;
    },
    write: (instance, events, payloads, bulk) => {
      if (this.#failure) throw this.#failure;
      this.#accept(instance, events, payloads, bulk);
      // Another one holds a post-return at most, for which these events would have to wait.
      if (this.#merge) this.#collect(instance);
      this.#flush(); // [SINK-12]
      if (this.#stopAsked()) {
        this.abort();
        throw new Aborted();
      }
    },
  };

  // --- the hook of jco's output: only to find memories, and places for digests

  get missing() {
    return this.#matcher.missing;
  }

  compile(bytes) {
    return this.#matcher.compile(bytes);
  }

  instantiateCore = (module, imports) => {
    const id = this.#matcher.next(module);
    const instance = new WebAssembly.Instance(module, imports);
    if (id !== null) {
      for (const memory of this.#plan.coreInstances[id].memories) this.#saver.addMemory(memory.id, instance.exports[memory.export_name]);
      return instance;
    }
    const { memory, enter } = instance.exports;
    if (memory instanceof WebAssembly.Memory && isRecorderMemory(memory)) this.#memories.push(memory);
    else if (memory instanceof WebAssembly.Memory && isAreasMemory(memory)) this.#areas.push(memory);
    return enter && this.#digest ? { exports: { enter: this.#enter(enter) } } : instance;
  };

  // A call of the host, with a digest after its result. // [SINK-14] [RECORD-06]
  #enter(call) {
    return (...args) => {
      this.#entered++;
      let result;
      try {
        result = call(...args);
      } finally {
        this.#entered--;
      }
      if (this.#entered > 0 || this.#stopped) return result;
      this.#collect();
      this.#merge?.finish(); // of a post-return only that of this call is still to come
      if (this.#frames.length === 0) this.#saver.digests();
      return result;
    };
  }

  // --- the run ---------------------------------------------------------------

  instantiated(component) {
    this.#component = component;
  }

  expect() {}

  /** As the Recorder's: a call that the host made ended with an exception. */
  topLevelFailed(error, reachedGuest) {
    if (this.#stopped || this.#failure || error instanceof Aborted) return true;
    this.#collect();
    this.#merge?.finish();
    if (this.#frames.length === 0) {
      if (!reachedGuest) return false;
      this.#trap(NONE, hostTrap(error, this.#glue));
      return true;
    }
    let trap = this.#trapOf(error);
    while (this.#frames.length > 0) { // [TRAP-02] [TRAP-04]
      const { kind, subject, entered } = this.#frames.at(-1);
      if (kind === 'import_call' || (kind === 'export_call' && !entered)) this.#saveAreas(this.#plan.functions[subject].instance);
      this.#trap(kind === 'instantiate' ? NONE : subject, trap);
      trap = { ...trap, origin: trap.origin === ORIGIN.host ? ORIGIN.host : ORIGIN.engine };
    }
    return true;
  }

  abort() {
    if (this.#stopped || this.#failure) return;
    this.#collect();
    this.#merge?.finish();
    this.#take({ kind: 'gap', flags: [], subject: NONE, detail: GAP_ABORTED, payload: new Uint8Array(8) });
    this.#stopped = true;
  }

  /** The run is over. What is left comes by `drain`, or out of memory where the guest may not run. */
  close() {
    if (!this.#stopped) {
      if (this.#lastTrap === null) for (const drain of Object.values(this.#component?.[CONTROL] ?? {})) drain();
      this.#collect();
      this.#merge?.finish();
    }
    this.#stopped = true;
  }

  // --- events ----------------------------------------------------------------

  #accept(instance, ...piece) {
    if (this.#stopped) return;
    if (!this.#readers.has(instance)) this.#readers.set(instance, new PieceReader());
    const events = this.#readers.get(instance).read(...piece);
    if (this.#merge) this.#merge.add(instance, events);
    else for (const event of events) this.#take(event);
  }

  // In what order does not matter: only the recorder that runs, or ran last, holds more than a
  // post-return.
  #collect(but = NONE) {
    for (const memory of this.#memories) {
      if (instanceOf(memory) === but) continue;
      const { instance, pieces } = takeTail(memory);
      for (const piece of pieces) this.#accept(instance, ...piece);
    }
  }

  #take(event) {
    const { kind, subject, detail, payload, flags } = event;
    try {
      this.#emit(kind, subject, detail, payload, flags);
    } catch (error) {
      this.#failure = error;
      this.#stopped = true;
      throw error;
    }
    this.#count++;
    switch (kind) {
      case 'instantiate': case 'export_call': case 'import_call': case 'realloc_call':
        this.#frames.push({ kind, subject, entered: false });
        break;
      case 'export_enter':
        this.#frames.at(-1).entered = true;
        break;
      case 'instantiate_end': case 'export_result': case 'import_result': case 'realloc_result':
        this.#frames.pop();
        break;
    }
  }

  // What the host lowered before it trapped. // [TRAP-03] [SINK-13]
  #saveAreas(instance) {
    for (const memory of this.#areas) {
      if (this.#plan.memories[guestMemoryOf(memory)].instance === instance) this.#saver.areas(takeAreas(memory));
    }
  }

  // What ended the innermost open call: core code, or what serves it.
  #trapOf(error) {
    const { kind, entered } = this.#frames.at(-1);
    if (error instanceof GuestExit) return { code: TRAP.exit, origin: ORIGIN.host, status: error.status, message: error.message };
    const inCore = kind === 'instantiate' || kind === 'realloc_call' || (kind === 'export_call' && entered);
    return inCore ? coreTrap(error) : hostTrap(error, this.#glue);
  }

  #trap(subject, trap) {
    const { code, origin, status = 0, message } = trap;
    const text = new TextEncoder().encode(message.slice(0, MESSAGE_LENGTH));
    const payload = new Uint8Array(8 + text.length);
    payload[0] = origin;
    new DataView(payload.buffer).setInt32(4, status, true);
    payload.set(text, 8);
    this.#take({ kind: 'trap', flags: [], subject, detail: BigInt(code), payload });
    this.#lastTrap = { code, origin, status, message };
    while (this.#frames.length > 0) {
      const { kind } = this.#frames.pop();
      if (kind === 'export_call' || kind === 'instantiate') break;
    }
  }
}
