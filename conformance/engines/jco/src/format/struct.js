import { Fault } from './fault.js';
import { READ, WRITE, scalarFrom, viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';

/** Reads a struct of the schema at `at`; padding members are left out. */
export function readStruct(struct, view, at) {
  const value = {};
  for (const { name, type, offset, padding } of struct.fields) {
    if (!padding) value[name] = READ[type.name](view, at + offset);
  }
  return value;
}

/** The first padding member at `at` that is not zero, or null. */
export function paddingFault(struct, view, at) {
  const field = struct.fields.find(({ type, offset, padding }) => padding && Number(READ[type.name](view, at + offset)) !== 0);
  return field ? field.name : null;
}

export function writeStruct(struct, view, at, value) {
  for (const { name, type, offset, padding } of struct.fields) {
    const scalar = padding ? scalarFrom(type.name, 0) : scalarFrom(type.name, value[name]);
    if (scalar === undefined) throw new Fault('invalid', `a ${type.name} as ${struct.name}.${name}`, describe(value[name]));
    WRITE[type.name](view, at + offset, scalar);
  }
}

/**
 * The bytes of a struct of the schema, for payloads: `structBytes('GapPayload', { count: 3n })`.
 * @returns {Uint8Array}
 */
export function structBytes(name, value) {
  const bytes = new Uint8Array(SCHEMA.structs[name].size);
  writeStruct(SCHEMA.structs[name], viewOf(bytes), 0, value);
  return bytes;
}

/** The structs of a vector, read one at a time from the bytes that hold them. */
export class StructVector {
  constructor(struct, bytes) {
    this.struct = struct;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.length = bytes.length / struct.size;
  }

  at(index) {
    return readStruct(this.struct, this.view, index * this.struct.size);
  }

  *[Symbol.iterator]() {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }
}

export function describe(value) {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return `${value}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v)) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
