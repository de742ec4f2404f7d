import { hexEncode } from './bytes.js';

/** A record in canonical JSON: every member, in schema order, no spaces [JSON-02] … [JSON-07]. */
export function recordJson(table, value) {
  return `{${table.fields.map(({ name, type }) => `"${name}":${memberJson(type, value[name])}`).join(',')}}`;
}

function memberJson(type, value) {
  switch (type.kind) {
    case 'scalar': return typeof value === 'bigint' ? `"${value}"` : `${value}`; // [JSON-03]
    case 'enum': return `"${value}"`; // [JSON-06]
    case 'string': return stringJson(value);
    case 'table': return recordJson(type.table, value);
    case 'vector':
      if (type.element.name === 'ubyte') return `"${hexEncode(value)}"`; // [JSON-04]
      return `[${value.map((item) => memberJson(type.element, item)).join(',')}]`;
  }
}

/** RFC 8785's escapes are those of JSON.stringify, given text without lone surrogates. // [JSON-05] */
export const stringJson = (text) => JSON.stringify(text);
