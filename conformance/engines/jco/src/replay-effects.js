import { ioError } from './engine-error.js';
import { writeAll } from './engine-io.js';
import { unsigned } from './engine-values.js';

const WRITES = new Set(['[method]output-stream.write', '[method]output-stream.blocking-write-and-flush']);
const ZEROES = new Set(['[method]output-stream.write-zeroes', '[method]output-stream.blocking-write-zeroes-and-flush']);
const SPLICES = new Set(['[method]output-stream.splice', '[method]output-stream.blocking-splice']);

/**
 * What a replay repeats for the person who watches: what the guest gave to its standard output and
 * error. // [REPLAY-07] [REG-05]
 *
 * A handle counts as standard output or error for the component instance that it was given to,
 * from the result of `get-stdout` until it is dropped.
 */
export class Effects {
  #streams = new Map(); // `instance handle` -> file descriptor
  #kinds = new Map();
  #spliced = false;

  /** Called with each call of the guest; gives what is to be done when its result is known. */
  before(fn, args, memoryBytes) {
    const kind = this.#kindOf(fn);
    if (kind === null) return null;
    if (kind.stream !== undefined) return (result) => void this.#streams.set(`${fn.instance} ${result[0]}`, kind.stream);
    const key = `${fn.instance} ${args[0]}`;
    const stream = this.#streams.get(key);
    if (stream === undefined) return null;
    if (kind.drop) return () => void this.#streams.delete(key);
    const bytes = kind.write
      ? memoryBytes(fn.memory).slice(unsigned(args[1]), unsigned(args[1]) + unsigned(args[2]))
      : kind.zeroes ? Number(BigInt.asUintN(64, BigInt(args[1]))) : null;
    return () => {
      if (memoryBytes(fn.memory)[unsigned(args.at(-1))] !== 0) return; // [REG-06]
      if (kind.splice) this.#sayOnce();
      else if (kind.write) write(stream, bytes);
      else writeZeroes(stream, bytes);
    };
  }

  #kindOf(fn) {
    if (!this.#kinds.has(fn.id)) this.#kinds.set(fn.id, classify(fn));
    return this.#kinds.get(fn.id);
  }

  #sayOnce() {
    if (!this.#spliced) console.error('note: what was spliced into a standard stream is not in the trace and is not shown');
    this.#spliced = true;
  }
}

function classify(fn) {
  for (const { instance_name: instance, function_name: name } of fn.names) {
    const place = instance.replace(/@.*$/, '');
    if (place === 'wasi:cli/stdout' && name === 'get-stdout') return { stream: 1 };
    if (place === 'wasi:cli/stderr' && name === 'get-stderr') return { stream: 2 };
    if (place !== 'wasi:io/streams') continue;
    if (fn.builtin === 'resource.drop' && /^(\[resource-drop\])?output-stream$/.test(name)) return { drop: true };
    if (fn.role !== 'import') continue;
    if (WRITES.has(name)) return { write: true };
    if (ZEROES.has(name)) return { zeroes: true };
    if (SPLICES.has(name)) return { splice: true };
  }
  return null;
}

function write(stream, bytes) {
  try {
    writeAll(stream, bytes);
  } catch (error) {
    throw ioError('write', stream === 1 ? 'standard output' : 'standard error', error);
  }
}

const CHUNK = new Uint8Array(65536);

function writeZeroes(stream, count) {
  for (let left = count; left > 0; left -= CHUNK.length) write(stream, CHUNK.subarray(0, Math.min(left, CHUNK.length)));
}
