import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { viewOf } from './scalar.js';
import { xxh3 } from './xxh3.js';
import { compress } from './zstd.js';

export const HEADER_SIZE = 32;
const SYNC = 0x0a4658f5; // [FRAME-01]
const SKIPPABLE = 1;

/** Kinds by name: number, and whether the flag `skippable` is to be set [FRAME-05]. */
export const FRAME_KINDS = Object.freeze({
  trace_info: { number: 1, skippable: false },
  definitions: { number: 2, skippable: false },
  events: { number: 3, skippable: false },
  bulk: { number: 4, skippable: false },
  attachment: { number: 5, skippable: true },
  index: { number: 6, skippable: true },
  summary: { number: 7, skippable: true },
  end: { number: 8, skippable: false },
  snapshot: { number: 9, skippable: false },
});
const NAMES = new Map(Object.entries(FRAME_KINDS).map(([name, kind]) => [kind.number, name]));

export const CODEC_NONE = 0;
export const CODEC_ZSTD = 1;

/** Zero bytes after a body of `size` bytes; headers stand at multiples of 8 [FRAME-10]. */
export const paddingOf = (size) => -size & 7;

/**
 * A frame as stored.
 * @param {string} kind      a key of FRAME_KINDS
 * @param {Uint8Array} body  decoded
 * @param {{salt: bigint, sequence: number, level: number}} how  level 0 stores the body as it is
 * @returns {{bytes: Uint8Array, stored_size: number}}
 */
export function encodeFrame(kind, body, { salt, sequence, level }) {
  if (body.length > LIMITS.frame_decoded_size) { // [LIMIT-01]
    throw new Fault('limit', `a ${kind} body of at most ${LIMITS.frame_decoded_size} bytes`, `${body.length}`);
  }
  const packed = level === 0 || kind === 'end' ? null : compress(body, level); // [FRAME-12]
  const stored = packed ?? body;
  const bytes = new Uint8Array(HEADER_SIZE + stored.length + paddingOf(stored.length));
  const view = viewOf(bytes);
  view.setUint32(0, SYNC, true);
  view.setUint8(4, FRAME_KINDS[kind].number);
  view.setUint8(5, packed ? CODEC_ZSTD : CODEC_NONE);
  view.setUint16(6, FRAME_KINDS[kind].skippable ? SKIPPABLE : 0, true);
  view.setUint32(8, stored.length, true);
  view.setUint32(12, body.length, true);
  view.setBigUint64(16, xxh3(stored, salt), true); // [FRAME-08]
  view.setUint32(24, sequence, true);
  view.setUint32(28, headerCheck(bytes, salt), true);
  bytes.set(stored, HEADER_SIZE);
  return { bytes, stored_size: stored.length };
}

/**
 * The header at the start of `bytes`, judged in the order of [VERDICT-01] 2.
 * @returns {{kind: ?string, number: number, codec: number, stored_size: number,
 *            decoded_size: number, body_hash: bigint}}  kind null: unknown, to be passed over
 */
export function decodeHeader(bytes, { salt, sequence }) {
  const view = viewOf(bytes);
  const sync = view.getUint32(0, true);
  if (sync !== SYNC) throw new Fault('corrupt', 'the sync bytes f5 58 46 0a', hex(bytes.subarray(0, 4)));
  const check = headerCheck(bytes, salt);
  const storedCheck = view.getUint32(28, true);
  if (storedCheck !== check) { // [FRAME-02]
    throw new Fault('corrupt', `header_check 0x${check.toString(16)}`, `0x${storedCheck.toString(16)}`);
  }
  const storedSequence = view.getUint32(24, true);
  if (storedSequence !== sequence) throw new Fault('corrupt', `frame sequence ${sequence}`, `${storedSequence}`); // [FRAME-09]

  const number = view.getUint8(4);
  const codec = view.getUint8(5);
  const flags = view.getUint16(6, true);
  const kind = NAMES.get(number) ?? null;
  const skippable = (flags & SKIPPABLE) !== 0;
  if (kind !== null && skippable !== FRAME_KINDS[kind].skippable) { // [FRAME-05]
    throw new Fault('corrupt', `skippable ${FRAME_KINDS[kind].skippable} of kind ${kind}`, `${skippable}`);
  }
  const stored_size = view.getUint32(8, true);
  const decoded_size = view.getUint32(12, true);
  if (codec === CODEC_NONE && stored_size !== decoded_size) { // [FRAME-06]
    throw new Fault('corrupt', `stored_size ${decoded_size}, as decoded_size`, `${stored_size}`);
  }
  if (codec === CODEC_ZSTD && stored_size >= decoded_size) { // [FRAME-06]
    throw new Fault('corrupt', `a compressed body smaller than ${decoded_size} bytes`, `stored_size ${stored_size}`);
  }
  if ((flags & ~SKIPPABLE) !== 0) throw new Fault('unsupported', 'no frame flag but skippable', `0x${flags.toString(16)}`);
  if (codec > CODEC_ZSTD) throw new Fault('unsupported', 'codec 0 or 1', `${codec}`); // [FRAME-04]
  if (kind === 'snapshot' || (kind === null && !skippable)) { // [FRAME-03]
    throw new Fault('unsupported', 'a frame kind of format 0.1', `critical kind ${number}`);
  }
  for (const [name, size] of [['decoded_size', decoded_size], ['stored_size', stored_size]]) { // [FRAME-07]
    if (size > LIMITS.frame_decoded_size) throw new Fault('limit', `${name} of at most ${LIMITS.frame_decoded_size}`, `${size}`);
  }
  return { kind, number, codec, stored_size, decoded_size, body_hash: view.getBigUint64(16, true) };
}

const headerCheck = (bytes, salt) => Number(xxh3(bytes.subarray(0, 28), salt) & 0xffffffffn);

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
