import { TypeLayout } from './engine-types.js';
import { unsigned } from './engine-values.js';
import { NONE } from './format/limits.js';

const MAX_FLAT_PARAMS = 16;
const MAX_FLAT_ASYNC_PARAMS = 4;
const MAX_FLAT_RESULTS = 1;
const UTF16_TAG = 0x80000000;

/**
 * The bytes of guest memory that the host lifts, by a walk over the types. // [LIFT-02]
 *
 * Each piece is handed to `write`, in the order of the walk, if it lies in memory.
 */
export class Lifts {
  #types;
  #layouts;
  #facts = new Map(); // type -> { flat: how many core values, points }
  #bytesOf;
  #write;
  #fn = null;
  #bytes = null;

  /**
   * @param {object[]} types of the plan
   * @param {(memory: number) => Uint8Array} bytesOf
   * @param {(memory: number, address: number, bytes: Uint8Array) => void} write
   */
  constructor(types, bytesOf, write) {
    this.#types = types;
    this.#layouts = new TypeLayout(types);
    this.#bytesOf = bytesOf;
    this.#write = write;
  }

  /** What the host lifts of the arguments of an import or built-in. */
  params(fn, args) {
    if (fn.memory === null || (fn.role !== 'import' && fn.role !== 'builtin')) return;
    this.#begin(fn);
    const element = fn.immediates?.type ?? NONE;
    switch (fn.builtin) {
      case '': {
        const members = this.#types[fn.type].members.map(({ type }) => type);
        this.#values(members, args, fn.options.is_async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS);
        break;
      }
      case 'error-context.new': this.#string(unsigned(args[0]), unsigned(args[1])); break;
      case 'task.return': if (element !== NONE) this.#values([element], args, MAX_FLAT_PARAMS); break;
      case 'stream.write': if (element !== NONE) this.#elements(element, unsigned(args[1]), unsigned(args[2])); break;
      case 'future.write': if (element !== NONE) this.#elements(element, unsigned(args[1]), 1); break;
    }
  }

  /** What it lifts of the result of an export. */
  results(fn, values) {
    if (fn.memory === null || fn.role !== 'export' || fn.options.is_async) return;
    const result = this.#types[fn.type].element;
    if (result === NONE || this.#factsOf(result).flat <= MAX_FLAT_RESULTS) return;
    this.#begin(fn);
    this.#tuple([result], unsigned(values[0]));
  }

  #begin(fn) {
    this.#fn = fn;
    this.#bytes = this.#bytesOf(fn.memory);
  }

  #values(types, args, limit) {
    const flat = types.reduce((sum, type) => sum + this.#factsOf(type).flat, 0);
    let at = 0;
    if (flat > limit) this.#tuple(types, unsigned(args[0]));
    else for (const type of types) at = this.#flat(type, args, at);
  }

  // Whether there is something at the address to go into.
  #area(address, size) {
    if (size === 0 || address + size > this.#bytes.length) return false;
    this.#write(this.#fn.memory, address, this.#bytes.subarray(address, address + size));
    return true;
  }

