import { TypeLayout } from './engine-types.js';
import { unsigned } from './engine-values.js';

const BLOCKED = 0xffffffff;
const STREAM_READ = 2;
const FUTURE_READ = 4;

/**
 * The buffers of reads of streams and futures, which the host may fill while the guest does
 * something else. // [WRITE-01]
 */
export class ReadBuffers {
  #types;
  #open = new Map(); // `instance handle` -> { memory, start, end, copy }

  constructor(types) {
    this.#types = new TypeLayout(types);
  }

  get isEmpty() {
    return this.#open.size === 0;
  }

  /**
   * A built-in is about to return to the guest. What a read filled right away is given to `save`;
   * one that has to wait is outstanding from here on.
   * @param {(memory: number, start: number, end: number) => void} save
   */
  afterBuiltin(fn, args, results, bytesOf, save) {
    const result = results.length > 0 ? unsigned(results[0]) : 0;
    const key = `${fn.instance} ${args[0]}`;
    switch (fn.builtin) {
      case 'stream.read': case 'future.read': {
        const { size } = this.#types.of(fn.immediates.type);
        const capacity = fn.builtin === 'stream.read' ? unsigned(args[2]) : 1;
        const start = unsigned(args[1]);
        if (fn.memory === null || size === 0) return;
        if (result === BLOCKED) {
          const end = start + capacity * size;
          this.#open.set(key, { memory: fn.memory, start, end, copy: bytesOf(fn.memory).slice(start, end) });
        } else {
          const count = fn.builtin === 'stream.read' ? result >>> 4 : (result & 0xf) === 0 ? 1 : 0;
          save(fn.memory, start, start + Math.min(count, capacity) * size);
        }
        return;
      }
      case 'stream.cancel-read': case 'future.cancel-read':
        if (result !== BLOCKED) this.#open.delete(key);
        return;
      case 'stream.drop-readable': case 'future.drop-readable':
        this.#open.delete(key);
        return;
      case 'waitable-set.wait': case 'waitable-set.poll': {
        const area = unsigned(args[fn.result_area_param]);
        const bytes = bytesOf(fn.memory);
        const handle = new DataView(bytes.buffer).getInt32(area, true);
        this.delivered(fn.instance, result, handle);
      }
    }
  }

  /** The guest is told of an event: its buffer is its own again. */
  delivered(instance, event, handle) {
    if (event === STREAM_READ || event === FUTURE_READ) this.#open.delete(`${instance} ${handle}`);
  }

  /** Gives to `save` every outstanding buffer that changed since it was looked at last. */
  changed(bytesOf, save) {
    for (const buffer of this.#open.values()) {
      const now = bytesOf(buffer.memory).subarray(buffer.start, buffer.end);
      if (Buffer.compare(now, buffer.copy) === 0) continue;
      save(buffer.memory, buffer.start, buffer.end);
      buffer.copy.set(now);
    }
  }
}
