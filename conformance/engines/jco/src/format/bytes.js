const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** The text of UTF-8 bytes, or null when they are not UTF-8. */
export function utf8Decode(bytes) {
  try {
    return DECODER.decode(bytes);
  } catch {
    return null;
  }
}

/** The UTF-8 bytes of a text, or null when it has a surrogate without its partner. */
export function utf8Encode(text) {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text) ? ENCODER.encode(text) : null;
}

export const hexEncode = (bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** The bytes of lower-case hexadecimal, or null. */
export function hexDecode(text) {
  return text.length % 2 === 0 && /^[0-9a-f]*$/.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : null;
}

export const equalBytes = (a, b) => Buffer.compare(a, b) === 0;

/** A byte array that grows; `clear` keeps its memory. */
export class ByteBuffer {
  #bytes = new Uint8Array(1024);
  length = 0;

  append(bytes) {
    const end = this.length + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.view());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length = end;
  }

  /** The bytes so far; valid until the next `append` or `clear`. */
  view() {
    return this.#bytes.subarray(0, this.length);
  }

  clear() {
    this.length = 0;
  }
}
