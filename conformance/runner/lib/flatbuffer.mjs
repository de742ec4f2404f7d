// FlatBuffers of a schema, written forwards with every offset in reach of the caller: what a
// normal builder refuses to make, a vector of a broken rule needs.
//
// A value is an object by field name; a field left out is absent, and so is one that is `null`,
// also a required one. Besides plain values:
//   { hex: '…' }             bytes, as a string or a vector of ubyte
//   { fill: [n, 'hex'] }     the bytes n times, likewise
//   { repeat: [n, value] }   a vector whose n elements are one and the same object
//   { misaligned: [...] }    a vector of 8-byte scalars at a multiple of 4 only
//   a number as enumerator   written as it is

import { parseSchema, plainName } from './schema.mjs';

export { parseSchema };

const SIZES = { bool: 1, byte: 1, ubyte: 1, short: 2, ushort: 2, int: 4, uint: 4, long: 8, ulong: 8 };

export const fromHex = (text) => Uint8Array.from(Buffer.from(text.replace(/[\s]/g, ''), 'hex'));

/** Bytes of a string, `{hex}`, `{fill}` or bytes. */
export function bytesOf(value) {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'object' && value.hex !== undefined) return fromHex(value.hex);
  if (typeof value === 'object' && value.fill) {
    const unit = Buffer.from(value.fill[1], 'hex');
    return Uint8Array.from(Buffer.alloc(value.fill[0] * unit.length, unit));
  }
  throw new Error(`no bytes: ${JSON.stringify(value)}`);
}

export class Out {
  #bytes = Buffer.alloc(1024);
  length = 0;

