/**
 * Which function and memory of a plan a definition of a trace is. With the recorded component they
 * have the same ids; with a changed one they are found by what they are.
 */
export class Identity {
  #plan;
  #instancePaths = []; // of the trace, by instance id
  #functions = []; // trace id -> function of the plan, or null
  #memories = []; // trace id -> id of the plan, or null
  #definitions = []; // trace id -> function as the trace defines it
  #seen = new Map();
  #planFunctions;
  #planMemories;

  /** The digest of the root component, as lower-case hex, once it was defined. */
  digest = null;

  constructor(plan) {
    this.#plan = plan;
    const paths = plan.instances.map(({ path }) => path.join('/'));
    this.#planFunctions = keyed(plan.functions, (fn) => functionKey(fn, paths[fn.instance]));
    this.#planMemories = keyed(plan.memories, (memory) => memoryKey(memory, paths[memory.instance]));
  }

  /** Takes a definition of the trace. */
  define(kind, value) {
    if (kind === 'component' && value.id === 0) this.digest = Buffer.from(value.digest).toString('hex');
    if (kind === 'instance') this.#instancePaths[value.id] = Array.from(value.path).join('/');
    if (kind === 'memory') {
      const found = this.#take(this.#planMemories, memoryKey(value, this.#instancePaths[value.instance]));
      this.#memories[value.id] = found?.id ?? null;
    }
    if (kind === 'function') {
      this.#definitions[value.id] = value;
      this.#functions[value.id] = this.#take(this.#planFunctions, functionKey(value, this.#instancePaths[value.instance]));
    }
  }

  // Several with one key are told apart by their order.
  #take(table, key) {
    const count = this.#seen.get(key) ?? 0;
    this.#seen.set(key, count + 1);
    return table.get(key)?.[count] ?? null;
  }

  /** The plan's function for a trace's id, or null. */
  function(id) {
    return this.#functions[id] ?? null;
  }

  /** The plan's memory id for a trace's, or null. */
  memory(id) {
    return this.#memories[id] ?? null;
  }

  /** What a person calls function `id` of the trace. */
  title(id) {
    const known = this.function(id);
    if (known) return known.title;
    const fn = this.#definitions[id];
    if (!fn) return `function ${id}`;
    const [name] = fn.names;
    return name ? [name.instance_name, name.function_name].filter(Boolean).join('#') : fn.builtin || fn.core_export;
  }
}

function keyed(list, key) {
  const table = new Map();
  for (const entry of list) {
    const text = key(entry);
    if (!table.has(text)) table.set(text, []);
    table.get(text).push(entry);
  }
  return table;
}

// The signature is part of it: values are decoded by it.
const functionKey = (fn, path) => JSON.stringify([
  'function', path, fn.role, fn.builtin, fn.names.map((name) => [name.instance_name, name.function_name]),
  fn.core_export, fn.core_params, fn.core_results,
]);

const memoryKey = (memory, path) => JSON.stringify(['memory', path, memory.export_name]);
