import { utf8Decode } from './bytes.js';
import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { READ, viewOf } from './scalar.js';
import { StructVector, paddingFault } from './struct.js';

/**
 * The value of a FlatBuffer body: every offset, size and alignment is checked before use.
 *
 * Members are those of the schema. Absent ones have their default, absent strings and vectors are
 * empty, absent tables have all their defaults. Enumerators are their names, 64-bit integers are
 * BigInt, vectors of ubyte are views into `bytes`, vectors of structs are StructVector.
 *
 * Faults come in the order of [FRAME-13]: structure, enumerators, UTF-8, padding; then limits.
 */
export function decodeFlatBuffer(table, bytes) {
  const walk = new Walk(bytes);
  const value = walk.table(table, walk.offset(0, 'root'));
  for (const fault of [walk.enumerator, walk.text, walk.padding, walk.limit]) if (fault) throw fault;
  return value;
}

class Walk {
  enumerator = null;
  text = null;
  padding = null;
  limit = null;

  #bytes;
  #view;
  #tables = 0;
  #reached = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  table(table, at) {
    this.#need(at, 4, 4, table.name);
    if (++this.#tables > LIMITS.body_tables) throw new Fault('limit', `at most ${LIMITS.body_tables} tables in a body`, 'more');
    const vtable = at - this.#view.getInt32(at, true);
    this.#need(vtable, 2, 2, `vtable of ${table.name}`);
    const vtableSize = this.#view.getUint16(vtable, true);
    this.#need(vtable, vtableSize, 2, `vtable of ${table.name}`);
    if (vtableSize % 2 !== 0) throw new Fault('invalid', `an even size of the vtable of ${table.name}`, `${vtableSize}`);

    const value = {};
    for (const field of table.fields) {
      const slot = 4 + 2 * field.id;
      const offset = slot + 2 <= vtableSize ? this.#view.getUint16(vtable + slot, true) : 0;
      const name = `${table.name}.${field.name}`;
      if (offset === 0 && field.required) throw new Fault('invalid', `${name}`, 'nothing');
      value[field.name] = offset === 0 ? absent(field) : this.#field(field.type, at + offset, name);
    }
    return value;
  }

  /** The place that the offset at `at` leads to. */
  offset(at, name) {
    this.#need(at, 4, 4, `offset of ${name}`);
    const distance = this.#view.getUint32(at, true);
    if (distance === 0 || distance >= this.#bytes.length - at) {
      throw new Fault('invalid', `an offset of ${name} inside the body`, `${distance} at ${at} of ${this.#bytes.length}`);
    }
    return at + distance;
  }

  #field(type, at, name) {
    switch (type.kind) {
      case 'scalar': return this.#scalar(type, at, name);
      case 'enum': return this.#enumerator(type, at, name);
      case 'string': return this.#string(this.offset(at, name), name);
      case 'table': return this.table(type.table, this.offset(at, name));
      case 'vector': return this.#vector(type.element, this.offset(at, name), name);
    }
  }

  #scalar(type, at, name) {
    this.#need(at, type.size, type.size, name);
    return READ[type.name](this.#view, at);
  }

  #enumerator(type, at, name) {
    this.#need(at, type.size, type.size, name);
    return this.#enumeratorName(type, READ[type.enum.base](this.#view, at), name);
  }

  #enumeratorName(type, number, name) {
    const known = type.enum.names.get(number);
    if (known === undefined) this.enumerator ??= new Fault('unsupported', `an enumerator of ${type.enum.name} as ${name}`, `${number}`);
    return known;
  }

  #string(at, name) {
    const size = this.#elements(at, 1, 1, name);
    this.#reach(size);
    const end = at + 4 + size;
    this.#need(end, 1, 1, `terminator of ${name}`);
    if (this.#bytes[end] !== 0) throw new Fault('invalid', `${name} terminated by a zero byte`, `${this.#bytes[end]}`);
    if (size > LIMITS.string_size) {
      this.limit ??= new Fault('limit', `${name} of at most ${LIMITS.string_size} bytes`, `${size}`);
      return '';
    }
    const text = utf8Decode(this.#bytes.subarray(at + 4, end));
    if (text === null) this.text ??= new Fault('invalid', `UTF-8 in ${name}`, 'other bytes');
    return text;
  }

  #vector(element, at, name) {
    switch (element.kind) {
      case 'scalar':
      case 'enum': {
        const { size } = element;
        const count = this.#elements(at, size, size, name);
        this.#reach(count * size);
        if (element.name === 'ubyte') return this.#bytes.subarray(at + 4, at + 4 + count);
        const read = READ[element.kind === 'enum' ? element.enum.base : element.name];
        return Array.from({ length: count }, (_, i) => {
          const value = read(this.#view, at + 4 + i * size);
          return element.kind === 'enum' ? this.#enumeratorName(element, value, name) : value;
        });
      }
      case 'struct': {
        const { struct } = element;
        const count = this.#elements(at, struct.size, struct.alignment, name);
        const vector = new StructVector(struct, this.#bytes.subarray(at + 4, at + 4 + count * struct.size));
        this.#checkPadding(vector, name);
        return vector;
      }
      default: {
        const count = this.#elements(at, 4, 4, name);
        return Array.from({ length: count }, (_, i) => this.#field(element, at + 4 + 4 * i, name));
      }
    }
  }

  #checkPadding(vector, name) {
    if (!vector.struct.fields.some((field) => field.padding)) return;
    for (let i = 0; i < vector.length; i++) {
      const padding = paddingFault(vector.struct, vector.view, i * vector.struct.size);
      if (padding) this.padding ??= new Fault('invalid', `${padding} 0 in ${name}`, 'another number');
    }
  }

  /** Offsets may share what they lead to: it counts each time. // [LIMIT-01] */
  #reach(size) {
    this.#reached += size;
    if (this.#reached > LIMITS.body_text) {
      throw new Fault('limit', `strings and vectors of scalars of at most ${LIMITS.body_text} bytes in a body`, 'more');
    }
  }

  /** The number of elements of the vector at `at`, all of them inside the body. */
  #elements(at, size, alignment, name) {
    this.#need(at, 4, 4, `length of ${name}`);
    const count = this.#view.getUint32(at, true);
    if (count > 0) this.#need(at + 4, count * size, alignment, name);
    return count;
  }

  #need(at, size, alignment, name) {
    if (at < 0 || size > this.#bytes.length - at) {
      throw new Fault('invalid', `${size} bytes of ${name} at ${at} of the body`, `a body of ${this.#bytes.length} bytes`);
    }
    if (at % alignment !== 0) {
      throw new Fault('invalid', `${name} aligned to ${alignment}`, `offset ${at} of the body`);
    }
  }
}

function absent({ type, default: number }) {
  switch (type.kind) {
    case 'scalar':
      if (type.name === 'bool') return number !== 0;
      return type.size === 8 ? BigInt(number) : number;
    case 'enum': return type.enum.names.get(number);
    case 'string': return '';
    case 'table': return defaults(type.table);
    case 'vector':
      if (type.element.name === 'ubyte') return new Uint8Array();
      return type.element.kind === 'struct' ? new StructVector(type.element.struct, new Uint8Array()) : [];
  }
}

/** A value of `table` in which nothing is set. */
export function defaults(table) {
  return Object.fromEntries(table.fields.map((field) => [field.name, absent(field)]));
}
