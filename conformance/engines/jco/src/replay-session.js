import { EngineError } from './engine-error.js';
import { ORIGIN, TRAP, byPlaceOnly, coreTrap, sameTrap, trapName } from './engine-traps.js';
import { Layout, arrayResult, resultArray } from './engine-values.js';
import { ReplayMemory } from './replay-memory.js';
import { Diverged, Halted } from './replay-outcome.js';

/** Thrown through the guest to where a trap ends: the frame of the host's call. */
class Unwind extends Error {}

/**
 * Replays one trace against one guest. One loop at one level: `#events` takes events until the
 * guest has to go on; a call of the guest comes back in through `serve`. // [REPLAY-01]
 *
 * Open calls are frames { kind, fn, thread, closed }.
 */
export class Session {
  #cursor;
  #plan;
  #identity;
  #effects;
  #memories;
  #guest;
  #layouts;
  #frames = [];
  #failure = null;
  #unwinding = false;
  #event = null; // number of the last event taken
  #thread = 0; // whose calls follow
  #keepGoing;

  /** The first difference, a Diverged, or null; and how many there were. // [REPLAY-09] */
  difference = null;
  differences = 0;

  /** How the run ended: null, or { kind: return | exit | trap, status, code, message }. */
  exit = null;

  /**
   * @param {object} options
   * @param {(serve: (fn: object, args: any[]) => any) => import('./replay-guest.js').Guest} options.makeGuest gets what answers the guest's calls
   */
  constructor({ cursor, plan, identity, effects, compareDigests, keepGoing = false, makeGuest }) {
    this.#keepGoing = keepGoing;
    this.#cursor = cursor;
    this.#plan = plan;
    this.#identity = identity;
    this.#effects = effects;
    this.#layouts = plan.functions.map((fn) => ({ params: new Layout(fn.core_params), results: new Layout(fn.core_results) }));
    this.#guest = makeGuest((fn, args) => this.#serve(fn, args));
    this.#memories = new ReplayMemory(this.#guest, identity, compareDigests, (difference) => this.#differs(difference));
  }

  /** How many digests were compared. */
  get digests() {
    return this.#memories.digests;
  }

  /** Size and XXH3-64 of every memory of the plan that is there. */
  finalMemories() {
    return this.#memories.all();
  }

  /** Replays to the end, or throws Diverged, Halted or EngineError. */
  run() {
    this.#guest.compile();
    try {
      if (this.#instantiate()) this.#toTheEnd();
    } catch (error) {
      throw this.#fail(error);
    }
    if (this.#failure) throw this.#failure;
  }

  // --- the host's side -------------------------------------------------------

  // Follows the plan's initialization; false when a trap ended it. // [INSTANTIATE-01]
  #instantiate() {
    if (this.#peek() === null) throw this.#ended('the component to be instantiated');
    const steps = [...this.#plan.initialization];
    try {
      this.#guest.instantiateAll((id, make) => {
        this.#follow(steps, id);
        this.#coreInstance(make);
      });
      this.#follow(steps, null);
    } catch (error) {
      if (this.#failure) throw this.#failure;
      if (!(error instanceof Unwind)) throw error;
      this.#unwinding = false;
      this.#toTheEnd();
      return false;
    }
    return true;
  }

  // The steps of the initialization up to core instance `id`, or all.
  #follow(steps, id) {
    while (steps.length > 0) {
      const step = steps.shift();
      if (step.instantiate !== undefined) {
        this.#expect('instantiate', step.instantiate);
        this.#push('instantiate', null);
      } else if (step.instantiate_end !== undefined) {
        this.#expect('instantiate_end', step.instantiate_end);
        this.#pop();
      } else if (step.start !== undefined) {
        this.#exportCall(this.#take('export_call'));
      } else if (step.core_instance === id) {
        return;
      }
    }
  }

  #expect(kind, instance) {
    const event = this.#peek();
    if (event?.kind !== kind || event.subject !== instance) {
      throw this.#diverged(event, `instance ${instance}`, this.#describe(event), `${kind} of instance ${instance}`);
    }
    this.#next();
  }

  // Makes a core instance; throws Unwind when its start function ended in a trap.
  #coreInstance(make) {
    const frame = this.#frames.at(-1);
    try {
      make();
    } catch (error) {
      if (!this.#endsHere(error, frame)) this.#guestTrapped(error, 'a core start function');
      throw new Unwind();
    }
    this.#check();
  }

