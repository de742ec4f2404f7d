/** Reading and writing of schema scalars; 64-bit ones are BigInt, bool is a boolean. */
export const READ = {
  bool: (view, at) => view.getUint8(at) !== 0,
  byte: (view, at) => view.getInt8(at),
  ubyte: (view, at) => view.getUint8(at),
  short: (view, at) => view.getInt16(at, true),
  ushort: (view, at) => view.getUint16(at, true),
  int: (view, at) => view.getInt32(at, true),
  uint: (view, at) => view.getUint32(at, true),
  long: (view, at) => view.getBigInt64(at, true),
  ulong: (view, at) => view.getBigUint64(at, true),
};

export const WRITE = {
  bool: (view, at, value) => view.setUint8(at, value ? 1 : 0),
  byte: (view, at, value) => view.setInt8(at, value),
  ubyte: (view, at, value) => view.setUint8(at, value),
  short: (view, at, value) => view.setInt16(at, value, true),
  ushort: (view, at, value) => view.setUint16(at, value, true),
  int: (view, at, value) => view.setInt32(at, value, true),
  uint: (view, at, value) => view.setUint32(at, value, true),
  long: (view, at, value) => view.setBigInt64(at, value, true),
  ulong: (view, at, value) => view.setBigUint64(at, value, true),
};

const RANGE = {
  byte: [-128, 127], ubyte: [0, 255], short: [-32768, 32767], ushort: [0, 65535],
  int: [-2147483648, 2147483647], uint: [0, 4294967295],
  long: [-(2n ** 63n), 2n ** 63n - 1n], ulong: [0n, 2n ** 64n - 1n],
};

/**
 * `value` as a scalar of the schema's type `name`, or undefined when it is none. 64-bit types take
 * a BigInt, a safe integer, or a string of decimal digits without leading zeros.
 */
export function scalarFrom(name, value) {
  if (name === 'bool') return typeof value === 'boolean' ? value : undefined;
  const [low, high] = RANGE[name];
  if (typeof low === 'bigint') {
    if (typeof value === 'string' && /^(0|-?[1-9][0-9]{0,19})$/.test(value)) value = BigInt(value);
    else if (Number.isSafeInteger(value)) value = BigInt(value);
    if (typeof value !== 'bigint') return undefined;
  } else if (!Number.isInteger(value) || Object.is(value, -0)) {
    return undefined;
  }
  return value >= low && value <= high ? value : undefined;
}

export const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
