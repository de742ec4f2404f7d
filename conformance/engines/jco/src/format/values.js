import { hexDecode, utf8Encode } from './bytes.js';
import { Fault } from './fault.js';
import { defaults } from './flatbuffer_decode.js';
import { LIMITS } from './limits.js';
import { scalarFrom } from './scalar.js';
import { StructVector, describe } from './struct.js';

/**
 * A record as the library keeps it, of one in canonical JSON form or in its own: 64-bit integers
 * may be BigInt, safe integers or decimal strings, vectors of ubyte Uint8Array or hexadecimal.
 * A member that the record does not have, or of the wrong type, is `invalid`; a missing one too
 * when `complete`, and takes its default otherwise.
 */
export function normalize(table, value, { complete = false } = {}) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrong(table.name, 'an object', value);
  const known = new Set(table.fields.map((field) => field.name));
  for (const name of Object.keys(value)) {
    if (!known.has(name)) throw new Fault('invalid', `a member of ${table.name}`, describe(name)); // [JSON-09]
  }
  const result = complete ? {} : defaults(table);
  for (const { name, type } of table.fields) {
    const path = `${table.name}.${name}`;
    if (value[name] !== undefined) result[name] = member(type, value[name], path, complete);
    else if (complete) throw new Fault('invalid', path, 'nothing'); // [JSON-09]
  }
  return result;
}

function member(type, value, path, complete) {
  switch (type.kind) {
    case 'scalar': {
      const scalar = scalarFrom(type.name, value);
      if (scalar === undefined) throw wrong(path, `a ${type.name}`, value);
      return scalar;
    }
    case 'enum':
      if (!type.enum.numbers.has(value)) throw wrong(path, `an enumerator of ${type.enum.name}`, value);
      return value;
    case 'string': return text(value, path);
    case 'table': return normalize(type.table, value, { complete });
    case 'vector': return vector(type.element, value, path, complete);
  }
}

function text(value, path) {
  const bytes = typeof value === 'string' ? utf8Encode(value) : null;
  if (bytes === null) throw wrong(path, 'a string', value);
  if (bytes.length > LIMITS.string_size) throw new Fault('limit', `${path} of at most ${LIMITS.string_size} bytes`, `${bytes.length}`);
  return value;
}

function vector(element, value, path, complete) {
  if (element.kind === 'struct' && value instanceof StructVector) return value;
  if (element.name === 'ubyte') {
    const bytes = value instanceof Uint8Array ? value : typeof value === 'string' ? hexDecode(value) : null;
    if (bytes === null) throw wrong(path, 'bytes', value);
    return bytes;
  }
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  return value.map((item) => member(element, item, path, complete));
}

const wrong = (path, expected, found) => new Fault('invalid', `${expected} as ${path}`, describe(found));