  // Events with no guest code around them, up to the end of the trace.
  #toTheEnd() {
    for (;;) {
      const event = this.#peek();
      if (event === null) break;
      switch (event.kind) {
        case 'export_call': this.#exportCall(this.#next()); break;
        case 'trap':
          this.#hostTrap(this.#next());
          this.#unwinding = false;
          break;
        default: this.#aside(event, 'a call of the host, or the end');
      }
    }
    const { verdict } = this.#cursor;
    if (verdict.verdict !== 'ok') throw new Halted(verdict.verdict, verdict.message);
    if (this.#frames.length > 0) { // [ORDER-08]
      throw new Halted('invalid', `the trace ends with ${this.#frames.length} ${this.#frames.length === 1 ? 'call' : 'calls'} open`);
    }
    if (this.#cursor.count === 0) throw new Halted('unsupported', 'the trace has no events');
    this.exit ??= { kind: 'return', status: 0, code: null, message: null };
  }

  // An export, post-return, destructor or callback: from export_call to its result.
  #exportCall(event) {
    const fn = this.#functionOf(event);
    const number = event.sequence;
    const frame = this.#push('export', fn);
    let result;
    try {
      if (!this.#lowerArguments(fn)) return;
      const args = this.#layouts[fn.id].params.decode(this.#payload(this.#next(), 'params', fn));
      result = this.#guest.call(fn, args);
    } catch (error) {
      if (!this.#endsHere(error, frame)) this.#guestTrapped(error, fn.title);
      return;
    }
    this.#check();
    if (frame.closed) throw this.#fail(new Diverged(number, fn.title, 'a trap', 'a guest that went on')); // it caught it
    if (this.#placeOnlyTrap()) {
      this.#unwinding = false; // it returned already
      return;
    }
    this.#exportResult(fn, resultArray(result, fn.core_results.length));
    this.#pop();
  }

  // What stands between export_call and export_enter; false when a trap ended it there.
  #lowerArguments(fn) {
    for (;;) {
      const event = this.#peek();
      if (event?.kind === 'export_enter') {
        if (this.#functionOf(event) !== fn) throw this.#invalid(event, `export_enter of ${fn.title}`);
        return true;
      }
      if (event?.kind === 'trap') {
        this.#hostTrap(this.#next());
        this.#unwinding = false; // no guest code was entered
        return false;
      }
      this.#aside(event, `export_enter of ${fn.title}`);
    }
  }

  #exportResult(fn, values) {
    const layout = this.#layouts[fn.id].results;
    const event = this.#peek();
    const found = `its return with ${layout.show(values)}`;
    if (event?.kind !== 'export_result' || this.#functionOf(event) !== fn) {
      throw this.#fail(this.#diverged(event, fn.title, this.#describe(event), found));
    }
    this.#compare(event, fn, layout, values, 'its return with');
    this.#next();
    if (this.#frames.length === 1) this.#noteResult(fn, values);
  }

  // The outcome of a command is in what its `run` returns. // [REPLAY-08]
  #noteResult(fn, values) {
    const isRun = fn.role === 'export' && fn.names.some((name) => name.function_name === 'run' && name.instance_name.startsWith('wasi:cli/run@'));
    if (isRun) this.exit = { kind: 'return', status: values[0] === 0 ? 0 : 1, code: null, message: null };
  }

  // --- the guest's side ------------------------------------------------------

