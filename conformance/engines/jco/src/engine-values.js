/**
 * Core values as a payload [PAY-05]. In JavaScript a value is held as its bits: i32 and f32 as a
 * number, i64 and f64 as a BigInt.
 */
const WIDTH = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

/** The two ways of a signature's values, for values that are bits. */
export class Layout {
  /** @param {string[]} types */
  constructor(types) {
    this.types = types;
    this.offsets = [];
    this.size = 0;
    for (const type of types) {
      this.offsets.push(this.size);
      this.size += WIDTH[type];
    }
    this.scratch = new Uint8Array(this.size);
    this.view = new DataView(this.scratch.buffer);
  }

  /** The payload of `values`; it is overwritten by the next call. */
  encode(values) {
    const { types, offsets, view } = this;
    for (let i = 0; i < types.length; i++) {
      if (WIDTH[types[i]] === 4) view.setInt32(offsets[i], values[i], true);
      else view.setBigInt64(offsets[i], values[i], true);
    }
    return this.scratch;
  }

  /** The values of a payload of exactly `size` bytes. */
  decode(payload) {
    const { types, offsets } = this;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const values = new Array(types.length);
    for (let i = 0; i < types.length; i++) {
      values[i] = WIDTH[types[i]] === 4 ? view.getInt32(offsets[i], true) : view.getBigInt64(offsets[i], true);
    }
    return values;
  }

  /** Values for a person: `(42, 0x7fc00000 f32)`. */
  show(values) {
    return `(${values.map((value, i) => showValue(this.types[i], value)).join(', ')})`;
  }
}

export function showValue(type, bits) {
  if (type === 'f32') return `0x${(bits >>> 0).toString(16).padStart(8, '0')} f32`;
  if (type === 'f64') return `0x${BigInt.asUintN(64, bits).toString(16).padStart(16, '0')} f64`;
  return String(bits);
}

/** The results of a core call, whose arity V8 hides, as an array. */
export const resultArray = (result, count) => (count === 0 ? [] : count === 1 ? [result] : [...result]);

/** And back to what a JavaScript function gives to a core caller. */
export const arrayResult = (values) => (values.length === 0 ? undefined : values.length === 1 ? values[0] : values);

/** An address or size: i32 as unsigned, or i64 as BigInt, to a number. */
export const unsigned = (value) => (typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value >>> 0);
