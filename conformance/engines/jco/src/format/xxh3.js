import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// hash-wasm instantiates its module asynchronously and takes the seed then. Here the seed of a
// trace is known only when its first bytes are read, and reading is synchronous: so the module
// that the package carries is instantiated once, and the seed given at each hash.
const file = createRequire(import.meta.url).resolve('hash-wasm/dist/xxhash3.umd.min.js');
const embedded = /name:"xxhash3",data:"([^"]+)"/.exec(readFileSync(file, 'latin1'));
const wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(embedded[1], 'base64'))).exports;
const CHUNK = 16384;
const buffer = new Uint8Array(wasm.memory.buffer, wasm.Hash_GetBuffer(), CHUNK);
const view = new DataView(buffer.buffer, buffer.byteOffset, 8);

/**
 * XXH3-64.
 * @param {Uint8Array} bytes
 * @param {bigint} seed
 * @returns {bigint}
 */
export function xxh3(bytes, seed = 0n) {
  view.setBigUint64(0, seed, true);
  wasm.Hash_Init();
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK);
    buffer.set(chunk);
    wasm.Hash_Update(chunk.length);
  }
  wasm.Hash_Final();
  return view.getBigUint64(0, false);
}
