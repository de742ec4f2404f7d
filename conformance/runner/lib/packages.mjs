// XXH3 and zstd, as the packages of the JavaScript engine have them.

import { createRequire } from 'node:module';

export { xxh3 } from '../../engines/jco/src/format/xxh3.js';

const { compress: zstd, init } = createRequire(new URL('../../engines/jco/package.json', import.meta.url))('@bokuweb/zstd-wasm');

await init();

export const compress = (bytes, level) => Uint8Array.from(zstd(bytes, level));
