import { NONE } from './format/limits.js';

/** Sizes in guest memory of the types of a plan, by the Canonical ABI. */
export class TypeLayout {
  #types;
  #known = new Map();

  constructor(types, pointerSize = 4) {
    this.#types = types;
    this.pointerSize = pointerSize;
  }

  /** { size, alignment } of type `id`; of no type: nothing. */
  of(id) {
    if (id === NONE) return { size: 0, alignment: 1 };
    if (!this.#known.has(id)) this.#known.set(id, this.#layOut(this.#types[id]));
    return this.#known.get(id);
  }

  #layOut(type) {
    const scalar = (size) => ({ size, alignment: size });
    const pointer = this.pointerSize;
    switch (type.kind) {
      case 'bool': case 's8': case 'u8': return scalar(1);
      case 's16': case 'u16': return scalar(2);
      case 's32': case 'u32': case 'f32': case 'char': return scalar(4);
      case 's64': case 'u64': case 'f64': return scalar(8);
      case 'string': case 'list': case 'map': return { size: 2 * pointer, alignment: pointer };
      case 'record': case 'tuple': return this.tuple(type.members.map((member) => member.type));
      case 'fixed_length_list': {
        const { size, alignment } = this.of(type.element);
        return { size: size * type.length, alignment };
      }
      case 'flags': return scalar(type.members.length <= 8 ? 1 : type.members.length <= 16 ? 2 : 4);
      case 'enum': return this.cases(type.members.length, []);
      case 'variant': return this.cases(type.members.length, type.members.map((member) => member.type));
      case 'option': return this.cases(2, [type.element]);
      case 'result': return this.cases(2, [type.element, type.key]);
      default: return scalar(4); // handles
    }
  }

  /** { size, alignment, offsets } of a tuple of the types. */
  tuple(ids) {
    let [size, alignment] = [0, 1];
    const offsets = [];
    for (const field of ids.map((id) => this.of(id))) {
      offsets.push(alignTo(size, field.alignment));
      size = offsets.at(-1) + field.size;
      alignment = Math.max(alignment, field.alignment);
    }
    return { size: alignTo(size, alignment), alignment, offsets };
  }

  /** { size, alignment } of a variant, the size of its `tag`, and the `offset` of its payload. */
  cases(count, payloads) {
    const tag = count <= 256 ? 1 : count <= 65536 ? 2 : 4;
    const layouts = payloads.map((id) => this.of(id));
    const payloadAlignment = Math.max(1, ...layouts.map((layout) => layout.alignment));
    const payloadSize = Math.max(0, ...layouts.map((layout) => layout.size));
    const alignment = Math.max(tag, payloadAlignment);
    const offset = alignTo(tag, payloadAlignment);
    return { size: alignTo(offset + payloadSize, alignment), alignment, tag, offset };
  }
}

const alignTo = (offset, alignment) => Math.ceil(offset / alignment) * alignment;
