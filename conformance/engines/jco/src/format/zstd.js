import { compress as zstdCompress, decompress as zstdDecompress, init } from '@bokuweb/zstd-wasm';
import { Fault } from './fault.js';
import { viewOf } from './scalar.js';

await init();

/** `bytes` as one zstd frame with its content size, or null when that is not smaller [FRAME-06]. */
export function compress(bytes, level) {
  if (bytes.length === 0) return null;
  const packed = zstdCompress(bytes, level);
  return packed.length < bytes.length ? packed : null;
}

/**
 * The content of exactly one zstd frame. The declared size is compared with `decodedSize`, which
 * the caller has bounded, before anything is allocated. // [FRAME-11]
 */
export function decompress(bytes, decodedSize) {
  checkFrame(bytes, decodedSize);
  let content;
  try {
    content = zstdDecompress(bytes);
  } catch {
    throw new Fault('corrupt', 'a zstd frame that decompresses', 'one that does not');
  }
  if (content.length !== decodedSize) {
    throw new Fault('corrupt', `${decodedSize} decompressed bytes`, `${content.length}`);
  }
  return content;
}

const MAGIC = 0xfd2fb528;

// RFC 8878, 3.1.1: the frame header, then the blocks by their headers only.
function checkFrame(bytes, decodedSize) {
  const view = viewOf(bytes);
  const need = (end, what) => {
    if (end > bytes.length) throw new Fault('corrupt', `${what} of a zstd frame within ${bytes.length} bytes`, `its end at ${end}`);
  };
  need(5, 'header');
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw new Fault('corrupt', 'the magic of a zstd frame', `0x${magic.toString(16)}`);

  const descriptor = bytes[4];
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3];
  const contentSizeSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
  let at = 5 + (singleSegment ? 0 : 1);
  need(at + dictionarySize + contentSizeSize, 'header');

  for (let i = 0; i < dictionarySize; i++) {
    if (bytes[at + i] !== 0) throw new Fault('corrupt', 'a zstd frame without dictionary', 'a dictionary id');
  }
  at += dictionarySize;

  if (contentSizeSize === 0) throw new Fault('corrupt', 'a zstd frame with its content size', 'none');
  const contentSize = {
    1: () => bytes[at],
    2: () => view.getUint16(at, true) + 256,
    4: () => view.getUint32(at, true),
    8: () => Number(view.getBigUint64(at, true)),
  }[contentSizeSize]();
  if (contentSize !== decodedSize) throw new Fault('corrupt', `zstd content size ${decodedSize}`, `${contentSize}`);
  at += contentSizeSize;

  for (let last = false; !last;) {
    need(at + 3, 'block header');
    const header = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    last = (header & 1) !== 0;
    const isRle = ((header >> 1) & 3) === 1;
    at += 3 + (isRle ? 1 : header >> 3);
    need(at, 'block');
  }
  at += (descriptor & 4) !== 0 ? 4 : 0;
  need(at, 'checksum');
  if (at !== bytes.length) throw new Fault('corrupt', `one zstd frame of ${bytes.length} bytes`, `its end at ${at}`);
}