  // A call of the guest: compares it, and does what was recorded until its result.
  #serve(fn, args) {
    this.#check();
    if (this.#unwinding) throw this.#fail(new Diverged(this.#event, fn.title, 'a trap', 'a guest that went on'));
    const layout = this.#layouts[fn.id].params;
    while (this.#peek()?.kind === 'digest') this.#aside(this.#peek());
    if (this.#placeOnlyTrap()) throw new Unwind();
    const event = this.#peek();
    if (event?.kind !== 'import_call' || this.#functionOf(event) !== fn) {
      throw this.#fail(this.#diverged(event, fn.title, this.#describe(event), `a call of it with ${layout.show(args)}`));
    }
    this.#compare(event, fn, layout, args, 'a call of it with');
    this.#next();
    this.#push('import', fn);
    const effect = this.#effects?.before(fn, args, (id) => this.#guest.memory(id)) ?? null;
    for (;;) {
      const inner = this.#peek();
      if (inner?.kind === 'import_result') {
        if (this.#frames.at(-1).thread === this.#thread && this.#functionOf(inner) !== fn) {
          throw this.#invalid(inner, `import_result of ${fn.title}`);
        }
        const values = this.#layouts[fn.id].results.decode(this.#payload(this.#next(), 'results', fn));
        this.#pop();
        if (effect) this.#attempt(() => effect(values));
        return arrayResult(values);
      }
      if (inner?.kind === 'export_call') this.#exportCall(this.#next());
      else if (inner?.kind === 'trap') {
        this.#hostTrap(this.#next());
        throw new Unwind();
      } else this.#aside(inner, `import_result of ${fn.title}`);
      this.#check();
    }
  }

  // --- events that leave the calls as they are -------------------------------

  #aside(event, awaited) {
    switch (event?.kind) {
      case 'realloc_call': return this.#realloc(this.#next());
      case 'lower': case 'lift': case 'digest': {
        const { kind } = event;
        return this.#attempt(() => this.#memories[kind](this.#next()));
      }
      case 'gap': throw this.#fail(new Halted('unsupported', `the trace has a gap at event ${event.sequence}: it can be replayed up to there`)); // [REPLAY-04]
      case 'task_start': case 'task_cancel': case 'task_resolve': case 'task_resolve_end':
      case 'copy': case 'copy_end': case 'end_dropped':
        return void this.#next(); // what they bring about are events of their own
      case 'thread_switch': case 'thread_start':
        this.#thread = this.#next().subject;
        return;
      case 'grow': throw this.#fail(growth(event));
      case 'import_call': // a thread that began by itself, and not by a call of the host
        if (this.#thread !== (this.#frames.at(-1)?.thread ?? 0)) throw this.#needsStacks();
        break;
    }
    throw event ? this.#invalid(event, awaited) : this.#ended(awaited);
  }

  #realloc(event) {
    const fn = this.#functionOf(event);
    const layouts = this.#layouts[fn.id];
    const args = layouts.params.decode(this.#payload(event, 'params', fn));
    this.#push('realloc', fn);
    let result;
    try {
      result = this.#guest.call(fn, args);
    } catch (error) {
      if (!(error instanceof Unwind)) this.#guestTrapped(error, fn.title);
      throw this.#failure ?? new Unwind();
    }
    this.#check();
    const next = this.#peek();
    const found = `its return with ${layouts.results.show([result])}`;
    if (next?.kind !== 'realloc_result' || this.#functionOf(next) !== fn) {
      throw this.#fail(this.#diverged(next, fn.title, this.#describe(next), found));
    }
    this.#compare(next, fn, layouts.results, [result], 'its return with');
    this.#next();
    this.#pop();
  }

  // --- traps -----------------------------------------------------------------

  // A recorded trap that the host raised, or that goes on through it. // [TRAP-02]
  #hostTrap({ sequence, subject, detail, payload }) {
    const origin = payload[0];
    if (origin === ORIGIN.guest) {
      const where = this.#frames.at(-1)?.fn?.title ?? 'the host';
      throw this.#fail(new Diverged(sequence, where, `a trap of the guest (${trapName(Number(detail))})`, 'none'));
    }
    this.#close(subject, Number(detail), payload);
  }

  // The guest trapped by itself, as an exception out of core code shows. // [REPLAY-02] [REPLAY-06]
  #guestTrapped(error, title) {
    if (error instanceof Diverged || error instanceof Halted || error instanceof EngineError) throw this.#fail(error);
    const found = coreTrap(error);
    while (this.#peek()?.kind === 'digest') this.#aside(this.#peek());
    const event = this.#peek();
    const text = `a trap (${trapName(found.code)}): ${found.message}`;
    if (event?.kind !== 'trap') {
      const hint = found.code === TRAP.stack_overflow ? ', for want of stack in this engine' : '';
      throw this.#fail(this.#diverged(event, title, this.#describe(event), text + hint));
    }
    const recorded = Number(event.detail);
    if (!sameTrap(recorded, found.code)) {
      this.#differs(new Diverged(event.sequence, title, this.#describe(event), text));
    }
    const { subject, payload } = this.#next();
    this.#close(subject, recorded, payload);
    this.#unwinding = false;
  }

  // Where only the place of a trap is known, the place is reached when it is next. // [REPLAY-06]
  #placeOnlyTrap() {
    const event = this.#peek();
    if (event?.kind !== 'trap' || !byPlaceOnly(Number(event.detail))) return false;
    const { subject, detail, payload } = this.#next();
    this.#close(subject, Number(detail), payload);
    return true;
  }

  #close(subject, code, payload) {
    while (this.#frames.length > 0) {
      const frame = this.#frames.pop();
      frame.closed = true;
      if (frame.kind === 'export' || frame.kind === 'instantiate') break;
    }
    this.#unwinding = true;
    if (this.#frames.length > 0) return;
    const status = view(payload).getInt32(4, true);
    const message = Buffer.from(payload.subarray(8)).toString();
    this.exit = { kind: code === TRAP.exit ? 'exit' : 'trap', status, code: trapName(code), message };
  }

  // Does an exception that left guest code end at this frame? Throws what goes further.
  #endsHere(error, frame) {
    if (this.#failure) throw this.#failure;
    if (!(error instanceof Unwind)) {
      if (!frame.closed) return false;
      throw this.#fail(new Diverged(this.#event, frame.fn?.title ?? 'instantiation', 'a trap', 'a guest that went on'));
    }
    if (!frame.closed) throw error;
    this.#unwinding = false;
    return true;
  }

