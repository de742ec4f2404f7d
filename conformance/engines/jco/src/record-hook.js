import { CoreMatcher } from './engine-match.js';
import { importKey } from './engine-plan.js';
import { givingBits, takingBits } from './engine-trampoline.js';

/**
 * The hook of jco's output, `instantiateCore(module, imports)`: wraps what crosses the boundary
 * between the plan's core instances and everything else, and leaves the rest alone.
 */
export class Hook {
  #plan;
  #recorder;
  #matcher;
  #plain = new WeakMap(); // wrapper of an export -> the core function itself
  #wrappedImports = new Map();

  /**
   * @param {import('./engine-plan.js').Plan} plan
   * @param {Uint8Array} component
   * @param {import('./record-recorder.js').Recorder} recorder
   */
  constructor(plan, component, recorder) {
    this.#plan = plan;
    this.#recorder = recorder;
    this.#matcher = new CoreMatcher(plan, component);
  }

  compile(bytes) {
    return this.#matcher.compile(bytes);
  }

  /** Core instances of the plan that the engine did not make. */
  get missing() {
    return this.#matcher.missing;
  }

  instantiateCore = (module, imports = {}) => {
    const id = this.#matcher.next(module);
    // An adapter that the engine fused: it is outside, and what it gets is wrapped.
    if (id === null) return new WebAssembly.Instance(module, imports);
    const entry = this.#plan.coreInstances[id];
    this.#recorder.beforeCoreInstance(id);
    let instance;
    try {
      instance = new WebAssembly.Instance(module, this.#imports(entry, imports));
    } catch (error) {
      this.#recorder.startFailed(error);
      throw error;
    }
    for (const memory of entry.memories) this.#recorder.addMemory(memory.id, instance.exports[memory.export_name]);
    return { exports: this.#exports(entry, instance.exports) };
  };

  #imports(entry, given) {
    const imports = {};
    for (const [module, names] of Object.entries(given)) {
      imports[module] = {};
      for (const [name, value] of Object.entries(names)) {
        const bound = entry.imports.get(importKey(module, name));
        imports[module][name] = bound?.function !== undefined
          ? this.#wrapImport(this.#plan.function(bound.function), value)
          : this.#plain.get(value) ?? value; // core to core: it does not cross
      }
    }
    return imports;
  }

  #wrapImport(fn, value) {
    // One boundary function may be bound more than once.
    const known = this.#wrappedImports.get(fn.id);
    if (known) return known;
    const { core_params: params, core_results: results } = fn;
    const call = fn.hasFloats ? takingBits(value, params, results) : value;
    const wrapper = (...args) => this.#recorder.importCall(fn, call, args);
    const wrapped = fn.hasFloats ? givingBits(wrapper, params, results) : wrapper;
    this.#wrappedImports.set(fn.id, wrapped);
    return wrapped;
  }

  #exports(entry, exports) {
    const byFunction = new Map();
    for (const [name, candidates] of entry.exported) byFunction.set(exports[name], candidates);
    const replaced = {};
    for (const [name, value] of Object.entries(exports)) {
      // The same core function may be exported under other names too.
      const candidates = entry.exported.get(name) ?? byFunction.get(value);
      replaced[name] = candidates ? this.#wrapExport(candidates, value) : value;
    }
    return replaced;
  }

  #wrapExport(candidates, value) {
    const [fn] = candidates;
    const { core_params: params, core_results: results } = fn;
    const call = fn.hasFloats ? takingBits(value, params, results) : value;
    const wrapper = candidates.some(({ role }) => role === 'realloc')
      ? (...args) => this.#recorder.reallocCall(candidates.find(({ role }) => role === 'realloc'), call, args)
      : (...args) => this.#recorder.exportCall(candidates, call, args);
    const wrapped = fn.hasFloats ? givingBits(wrapper, params, results) : wrapper;
    this.#plain.set(wrapped, value);
    return wrapped;
  }
}