  #string(address, length) {
    switch (this.#fn.options.string_encoding) {
      case 'utf16': this.#area(address, 2 * length); break;
      case 'latin1_utf16': this.#area(address, length >= UTF16_TAG ? 2 * (length - UTF16_TAG) : length); break;
      default: this.#area(address, length);
    }
  }

  #elements(element, address, count) {
    const { size } = this.#layouts.of(element);
    if (!this.#area(address, size * count) || !this.#factsOf(element).points) return;
    for (let i = 0; i < count; i++) this.#memory(element, address + i * size);
  }

  #pairs({ key, element }, address, count) {
    const { size } = this.#layouts.tuple([key, element]);
    if (!this.#area(address, size * count)) return;
    if (!this.#factsOf(key).points && !this.#factsOf(element).points) return;
    for (let i = 0; i < count; i++) this.#fields([key, element], address + i * size);
  }

  #tuple(types, address) {
    if (this.#area(address, this.#layouts.tuple(types).size)) this.#fields(types, address);
  }

  #fields(types, address) {
    this.#layouts.tuple(types).offsets.forEach((offset, index) => this.#memory(types[index], address + offset));
  }

  #pointed(type, address, length) {
    if (type.kind === 'string') this.#string(address, length);
    else if (type.kind === 'list') this.#elements(type.element, address, length);
    else this.#pairs(type, address, length);
  }

  // A value in memory.
  #memory(id, address) {
    if (!this.#factsOf(id).points) return;
    const type = this.#types[id];
    const word = (at) => (this.#bytes[at] | (this.#bytes[at + 1] << 8) | (this.#bytes[at + 2] << 16) | (this.#bytes[at + 3] << 24)) >>> 0;
    switch (type.kind) {
      case 'string': case 'list': case 'map': this.#pointed(type, word(address), word(address + 4)); break;
      case 'record': case 'tuple': this.#fields(type.members.map((member) => member.type), address); break;
      case 'fixed_length_list': {
        const { size } = this.#layouts.of(type.element);
        for (let i = 0; i < type.length; i++) this.#memory(type.element, address + i * size);
        break;
      }
      default: {
        const payloads = payloadsOf(type);
        const { tag, offset } = this.#layouts.cases(payloads.length, payloads);
        const which = tag === 4 ? word(address) : word(address) & (tag === 2 ? 0xffff : 0xff);
        const payload = payloads[which] ?? NONE;
        if (payload !== NONE) this.#memory(payload, address + offset);
      }
    }
  }

  // A value in core values from `at` on; the place behind it. In a variant one may be wider.
  #flat(id, values, at) {
    const { flat, points } = this.#factsOf(id);
    const end = at + flat;
    if (!points) return end;
    const type = this.#types[id];
    const word = (place) => (typeof values[place] === 'bigint' ? Number(BigInt.asUintN(32, values[place])) : values[place] >>> 0);
    switch (type.kind) {
      case 'string': case 'list': case 'map': this.#pointed(type, word(at), word(at + 1)); break;
      case 'record': case 'tuple': for (const member of type.members) at = this.#flat(member.type, values, at); break;
      case 'fixed_length_list': for (let i = 0; i < type.length; i++) at = this.#flat(type.element, values, at); break;
      default: {
        const payload = payloadsOf(type)[word(at)] ?? NONE;
        if (payload !== NONE) this.#flat(payload, values, at + 1);
      }
    }
    return end;
  }

  #factsOf(id) {
    if (id === NONE) return { flat: 0, points: false };
    if (!this.#facts.has(id)) this.#facts.set(id, this.#measure(this.#types[id]));
    return this.#facts.get(id);
  }

  #measure(type) {
    const all = (ids) => ids.map((id) => this.#factsOf(id));
    const anyPoints = (facts) => facts.some(({ points }) => points);
    switch (type.kind) {
      case 'string': case 'list': case 'map': return { flat: 2, points: true };
      case 'record': case 'tuple': {
        const facts = all(type.members.map((member) => member.type));
        return { flat: facts.reduce((sum, { flat }) => sum + flat, 0), points: anyPoints(facts) };
      }
      case 'fixed_length_list': {
        const { flat, points } = this.#factsOf(type.element);
        return { flat: flat * type.length, points };
      }
      case 'variant': case 'option': case 'result': {
        const facts = all(payloadsOf(type));
        return { flat: 1 + Math.max(0, ...facts.map(({ flat }) => flat)), points: anyPoints(facts) };
      }
      default: return { flat: 1, points: false };
    }
  }
}

function payloadsOf(type) {
  if (type.kind === 'option') return [NONE, type.element];
  if (type.kind === 'result') return [type.element, type.key];
  return type.members.map((member) => member.type);
}
