import { EngineError, USAGE } from './engine-error.js';
import { CoreMatcher } from './engine-match.js';
import { importKey } from './engine-plan.js';
import { Guest } from './replay-guest.js';

/**
 * A guest whose core instances are made by jco's output, unmodified, through its hook. There is no
 * host here either: what jco links with fails when it is touched, and is never reached.
 */
export class HookedGuest extends Guest {
  #plan;
  #component;
  #files;

  constructor(plan, component, serve, files) {
    super(plan, component, serve);
    this.#plan = plan;
    this.#component = component;
    this.#files = files;
  }

  compile() {} // jco's output has modules of its own

  instantiateAll(around) {
    const matcher = new CoreMatcher(this.#plan, this.#component);
    const instantiateCore = (module, imports = {}) => {
      const id = matcher.next(module);
      if (id === null) return new WebAssembly.Instance(module, imports);
      let instance;
      around(id, () => {
        instance = new WebAssembly.Instance(module, this.#served(id, imports));
        this.adopt(id, instance);
      });
      return instance;
    };
    const { instantiate, module } = this.#files;
    instantiate((file) => matcher.compile(module(file)), NO_HOST, instantiateCore);
    if (matcher.missing > 0) throw new EngineError(USAGE, `the plan has ${matcher.missing} core instances that jco did not make`);
  }

  #served(id, imports) {
    const bound = this.#plan.coreInstances[id].imports;
    return Object.fromEntries(Object.entries(imports).map(([module, names]) => [
      module,
      Object.fromEntries(Object.entries(names).map(([name, value]) => {
        const fn = bound.get(importKey(module, name))?.function;
        return [name, fn === undefined ? value : this.importFor(this.#plan.function(fn))];
      })),
    ]));
  }
}

function unreachableHost() {
  throw new Error('there is no host in a replay');
}

// Every import, and every member of one, exists and does nothing but fail.
const member = new Proxy(unreachableHost, { get: (target, name) => (name === 'prototype' ? target.prototype : member) });
const NO_HOST = new Proxy({}, { get: () => member });
