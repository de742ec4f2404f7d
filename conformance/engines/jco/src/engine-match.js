import { createHash } from 'node:crypto';

/**
 * Tells which core instance of a plan the engine is making: by the bytes of the module, and among
 * instances of equal modules by their order.
 */
export class CoreMatcher {
  #digests = new Map(); // WebAssembly.Module -> digest of its bytes
  #waiting; // per core instance of the plan: the digest of its module; null once it was made

  /**
   * @param {import('./engine-plan.js').Plan} plan
   * @param {Uint8Array} component
   */
  constructor(plan, component) {
    const digests = plan.coreModules.map(({ id }) => sha256(plan.moduleBytes(id, component)));
    this.#waiting = plan.coreInstances.map(({ core_module: id }) => digests[id]);
  }

  compile(bytes) {
    const module = new WebAssembly.Module(bytes);
    this.#digests.set(module, sha256(bytes));
    return module;
  }

  /** The id of the core instance that is made of `module` next; null: none of the plan's. */
  next(module) {
    const id = this.#waiting.indexOf(this.#digests.get(module));
    if (id < 0) return null;
    this.#waiting[id] = null;
    return id;
  }

  /** How many of the plan were not made. */
  get missing() {
    return this.#waiting.filter((digest) => digest !== null).length;
  }
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
