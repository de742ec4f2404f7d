import { Fault } from './format/fault.js';
import { utf8Decode } from './format/bytes.js';
import { sourceOf } from './format/source.js';

const CHUNK = 65536;
const LF = 0x0a;
const MAX_LINE = 2 ** 29 - 24; // of a string

/**
 * The lines of a UTF-8 file, without their LF; the last one must have one too. A line that is too
 * long for a string is `limit`. // [JSON-01]
 * @param {number} descriptor
 */
export function* readLines(descriptor) {
  const source = sourceOf(descriptor);
  let parts = [];
  for (;;) {
    const chunk = source.read(CHUNK);
    if (chunk.length === 0) break;
    let start = 0;
    for (let end; (end = chunk.indexOf(LF, start)) >= 0; start = end + 1) {
      parts.push(chunk.subarray(start, end));
      yield text(parts);
      parts = [];
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) throw new Fault('invalid', 'a line ended by LF', 'the end of the file');
}

function text(parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > MAX_LINE) throw new Fault('limit', `a line of at most ${MAX_LINE} bytes`, `${size}`);
  const line = utf8Decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  if (line === null) throw new Fault('invalid', 'UTF-8', 'other bytes');
  return line;
}