  reserve(size, fill = 0) {
    const at = this.length;
    this.length += size;
    if (this.length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    this.#bytes.fill(fill, at, this.length);
    return at;
  }
  /** Pads so that the next byte stands at `phase` modulo `size`. */
  align(size, phase = 0) {
    while (this.length % size !== phase % size) this.reserve(1);
  }
  put(at, size, value) {
    let number = BigInt.asUintN(size * 8, BigInt(value));
    for (let i = 0; i < size; i++, number >>= 8n) this.#bytes[at + i] = Number(number & 0xffn);
  }
  add(size, value) {
    this.put(this.reserve(size), size, value);
  }
  bytes(bytes) {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }
  take() {
    return Uint8Array.from(this.#bytes.subarray(0, this.length));
  }
}

/** The number of an enumerator, given by name or number. */
export const enumNumber = (type, value) => {
  if (typeof value === 'number') return value;
  const number = type.values.get(value);
  if (number === undefined) throw new Error(`no enumerator ${value} in ${type.name}`);
  return number;
};

export function buildFlatBuffer(schema, tableName, value) {
  const out = new Out();
  out.reserve(4);
  out.put(0, 4, writeTable(schema, out, schema.tables[tableName], value));
  out.align(8);
  return out.take();
}

function writeTable(schema, out, table, value) {
  const fields = table.fields.filter(({ name }) => value[name] !== undefined && value[name] !== null);
  for (const name of Object.keys(value)) {
    if (!table.fields.some((field) => field.name === name)) throw new Error(`no member ${name} in ${table.name}`);
  }
  const inline = (field) => scalarSize(schema, field.type) ?? 4;
  fields.sort((a, b) => inline(b) - inline(a));
  const slots = Math.max(-1, ...fields.map(({ id }) => id)) + 1;

  out.align(2);
  const vtable = out.reserve(4 + 2 * slots);
  out.align(8, 4); // so that members of 8 bytes, which come first, are aligned
  const start = out.reserve(4);
  out.put(start, 4, start - vtable);
  const places = new Map();
  for (const field of fields) {
    const at = out.reserve(inline(field));
    places.set(field, at);
    out.put(vtable + 4 + 2 * field.id, 2, at - start);
  }
  out.put(vtable, 2, 4 + 2 * slots);
  out.put(vtable + 2, 2, out.length - start);

  for (const [field, at] of places) {
    const member = value[field.name];
    const size = scalarSize(schema, field.type);
    if (size !== null) out.put(at, size, scalar(schema, field.type, member));
    else out.put(at, 4, writeObject(schema, out, field.type, member) - at);
  }
  return start;
}

function writeObject(schema, out, type, value) {
  if (type.vector) return writeVector(schema, out, type.vector, value);
  if (type.name === 'string') {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : bytesOf(value);
    return writeBytes(out, bytes, true);
  }
  return writeTable(schema, out, schema.tables[type.name], value);
}

function writeBytes(out, bytes, terminated) {
  out.align(4);
  const at = out.length;
  out.add(4, bytes.length);
  out.bytes(bytes);
  if (terminated) out.reserve(1);
  return at;
}

function writeVector(schema, out, element, value) {
  const struct = schema.structs[element.name];
  if (struct) { // elements ready made
    out.align(8, struct.alignment === 8 ? 4 : 0);
    if (struct.alignment !== 8) out.align(4);
    const at = out.length;
    out.add(4, value.length / struct.size);
    out.bytes(value);
    return at;
  }
  const size = scalarSize(schema, element);
  if (size === 1 && element.name === 'ubyte' && !Array.isArray(value)) {
    return writeBytes(out, typeof value === 'string' ? fromHex(value) : bytesOf(value), false);
  }
  const repeat = value.repeat ?? null;
  const phase = value.misaligned ? 0 : 4;
  if (value.misaligned) value = value.misaligned;
  const count = repeat ? repeat[0] : value.length;
  if (size === 8) out.align(8, phase);
  else out.align(4);
  const at = out.length;
  out.add(4, count);
  const first = out.reserve(count * (size ?? 4));
  if (size !== null) {
    for (let i = 0; i < count; i++) out.put(first + i * size, size, scalar(schema, element, repeat ? repeat[1] : value[i]));
    return at;
  }
  let target = 0;
  for (let i = 0; i < count; i++) {
    if (!repeat || i === 0) target = writeObject(schema, out, element, repeat ? repeat[1] : value[i]);
    out.put(first + 4 * i, 4, target - (first + 4 * i));
  }
  return at;
}

function scalarSize(schema, type) {
  if (type.vector) return null;
  if (type.name in SIZES) return SIZES[type.name];
  if (type.name in schema.enums) return SIZES[schema.enums[type.name].base];
  return null;
}

function scalar(schema, type, value) {
  if (type.name in schema.enums) return enumNumber(schema.enums[type.name], value);
  return typeof value === 'boolean' ? Number(value) : value;
}

/** The bytes of a struct; members left out are zero. */
export function buildStruct(schema, name, value) {
  const struct = schema.structs[name];
  const out = new Out();
  out.reserve(struct.size);
  for (const member of Object.keys(value)) {
    if (!struct.fields.some((field) => field.name === member)) throw new Error(`no member ${member} in ${name}`);
  }
  for (const { name: member, type, offset } of struct.fields) out.put(offset, SIZES[type.name], value[member] ?? 0);
  return out.take();
}

/** A record in canonical JSON [JSON-02] … [JSON-07]; what is left out has its default. */
export function recordText(schema, tableName, value) {
  const members = schema.tables[tableName].fields.map((field) => `"${plainName(field.name)}":${memberText(schema, field, value?.[field.name] ?? undefined)}`);
  return `{${members.join(',')}}`;
}

function memberText(schema, { type, fallback }, value) {
  if (type.vector) {
    if (type.vector.name === 'ubyte') {
      const bytes = value === undefined ? '' : typeof value === 'string' ? fromHex(value) : bytesOf(value);
      return `"${Buffer.from(bytes).toString('hex')}"`;
    }
    const list = value === undefined ? [] : Array.isArray(value) ? value : value.misaligned ?? Array(value.repeat[0]).fill(value.repeat[1]);
    return `[${list.map((item) => memberText(schema, { type: type.vector, fallback: 0 }, item)).join(',')}]`;
  }
  if (type.name === 'string') {
    const text = value === undefined ? '' : typeof value === 'string' ? value : Buffer.from(bytesOf(value)).toString();
    return `"${escape(text)}"`;
  }
  if (type.name in schema.tables) return recordText(schema, type.name, value);
  if (type.name in schema.enums) {
    const number = value === undefined ? fallback : enumNumber(schema.enums[type.name], value);
    return `"${[...schema.enums[type.name].values].find(([, n]) => n === number)?.[0]}"`;
  }
  if (type.name === 'bool') return String(Boolean(value ?? fallback));
  const number = value ?? fallback;
  return SIZES[type.name] === 8 ? `"${BigInt(number)}"` : String(number);
}

const SHORT = { '"': '\\"', '\\': '\\\\', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r' };

/** [JSON-05] */
export const escape = (text) => text.replace(/["\\\u0000-\u001f]/g, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
