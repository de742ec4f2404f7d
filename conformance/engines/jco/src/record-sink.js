import { closeSync, constants, fchmodSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { ioError } from './engine-error.js';
import { writeAll } from './engine-io.js';

/** The file of a trace that is being recorded. Every failure is an EngineError. */
export class FileSink {
  #path;
  #fd;

  /**
   * Creates the file, readable by its user alone [SEC-03]. One that exists is refused without
   * `force` [TESTEE-04]; a pipe or device is written to, for nothing in it is overwritten.
   */
  constructor(path, { force = false } = {}) {
    this.#path = path;
    const { O_WRONLY, O_CREAT, O_EXCL } = constants;
    const existing = statSync(path, { throwIfNoEntry: false });
    const isFile = existing === undefined || existing.isFile();
    const flags = isFile ? O_WRONLY | O_CREAT | (force ? 0 : O_EXCL) : O_WRONLY;
    try {
      this.#fd = openSync(path, flags, 0o600);
      if (isFile && existing !== undefined) {
        fchmodSync(this.#fd, 0o600);
        ftruncateSync(this.#fd, 0);
      }
    } catch (error) {
      throw ioError('write', path, error);
    }
  }

  write(bytes) {
    try {
      writeAll(this.#fd, bytes);
    } catch (error) {
      throw ioError('write', this.#path, error);
    }
  }

  close() {
    try {
      closeSync(this.#fd);
    } catch (error) {
      throw ioError('write', this.#path, error);
    }
  }
}
