import { readSync, writeSync } from 'node:fs';

/**
 * A source is `{ read(size) → Uint8Array }`: the next `size` bytes, fewer only at the end. What it
 * returns stays valid.
 *
 * @param {Uint8Array|number|{read: function}} from  bytes, a file descriptor, or a source
 */
export function sourceOf(from) {
  if (from instanceof Uint8Array) return new BytesSource(from);
  if (typeof from === 'number') return new DescriptorSource(from);
  return from;
}

class BytesSource {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  read(size) {
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += bytes.length;
    return bytes;
  }
}

/** Reads a file or pipe in order; the descriptor stays the caller's. */
class DescriptorSource {
  #descriptor;

  constructor(descriptor) {
    this.#descriptor = descriptor;
  }

  read(size) {
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const count = readSync(this.#descriptor, bytes, length, size - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  }
}

/** A sink `{ write(bytes) }` over a file descriptor, which stays the caller's. */
export class DescriptorSink {
  #descriptor;

  constructor(descriptor) {
    this.#descriptor = descriptor;
  }

  write(bytes) {
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#descriptor, bytes, at);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(IDLE, 0, 0, 1); // a pipe that does not block, and is full
      }
    }
  }
}

const IDLE = new Int32Array(new SharedArrayBuffer(4));

/** A sink that keeps what was written; `bytes()` joins it. */
export class MemorySink {
  #parts = [];

  write(bytes) {
    this.#parts.push(bytes.slice());
  }

  bytes() {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}