  // --- helpers ---------------------------------------------------------------

  #peek() {
    try {
      return this.#cursor.peek();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #next() {
    const event = this.#cursor.take();
    this.#event = event.sequence;
    return event;
  }

  #take(kind) {
    const event = this.#peek();
    if (event?.kind !== kind) throw event ? this.#invalid(event, kind) : this.#ended(kind);
    return this.#next();
  }

  // Also compares that the function is one of the guest's.
  #functionOf(event) {
    const fn = this.#identity.function(event.subject);
    if (fn === null) {
      throw this.#fail(new Diverged(event.sequence, this.#identity.title(event.subject), `${event.kind} of it`, 'no such function in the component'));
    }
    return fn;
  }

  // Values of a required event.
  #payload(event, what, fn) {
    if (event.flags.length === 0) return event.payload;
    throw this.#fail(new Halted('unsupported', `event ${event.sequence}, ${fn.title}: its ${what} are ${event.flags.join(' and ')}`));
  }

  #compare(event, fn, layout, values, verb) {
    if (event.flags.length > 0) return; // omitted or redacted: nothing to compare with // [REPLAY-02]
    const found = layout.encode(values);
    const recorded = event.payload;
    for (let i = 0; i < found.length; i++) {
      if (found[i] !== recorded[i]) {
        const expected = `${verb} ${layout.show(layout.decode(recorded))}`;
        this.#differs(new Diverged(event.sequence, fn.title, expected, `${verb} ${layout.show(values)}`));
        return;
      }
    }
  }

  // A difference of values, after which there is a way on. // [REPLAY-09]
  #differs(difference) {
    if (!this.#keepGoing) throw this.#fail(difference);
    this.difference ??= difference;
    this.differences++;
  }

  #push(kind, fn) {
    const frame = { kind, fn, thread: this.#thread, closed: false };
    this.#frames.push(frame);
    return frame;
  }

  // Ends the innermost call, by an event of its own. // [REPLAY-10]
  #pop() {
    if (this.#frames.at(-1).thread !== this.#thread) throw this.#needsStacks();
    this.#frames.pop();
  }

  #needsStacks() {
    return this.#fail(new Halted('unsupported', `event ${this.#event}: thread ${this.#thread} goes on before another one came back, which needs an engine that can switch stacks`));
  }

  #describe(event) {
    if (event === null) return 'the end of the trace';
    switch (event.kind) {
      case 'instantiate': case 'instantiate_end': return `${event.kind} of instance ${event.subject}`;
      case 'trap': return `a trap (${trapName(Number(event.detail))})`;
      case 'import_call': return `a call of ${this.#identity.title(event.subject)}`;
      case 'export_result': return `the return of ${this.#identity.title(event.subject)}`;
      case 'gap': return 'a gap';
      case 'lower': case 'lift': case 'digest': return `${event.kind} of memory ${event.subject}`;
      case 'thread_switch': case 'thread_start': return event.kind;
      default: return `${event.kind} of ${this.#identity.title(event.subject)}`;
    }
  }

  // The end of the trace is a divergence only when the trace is whole.
  #diverged(event, title, expected, found) {
    if (event === null) return this.#ended(found, title);
    if (event.kind === 'gap') return new Halted('unsupported', `the trace has a gap at event ${event.sequence}: it can be replayed up to there`);
    if (event.kind === 'grow') return growth(event);
    return new Diverged(event.sequence, title, expected, found);
  }

  #ended(awaited, title = 'the guest') {
    const { verdict } = this.#cursor;
    if (verdict.verdict !== 'ok') return this.#fail(new Halted(verdict.verdict, verdict.message));
    if (this.#cursor.count === 0) return this.#fail(new Halted('unsupported', 'the trace has no events'));
    if (this.#frames.length > 0) return this.#fail(new Halted('invalid', `the trace ends with ${this.#frames.length} ${this.#frames.length === 1 ? 'call' : 'calls'} open, where ${awaited} should follow`));
    return this.#fail(new Diverged(null, title, 'the end of the trace', awaited));
  }

  #invalid(event, awaited) {
    return this.#fail(new Halted('invalid', `event ${event.sequence} is ${this.#describe(event)} where ${awaited} should stand`));
  }

  // What fails here inside a call of the guest must not look like a trap of the guest's.
  #attempt(action) {
    try {
      action();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(error) {
    if (this.#failure === null) {
      this.#failure = error;
      if (error instanceof Diverged) {
        this.difference ??= error;
        this.differences++;
      }
    }
    return this.#failure;
  }

  #check() {
    if (this.#failure) throw this.#failure;
  }
}

// What a memory does is V8's matter. // [REPLAY-12]
const growth = ({ sequence }) => new Halted('unsupported', `event ${sequence} is grow: this engine cannot make a memory grow otherwise than it does`);

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
