import { NONE } from './format/limits.js';
import { EngineError, USAGE } from './engine-error.js';

const ARRAYS = ['types', 'components', 'instances', 'memories', 'functions', 'core_modules', 'core_instances',
  'initialization', 'exports', 'imports', 'features', 'core_proposals'];

/**
 * The wiring of a component (spec/plan.md), indexed for those who wrap or serve its core
 * instances. Functions get three members of their own: `title`, what a person calls it;
 * `hasFloats`; and `memory`, the id of the memory of its canonical options, or null.
 */
export class Plan {
  /** @param {object} raw parsed JSON */
  constructor(raw) {
    if (raw === null || typeof raw !== 'object' || raw.plan !== 1) throw bad('"plan" is not 1'); // [PLAN-01]
    for (const name of ARRAYS) if (!Array.isArray(raw[name])) throw bad(`"${name}" is not an array`);
    this.raw = raw;
    this.component = raw.component;
    for (const name of ['components', 'instances', 'memories', 'functions', 'core_modules', 'core_instances']) {
      raw[name].forEach((entry, index) => {
        if (entry?.id !== index) throw bad(`entry ${index} of "${name}" has another id`); // [DEF-01]
      });
    }
    this.memories = raw.memories;
    this.instances = raw.instances;
    this.coreModules = raw.core_modules;
    this.functions = raw.functions.map((fn) => ({
      ...fn,
      title: title(fn),
      hasFloats: [...fn.core_params, ...fn.core_results].some((type) => type === 'f32' || type === 'f64'),
      memory: (fn.options?.memory ?? NONE) === NONE ? null : fn.options.memory,
    }));
    this.coreInstances = raw.core_instances.map((entry) => this.#coreInstance(entry));
    this.initialization = raw.initialization;
    for (const fn of this.functions) {
      if (fn.memory !== null && !this.memories[fn.memory]) throw bad(`function ${fn.id} names memory ${fn.memory}`);
    }
  }

  #coreInstance(entry) {
    if (!this.coreModules[entry.core_module]) throw bad(`core instance ${entry.id} has no module`);
    const imports = new Map();
    for (const item of entry.imports) {
      if (item.function !== undefined && !this.functions[item.function]) throw bad(`an import of core instance ${entry.id} has no function`);
      imports.set(importKey(item.module, item.name), item);
    }
    // What the host reaches in it: export name -> boundary functions behind that name.
    const exported = new Map();
    for (const fn of this.functions) {
      if (fn.core_instance !== entry.id) continue;
      if (!exported.has(fn.core_export)) exported.set(fn.core_export, []);
      exported.get(fn.core_export).push(fn);
    }
    return {
      ...entry,
      imports,
      exported,
      memories: this.memories.filter((memory) => memory.core_instance === entry.id),
    };
  }

  function(id) {
    return this.functions[id];
  }

  /** The id of the boundary function behind an export of the root, or null. // [PLAN-06] */
  exportFunction(instanceName, functionName) {
    const found = this.raw.exports.find((item) => item.instance_name === instanceName && item.function_name === functionName);
    return found?.function ?? null;
  }

  /** Bytes of core module `id` within the component's bytes. // [PLAN-03] */
  moduleBytes(id, component) {
    const { offset, size } = this.coreModules[id];
    if (offset + size > component.length) throw bad(`core module ${id} ends beyond the component`);
    return component.subarray(offset, offset + size);
  }
}

/** Modules and names hold any character, so the separator is one that UTF-8 text cannot hold twice. */
export const importKey = (module, name) => JSON.stringify([module, name]);

export function parsePlan(text) {
  let raw;
  try {
    raw = JSON.parse(text);
  } catch {
    throw bad('it is not JSON');
  }
  return new Plan(raw);
}

function title(fn) {
  if (fn.role === 'builtin') {
    return fn.names.length > 0 ? `${fn.builtin} (${joined(fn.names[0])})` : fn.builtin;
  }
  const name = fn.names.length > 0 ? joined(fn.names[0]) : fn.core_export;
  return fn.role === 'import' || fn.role === 'export' ? name : `${fn.role} ${name}`;
}

const joined = ({ instance_name: instance, function_name: name }) => (instance ? `${instance}#${name}` : name);

const bad = (why) => new EngineError(USAGE, `the plan cannot be used: ${why}`);
