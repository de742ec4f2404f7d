/**
 * Core modules of one function each, through which floats cross JavaScript as their bits: a
 * signalling NaN that becomes a JavaScript number loses its payload.
 */
const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const BITS = { i32: 'i32', i64: 'i64', f32: 'i32', f64: 'i64' };
const TO_BITS = { f32: 0xbc, f64: 0xbd }; // i32.reinterpret_f32, i64.reinterpret_f64
const FROM_BITS = { f32: 0xbe, f64: 0xbf }; // f32.reinterpret_i32, f64.reinterpret_i64

const modules = new Map();

/**
 * `fn`, which takes and gives values of the signature, as a function of bits.
 * @param {Function} fn a core function, or a JavaScript one that an engine would import as such
 */
export function takingBits(fn, params, results) {
  return instantiate(fn, params, results, true);
}

/** `fn`, a JavaScript function of bits, as a core function of the signature. */
export function givingBits(fn, params, results) {
  return instantiate(fn, params, results, false);
}

function instantiate(fn, params, results, outerIsBits) {
  const key = `${outerIsBits} ${params} ${results}`;
  if (!modules.has(key)) modules.set(key, new WebAssembly.Module(assemble(params, results, outerIsBits)));
  return new WebAssembly.Instance(modules.get(key), { m: { f: fn } }).exports.f;
}

function assemble(params, results, outerIsBits) {
  const bits = [params.map((type) => BITS[type]), results.map((type) => BITS[type])];
  const plain = [params, results];
  const [inner, outer] = outerIsBits ? [plain, bits] : [bits, plain];
  const convertParam = outerIsBits ? FROM_BITS : TO_BITS;
  const convertResult = outerIsBits ? TO_BITS : FROM_BITS;

  const body = [0];
  params.forEach((type, index) => body.push(0x20, ...leb(index), ...(type in convertParam ? [convertParam[type]] : [])));
  body.push(0x10, 0);
  if (results.length === 1 && results[0] in convertResult) body.push(convertResult[results[0]]);
  if (results.length > 1) throw new Error('a float trampoline has at most one result');
  body.push(0x0b);

  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [2, ...functionType(inner), ...functionType(outer)]),
    ...section(2, [1, 1, 0x6d, 1, 0x66, 0, 0]), // import "m" "f", function type 0
    ...section(3, [1, 1]),
    ...section(7, [1, 1, 0x66, 0, 1]), // export "f", function 1
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

const functionType = ([params, results]) => [
  0x60, ...leb(params.length), ...params.map((type) => VALUE_TYPE[type]),
  ...leb(results.length), ...results.map((type) => VALUE_TYPE[type]),
];

const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];

function leb(n) {
  const bytes = [];
  do {
    const low = n & 0x7f;
    n >>>= 7;
    bytes.push(n ? low | 0x80 : low);
  } while (n);
  return bytes;
}
