import { givingBits, takingBits } from './engine-trampoline.js';
import { EngineError, USAGE } from './engine-error.js';

/**
 * The core instances of a component, made from its plan alone. Whatever crosses the boundary goes
 * to `serve`; nothing else is given to the guest. // [SEC-01]
 */
export class Guest {
  #plan;
  #component;
  #serve;
  #modules = [];
  #instances = [];
  #imports = [];
  #calls = [];
  #views = [];

  /**
   * @param {import('./engine-plan.js').Plan} plan
   * @param {Uint8Array} component
   * @param {(fn: object, args: any[]) => any} serve answers a call of the guest; values are bits
   */
  constructor(plan, component, serve) {
    this.#plan = plan;
    this.#component = component;
    this.#serve = serve;
  }

  /** Compiles every module, so that what cannot run is said before anything runs. */
  compile() {
    for (const { id } of this.#plan.coreModules) {
      try {
        this.#modules[id] = new WebAssembly.Module(this.#plan.moduleBytes(id, this.#component));
      } catch (error) {
        if (error instanceof EngineError) throw error;
        throw new EngineError(USAGE, `core module ${id} cannot be compiled: ${error.message}`);
      }
    }
  }

  /**
   * Makes every core instance in the plan's order; each is handed to `around`, which calls `make`
   * where it is due. Start functions may call out.
   * @param {(id: number, make: () => void) => void} around
   */
  instantiateAll(around) {
    for (const { core_instance: id } of this.#plan.initialization) {
      if (id !== undefined) around(id, () => this.#make(id));
    }
  }

  #make(id) {
    const { core_module: module, imports } = this.#plan.coreInstances[id];
    const given = {};
    for (const [, item] of imports) {
      given[item.module] ??= {};
      given[item.module][item.name] = item.function !== undefined
        ? this.importFor(this.#plan.function(item.function))
        : this.#instances[item.core_instance].exports[item.export];
    }
    this.adopt(id, new WebAssembly.Instance(this.#modules[module], given));
  }

  /** Takes core instance `id`, made by whomever. */
  adopt(id, instance) {
    this.#instances[id] = instance;
  }

  /** What a core instance gets for a boundary function that it calls. */
  importFor(fn) {
    if (!this.#imports[fn.id]) {
      const serve = (...args) => this.#serve(fn, args);
      this.#imports[fn.id] = fn.hasFloats ? givingBits(serve, fn.core_params, fn.core_results) : serve;
    }
    return this.#imports[fn.id];
  }

  /** Calls the core function behind a boundary function that the host calls. Values are bits. */
  call(fn, args) {
    let call = this.#calls[fn.id];
    if (!call) {
      const target = this.#instances[fn.core_instance]?.exports[fn.core_export];
      if (typeof target !== 'function') throw new EngineError(USAGE, `the component has no core function for ${fn.title}`);
      call = this.#calls[fn.id] = fn.hasFloats ? takingBits(target, fn.core_params, fn.core_results) : target;
    }
    return call(...args);
  }

  /** All bytes of a memory of the plan, as it is now; null when it is not there yet. */
  memory(id) {
    const { core_instance: instance, export_name: name } = this.#plan.memories[id];
    const buffer = this.#instances[instance]?.exports[name]?.buffer;
    if (buffer === undefined) return null;
    if (this.#views[id]?.buffer !== buffer) this.#views[id] = new Uint8Array(buffer);
    return this.#views[id];
  }

  /** All memories of the plan that are there. */
  memories() {
    return this.#plan.memories.map(({ id }) => ({ id, bytes: this.memory(id) })).filter(({ bytes }) => bytes !== null);
  }
}
