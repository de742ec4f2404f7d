import { readFileSync } from 'node:fs';

/**
 * The schema, read from crossing.fbs itself, so that no field id, offset or enumerator is copied
 * by hand. Only the part of the FlatBuffers language that the file uses is understood; anything
 * else throws.
 *
 * A type is one of
 *   { kind: 'scalar', name, size }        name is the schema's: 'bool', 'ubyte', … 'ulong'
 *   { kind: 'enum', enum, size }
 *   { kind: 'string' }
 *   { kind: 'struct', struct }
 *   { kind: 'table', table }
 *   { kind: 'vector', element }
 */
const SCALAR_SIZES = {
  bool: 1, byte: 1, ubyte: 1, short: 2, ushort: 2, int: 4, uint: 4, long: 8, ulong: 8,
};

/** A schema name as JSON writes it [JSON-07]. */
export const plainName = (name) => name.replace(/_$/, '');

export function parseSchema(text) {
  const schema = { enums: {}, structs: {}, tables: {} };
  const body = text.replace(/\/\/.*$/gm, '').replace(/namespace\s+[\w.]+\s*;/, '');
  const declaration = /\s*(enum|struct|table)\s+(\w+)\s*(?::\s*(\w+)\s*)?(?:\(([^)]*)\)\s*)?\{([^}]*)\}/y;
  const declared = [];
  while (body.slice(declaration.lastIndex).trim() !== '') {
    const start = declaration.lastIndex;
    const match = declaration.exec(body);
    if (!match) throw new Error(`schema: cannot read ${JSON.stringify(body.slice(start, start + 60))}`);
    const [, keyword, name, base, attributes, members] = match;
    const record = { name };
    if (keyword === 'enum') schema.enums[name] = Object.assign(record, parseEnum(base, attributes, members));
    else schema[`${keyword}s`][name] = record;
    declared.push({ keyword, record, members });
  }
  for (const { keyword, record, members } of declared) {
    if (keyword === 'struct') Object.assign(record, layOut(members.split(';').filter((m) => m.trim()).map((m) => parseField(schema, m))));
    if (keyword === 'table') record.fields = members.split(';').filter((m) => m.trim()).map((m) => parseField(schema, m));
  }
  return schema;
}

function parseEnum(base, attributes, members) {
  const size = SCALAR_SIZES[base];
  const flags = /\bbit_flags\b/.test(attributes ?? '');
  const numbers = new Map();
  let next = 0;
  for (const member of members.split(',').filter((m) => m.trim())) {
    const [name, value] = member.split('=').map((part) => part.trim());
    const number = value === undefined ? next : Number(value);
    numbers.set(plainName(name), flags ? 1 << number : number);
    next = number + 1;
  }
  const names = new Map([...numbers].map(([name, number]) => [number, name]));
  return { base, size, numbers, names };
}

function parseField(schema, text) {
  const match = /^\s*(\w+)\s*:\s*(\[?)(\w+)\]?\s*(?:=\s*(\w+)\s*)?(?:\(([^)]*)\))?\s*$/.exec(text);
  if (!match) throw new Error(`schema: cannot read field ${JSON.stringify(text)}`);
  const [, name, vector, typeName, value, attributes = ''] = match;
  const type = vector ? { kind: 'vector', element: namedType(schema, typeName) } : namedType(schema, typeName);
  const id = /\bid:\s*(\d+)/.exec(attributes);
  return {
    name,
    type,
    id: id ? Number(id[1]) : null,
    required: /\brequired\b/.test(attributes),
    default: value === undefined ? 0 : Number(value),
  };
}

function namedType(schema, name) {
  if (name in SCALAR_SIZES) return { kind: 'scalar', name, size: SCALAR_SIZES[name] };
  if (name === 'string') return { kind: 'string' };
  if (name in schema.enums) return { kind: 'enum', enum: schema.enums[name], size: schema.enums[name].size };
  if (name in schema.structs) return { kind: 'struct', struct: schema.structs[name] };
  if (name in schema.tables) return { kind: 'table', table: schema.tables[name] };
  throw new Error(`schema: unknown type ${name}`);
}

function layOut(fields) {
  let size = 0;
  let alignment = 1;
  for (const field of fields) {
    const own = field.type.size;
    size = Math.ceil(size / own) * own;
    field.offset = size;
    field.padding = /^padding\d+$/.test(field.name);
    size += own;
    alignment = Math.max(alignment, own);
  }
  size = Math.ceil(size / alignment) * alignment;
  return { fields, size, alignment };
}

const location = process.env.CROSSING_SCHEMA ?? new URL('../../../../../schema/crossing.fbs', import.meta.url);

/** The schema of this format version; CROSSING_SCHEMA names another place of the file. */
export const SCHEMA = parseSchema(readFileSync(location, 'utf8'));
