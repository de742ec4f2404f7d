// The parts of schema/crossing.fbs, read from its text.

const SIZES = { bool: 1, byte: 1, ubyte: 1, short: 2, ushort: 2, int: 4, uint: 4, long: 8, ulong: 8 };

/** A schema name as canonical JSON writes it [JSON-07]. */
export const plainName = (name) => name.replace(/_$/, '');

/**
 * @returns {{enums: Object<string, {name, base, values: Map<string, number>}>,
 *            structs: Object<string, {name, size, alignment, fields: {name, type, offset}[]}>,
 *            tables: Object<string, {name, fields: {name, type, id, required, fallback}[]}>}}
 *     a type is { name } or { vector: { name } }
 */
export function parseSchema(text) {
  const schema = { enums: {}, structs: {}, tables: {} };
  const code = text.replace(/\/\/.*$/gm, '');
  for (const [, word, name, base, attributes, body] of code.matchAll(/\b(enum|struct|table)\s+(\w+)\s*(?::\s*(\w+))?\s*(?:\(([^)]*)\))?\s*\{([^}]*)\}/g)) {
    if (word === 'enum') schema.enums[name] = { name, base, values: enumerators(body, /bit_flags/.test(attributes ?? '')) };
    if (word === 'struct') schema.structs[name] = layOut(name, fields(body));
    if (word === 'table') schema.tables[name] = { name, fields: fields(body) };
  }
  return schema;
}

function enumerators(body, flags) {
  const values = new Map();
  let next = 0;
  for (const item of body.split(',').map((part) => part.trim()).filter(Boolean)) {
    const [name, value] = item.split('=').map((part) => part.trim());
    const number = value === undefined ? next : Number(value);
    values.set(plainName(name), flags ? 1 << number : number);
    next = number + 1;
  }
  return values;
}

function fields(body) {
  return body.split(';').map((part) => part.trim()).filter(Boolean).map((part) => {
    const [, name, open, type, fallback, attributes = ''] = /^(\w+)\s*:\s*(\[?)(\w+)\]?\s*(?:=\s*(\w+))?\s*(?:\(([^)]*)\))?$/.exec(part);
    return {
      name,
      type: open ? { vector: { name: type } } : { name: type },
      id: Number(/id:\s*(\d+)/.exec(attributes)?.[1] ?? -1),
      required: /required/.test(attributes),
      fallback: Number(fallback ?? 0),
    };
  });
}

function layOut(name, members) {
  let size = 0;
  let alignment = 1;
  const laidOut = members.map((member) => {
    const own = SIZES[member.type.name];
    const offset = size + (-size & (own - 1));
    size = offset + own;
    alignment = Math.max(alignment, own);
    return { name: member.name, type: member.type, offset };
  });
  return { name, size: size + (-size & (alignment - 1)), alignment, fields: laidOut };
}
