// Bytes with comments, field by field.

import { plainName } from './schema.mjs';

const SIZES = { bool: 1, byte: 1, ubyte: 1, short: 2, ushort: 2, int: 4, uint: 4, long: 8, ulong: 8 };
const ROOTS = { 1: 'TraceInfo', 2: 'Definitions', 3: 'EventBatch', 5: 'Attachment', 6: 'Index', 7: 'Summary' };
const KINDS = ['', 'trace_info', 'definitions', 'events', 'bulk', 'attachment', 'index', 'summary', 'end'];
const WIDTH = 8;

export function annotatePreamble(bytes) {
  const notes = new Notes(bytes.subarray(0, 32));
  notes.add(0, 8, 'magic');
  notes.add(8, 2, 'format_major 0');
  notes.add(10, 2, 'format_minor 1');
  notes.add(12, 4, 'reserved');
  notes.add(16, 8, `salt 0x${notes.number(16, 8).toString(16)}`);
  notes.add(24, 8, 'preamble_check');
  return notes.lines();
}

export function annotateFrame(schema, bytes) {
  const notes = new Notes(bytes);
  const kind = bytes[4];
  const stored = Number(notes.number(8, 4));
  notes.add(0, 4, 'sync');
  notes.add(4, 1, `kind ${KINDS[kind]}`);
  notes.add(5, 1, `codec ${bytes[5] === 0 ? 'none' : 'zstd'}`);
  notes.add(6, 2, `flags${bytes[6] & 1 ? ' skippable' : ''}`);
  notes.add(8, 4, `stored_size ${stored}`);
  notes.add(12, 4, `decoded_size ${notes.number(12, 4)}`);
  notes.add(16, 8, 'body_hash');
  notes.add(24, 4, `sequence ${notes.number(24, 4)}`);
  notes.add(28, 4, 'header_check');
  const walk = new Walk(schema, notes, 32);
  if (ROOTS[kind]) walk.root(ROOTS[kind]);
  else walk.struct('End', 32, '');
  return notes.lines();
}

class Notes {
  #all = [];

  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  number(at, size) {
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = value << 8n | BigInt(this.bytes[at + i]);
    return value;
  }
  add(at, size, text) {
    if (size > 0) this.#all.push({ at, size, text });
  }
  lines() {
    const lines = [];
    const put = (from, to, text) => {
      for (let at = from; at < to; at += WIDTH) {
        const hex = [...this.bytes.subarray(at, Math.min(to, at + WIDTH))].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
        lines.push(`${hex.padEnd(WIDTH * 3 + 1)} ${at === from ? `# ${text}` : ''}`.trimEnd());
      }
    };
    let at = 0;
    for (const note of this.#all.sort((a, b) => a.at - b.at)) {
      if (note.at > at) put(at, note.at, 'padding');
      put(note.at, note.at + note.size, note.text);
      at = note.at + note.size;
    }
    if (at < this.bytes.length) put(at, this.bytes.length, 'padding');
    return lines;
  }
}

/** Walks a FlatBuffer that begins at `base`. */
class Walk {
  #done = new Set();

  constructor(schema, notes, base) {
    Object.assign(this, { schema, notes, base });
  }
  u(at, size) {
    return Number(this.notes.number(at, size));
  }
  root(name) {
    this.notes.add(this.base, 4, `root: ${name} at ${this.u(this.base, 4)} of the body`);
    this.table(name, this.base + this.u(this.base, 4));
  }
  table(name, at) {
    const { notes } = this;
    const vtable = at - notes.view.getInt32(at, true);
    const size = this.u(vtable, 2);
    notes.add(vtable, 2, `vtable of ${name}: its size, ${size}`);
    notes.add(vtable + 2, 2, `size of the table, ${this.u(vtable + 2, 2)}`);
    notes.add(at, 4, `${name}: back to its vtable, ${at - vtable}`);
    for (let slot = 4; slot < size; slot += 2) {
      const field = this.schema.tables[name].fields.find(({ id }) => id === (slot - 4) / 2);
      const offset = this.u(vtable + slot, 2);
      notes.add(vtable + slot, 2, offset === 0 ? `no ${field.name}` : `${field.name} at ${offset} of the table`);
      if (offset !== 0) this.field(field, at + offset);
    }
  }
  field({ name, type }, at) {
    const { notes, schema } = this;
    const enumeration = schema.enums[type.name];
    const size = type.vector ? null : SIZES[enumeration?.base ?? type.name];
    if (size) {
      const value = notes.number(at, size);
      const word = enumeration && [...enumeration.values].find(([, number]) => BigInt(number) === value)?.[0];
      const none = size === 4 && value === 0xffffffffn ? 'none' : null;
      notes.add(at, size, `${plainName(name)} ${word ?? none ?? value}`);
      return;
    }
    const target = at + this.u(at, 4);
    notes.add(at, 4, `${name}: ${target - at} bytes on`);
    if (type.vector) this.vector(name, type.vector, target);
    else if (type.name === 'string') this.string(name, target);
    else this.table(type.name, target);
  }
  string(name, at) {
    const size = this.u(at, 4);
    this.notes.add(at, 4, `${name}: ${size} bytes`);
    this.notes.add(at + 4, size + 1, `"${Buffer.from(this.notes.bytes.subarray(at + 4, at + 4 + size))}", and 0`);
  }
  vector(name, element, at) {
    const { notes, schema } = this;
    if (this.#done.has(at)) return;
    this.#done.add(at);
    const count = this.u(at, 4);
    notes.add(at, 4, `${name}: ${count === 0 ? 'none' : count}`);
    const struct = schema.structs[element.name];
    if (struct) {
      for (let i = 0; i < count; i++) this.struct(element.name, at + 4 + i * struct.size, `${i}: `);
    } else if (element.name === 'ubyte') {
      if (name === 'payloads' && count === 16) {
        this.struct('HashPayload', at + 4, 'payload of event 2: ');
      } else notes.add(at + 4, count, name);
    } else if (SIZES[element.name]) {
      for (let i = 0; i < count; i++) notes.add(at + 4 + i * SIZES[element.name], SIZES[element.name], `${i}: ${notes.number(at + 4 + i * SIZES[element.name], SIZES[element.name])}`);
    } else {
      for (let i = 0; i < count; i++) this.field({ name: `${name} ${i}`, type: element }, at + 4 + 4 * i);
    }
  }
  struct(name, at, prefix) {
    this.schema.structs[name].fields.forEach(({ name: member, type, offset }, i) => {
      const size = SIZES[type.name];
      const value = this.notes.number(at + offset, size);
      const kind = (name === 'Event' || name === 'KindCount') && member === 'kind' ? [...this.schema.enums.EventKind.values].find(([, number]) => BigInt(number) === value)?.[0] : null;
      this.notes.add(at + offset, size, `${i === 0 ? prefix : ''}${member} ${kind ?? value}`);
    });
  }
}
