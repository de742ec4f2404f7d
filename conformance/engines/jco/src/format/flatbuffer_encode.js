import { Builder } from 'flatbuffers';
import { viewOf } from './scalar.js';
import { StructVector } from './struct.js';

const ADD = {
  bool: (b, id, value, missing) => b.addFieldInt8(id, value ? 1 : 0, missing),
  ubyte: (b, id, value, missing) => b.addFieldInt8(id, value, missing),
  uint: (b, id, value, missing) => b.addFieldInt32(id, value, missing),
  ulong: (b, id, value, missing) => b.addFieldInt64(id, value, BigInt(missing)),
};
const PUSH = {
  ubyte: (b, value) => b.addInt8(value),
  uint: (b, value) => b.addInt32(value),
  ulong: (b, value) => b.addInt64(value),
};

/**
 * The FlatBuffer of `value`, which has the form that `normalize` and `decodeFlatBuffer` give.
 * @returns {Uint8Array}
 */
export function encodeFlatBuffer(table, value, sizeHint = 1024) {
  const builder = new Builder(sizeHint);
  builder.finish(encodeTable(builder, table, value));
  return builder.asUint8Array();
}

function encodeTable(builder, table, value) {
  const children = table.fields.map((field) => encodeChild(builder, field, value[field.name]));
  builder.startObject(table.fields.length);
  table.fields.forEach(({ id, type, name, default: missing }, i) => {
    const member = value[name];
    if (type.kind === 'scalar') ADD[type.name](builder, id, member, missing);
    else if (type.kind === 'enum') ADD[type.enum.base](builder, id, type.enum.numbers.get(member), missing);
    else if (children[i] !== 0) builder.addFieldOffset(id, children[i], 0);
  });
  return builder.endObject();
}

/** The offset of what a field refers to; 0: a scalar, or empty and not required [DEF-05]. */
function encodeChild(builder, { type, required }, value) {
  switch (type.kind) {
    case 'string': return value === '' && !required ? 0 : builder.createString(value);
    case 'table': return encodeTable(builder, type.table, value);
    case 'vector': return value.length === 0 && !required ? 0 : encodeVector(builder, type.element, value);
    default: return 0;
  }
}

function encodeVector(builder, element, value) {
  if (value instanceof Uint8Array) return builder.createByteVector(value);
  if (value instanceof StructVector) {
    const words = viewOf(value.bytes);
    builder.startVector(value.struct.size, value.length, value.struct.alignment);
    for (let at = value.bytes.length - 4; at >= 0; at -= 4) builder.addInt32(words.getInt32(at, true));
    return builder.endVector();
  }
  const items = encodeElements(builder, element, value);
  const size = element.size ?? 4;
  builder.startVector(size, items.length, size);
  for (let i = items.length - 1; i >= 0; i--) {
    if (element.kind === 'scalar') PUSH[element.name](builder, items[i]);
    else if (element.kind === 'enum') PUSH[element.enum.base](builder, items[i]);
    else builder.addOffset(items[i]);
  }
  return builder.endVector();
}

function encodeElements(builder, element, value) {
  switch (element.kind) {
    case 'enum': return value.map((name) => element.enum.numbers.get(name));
    case 'string': return value.map((text) => builder.createString(text));
    case 'table': return value.map((item) => encodeTable(builder, element.table, item));
    default: return value;
  }
}
