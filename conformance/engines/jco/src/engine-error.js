/**
 * Why a command of the engine cannot go on, as one sentence for a person, with the exit code that
 * it ends with. // [VERDICT-05]
 */
export class EngineError extends Error {
  /**
   * @param {number} exitCode
   * @param {string} sentence without a full stop
   */
  constructor(exitCode, sentence) {
    super(sentence);
    this.name = 'EngineError';
    this.exitCode = exitCode;
  }
}

export const USAGE = 2;
export const UNSUPPORTED = 6;
export const INVALID = 8;
export const DIVERGED = 9;
export const TRAPPED = 134;

const CAUSES = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  EEXIST: 'it exists already (--force replaces it)',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EROFS: 'the file system is read-only',
  EPIPE: 'the reader is gone',
  EIO: 'the device failed',
};

/** The failure of a system call as a sentence: "cannot read app.wasm: there is no such file". */
export function ioError(what, path, error) {
  const cause = CAUSES[error?.code] ?? error?.code ?? error?.message ?? String(error);
  return new EngineError(USAGE, `cannot ${what} ${path}: ${cause}`);
}
