import { readFileSync, writeSync } from 'node:fs';
import { ioError } from './engine-error.js';

/** The content of a file that a command needs; a failure is an EngineError. */
export function readInput(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    throw ioError('read', path, error);
  }
}

const cell = new Int32Array(new SharedArrayBuffer(4));

/** For a pipe that is full and does not block. */
export const waitABit = () => Atomics.wait(cell, 0, 0, 1);

/** Writes all of `bytes`, also to a pipe that is full for now. Throws what the system says. */
export function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      waitABit();
    }
  }
}
