import { equalBytes } from './bytes.js';
import { Fault } from './fault.js';
import { FORMAT_MAJOR, FORMAT_MINOR } from './limits.js';
import { viewOf } from './scalar.js';
import { xxh3 } from './xxh3.js';

export const PREAMBLE_SIZE = 32;
const MAGIC = Uint8Array.of(0x89, 0x58, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a); // [PRE-01]

export function encodePreamble(salt) {
  const bytes = new Uint8Array(PREAMBLE_SIZE);
  const view = viewOf(bytes);
  bytes.set(MAGIC);
  view.setUint16(8, FORMAT_MAJOR, true);
  view.setUint16(10, FORMAT_MINOR, true);
  view.setBigUint64(16, salt, true);
  view.setBigUint64(24, xxh3(bytes.subarray(0, 24)), true); // [PRE-02]
  return bytes;
}

/**
 * The salt of a file. `bytes` are its first 32, or all of a shorter file. // [VERDICT-01] 1
 * @returns {bigint}
 */
export function decodePreamble(bytes) {
  const there = bytes.subarray(0, MAGIC.length);
  if (bytes.length === 0 || !equalBytes(there, MAGIC.subarray(0, there.length))) {
    throw new Fault('not-a-trace', 'the magic of a trace', bytes.length === 0 ? 'an empty file' : 'other bytes', { offset: 0 });
  }
  if (bytes.length < PREAMBLE_SIZE) {
    throw new Fault('truncated', '32 bytes of preamble', `${bytes.length}`, { offset: bytes.length });
  }
  const view = viewOf(bytes);
  const check = xxh3(bytes.subarray(0, 24));
  const stored = view.getBigUint64(24, true);
  if (stored !== check) { // [PRE-02]
    throw new Fault('corrupt', `preamble_check 0x${check.toString(16)}`, `0x${stored.toString(16)}`, { offset: 24 });
  }
  const reserved = view.getUint32(12, true);
  if (reserved !== 0) { // [PRE-05]
    throw new Fault('corrupt', 'reserved 0', `${reserved}`, { offset: 12 });
  }
  const [major, minor] = [view.getUint16(8, true), view.getUint16(10, true)];
  if (major !== FORMAT_MAJOR || minor !== FORMAT_MINOR) { // [PRE-04] [EVO-01]
    throw new Fault('unsupported', `format ${FORMAT_MAJOR}.${FORMAT_MINOR}`, `${major}.${minor}`, { offset: 8 });
  }
  return view.getBigUint64(16, true);
}
