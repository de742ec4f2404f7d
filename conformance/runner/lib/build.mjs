// A trace from its readable source. What a source leaves out is derived from what it says, so that
// a source with one member changed has that one fault and no other: see ../../cases/README.md.

import { readFileSync } from 'node:fs';
import { Out, buildFlatBuffer, buildStruct, bytesOf, fromHex, recordText } from './flatbuffer.mjs';
import { parseSchema } from './schema.mjs';
import { compress, xxh3 } from './packages.mjs';

const schema = parseSchema(readFileSync(new URL('../../../schema/crossing.fbs', import.meta.url), 'utf8'));
const KINDS = schema.enums.EventKind.values;
const FLAGS = schema.enums.EventFlags.values;
const GAP_REASONS = schema.enums.GapReason.values;
const FRAME_KINDS = {
  trace_info: 1, definitions: 2, events: 3, bulk: 4, attachment: 5, index: 6, summary: 7, end: 8, snapshot: 9,
};
const SKIPPABLE = new Set([5, 6, 7]);
const LISTS = { types: ['Type', 'type'], components: ['Component', 'component'], instances: ['Instance', 'instance'], memories: ['Memory', 'memory'], functions: ['Function', 'function'] };
const CLOSES = { instantiate_end: 'instantiate', export_result: 'export_call', import_result: 'import_call', realloc_result: 'realloc_call' };
const OPENS = new Set(Object.values(CLOSES));
const PIECE = 65536;
const BULK = 256;
export const NONE = 4294967295;

/**
 * @param {object} source  { preamble, frames, append, cut }
 * @returns {{bytes: Uint8Array, frames: {label, kind, offset, size, stored, lines: string[]}[]}}
 *     each frame with its place and the lines of canonical JSON that it gives
 */
export function buildTrace(source) {
  const salt = BigInt(source.preamble?.salt ?? '0x1122334455667788');
  const state = new Stream(salt);
  const out = new Out();
  out.bytes(preamble(source.preamble ?? {}, salt));
  const frames = [];
  const all = source.frames.flatMap(({ times = 1, ...frame }) => Array(times).fill(frame));
  all.forEach((frame, i) => {
    const offset = out.length;
    const { bytes, lines, stored } = state.frame(frame, all[i + 1], offset);
    out.bytes(bytes);
    frames.push({ label: frame.label ?? frame.kind, kind: frame.kind, offset, size: bytes.length, stored, lines });
  });
  if (source.append !== undefined) out.bytes(bytesOf(typeof source.append === 'string' ? { hex: source.append } : source.append));
  let bytes = out.take();
  if (source.bytes !== undefined) bytes = fromHex(source.bytes);
  if (source.cut !== undefined) bytes = bytes.subarray(0, place(source.cut, frames));
  return { bytes, frames };
}

/** `{ frame, part: 'header'|'body'|'padding'|'end', plus }` or a number. */
function place(cut, frames) {
  if (typeof cut === 'number') return cut;
  const frame = frames.find(({ label }) => label === cut.frame);
  const parts = { header: 0, body: 32, padding: 32 + frame.stored, end: frame.size };
  return frame.offset + parts[cut.part ?? 'header'] + (cut.plus ?? 0);
}

function preamble(given, salt) {
  const out = new Out();
  out.bytes(fromHex(given.magic ?? '89584e470d0a1a0a'));
  out.add(2, given.format_major ?? 0);
  out.add(2, given.format_minor ?? 1);
  out.add(4, given.reserved ?? 0);
  out.add(8, salt);
  out.add(8, given.preamble_check ?? xxh3(out.take(), BigInt(given.check_seed ?? 0)));
  return out.take();
}

/** What the frames so far amount to. */
class Stream {
  sequence = 0;
  info = {};
  ids = Object.fromEntries(Object.keys(LISTS).map((list) => [list, 0]));
  seen = new Set();
  definitions = 0;
  nextEvent = 0n;
  time = 0n;
  toCome = 0n;
  pending = null;
  threads = new Map();
  thread = 0;
  afterGap = false;
  bulkSize = 0;
  entries = [];
  definitionsOffsets = [];
  indexOffsets = [];
  attachments = new Map();
  totals = { events: 0n, payload: 0n, stored: 0n, decoded: 0n, kinds: new Map() };
  summaryOffset = 0;

  constructor(salt) {
    this.salt = salt;
  }

  frame(frame, next, offset) {
    const { body, lines, commit } = this.body(frame, next, offset);
    let decoded = Uint8Array.from(body);
    if (frame.spare) decoded = Uint8Array.from(Buffer.concat([decoded, Buffer.alloc(frame.spare)]));
    for (const [at, hex] of frame.patch ?? []) decoded.set(fromHex(hex), at < 0 ? decoded.length + at : at);
    if (frame.body_size !== undefined) decoded = decoded.subarray(0, frame.body_size);
    let stored = decoded;
    let codec = 0;
    if (frame.codec === 'zstd') {
      stored = compress(decoded, frame.level ?? 3);
      codec = 1;
    }
    if (frame.zstd !== undefined) [stored, codec] = [zstdFrame(frame.zstd, decoded, stored), 1];
    const kind = FRAME_KINDS[frame.kind] ?? frame.kind;
    const given = frame.header ?? {};
    const header = new Out();
    header.bytes(fromHex(given.sync ?? 'f558460a'));
    header.add(1, given.kind ?? kind);
    header.add(1, given.codec ?? codec);
    header.add(2, given.flags ?? (SKIPPABLE.has(kind) ? 1 : 0));
    header.add(4, given.stored_size ?? stored.length);
    header.add(4, given.decoded_size ?? decoded.length);
    header.add(8, given.body_hash ?? xxh3(stored, BigInt(given.body_seed ?? this.salt)));
    header.add(4, given.sequence ?? this.sequence);
    header.add(4, given.header_check ?? xxh3(header.take(), BigInt(given.check_seed ?? this.salt)) & 0xffffffffn);
    header.bytes(stored);
    if (frame.padding !== undefined) header.bytes(fromHex(frame.padding));
    else header.align(8);
    this.sequence++;
    commit?.(stored.length, decoded.length);
    return { bytes: header.take(), lines, stored: stored.length };
  }

  body(frame, next, offset) {
    if (frame.bytes !== undefined) {
      return {
        body: bytesOf(typeof frame.bytes === 'string' ? { hex: frame.bytes } : frame.bytes),
        lines: [],
        commit: frame.kind === 'bulk' ? (stored, decoded) => this.count(stored, this.bulkSize = decoded) : undefined,
      };
    }
    const given = frame.body ?? {};
    switch (frame.kind) {
      case 'trace_info': {
        const value = { producer_name: '', producer_version: '', uuid: '000102030405060708090a0b0c0d0e0f', determinism: {}, features: [], quirks: [], core_proposals: [], ...given };
        this.info = value;
        return { body: buildFlatBuffer(schema, 'TraceInfo', value), lines: [`{"trace_info":${recordText(schema, 'TraceInfo', value)}}`] };
      }
      case 'definitions': return this.definitionsBody(given, offset);
      case 'bulk': {
        const { bulk } = this.batch(next?.kind === 'events' ? next.body : { events: [] }, true);
        return { body: bulk, lines: [], commit: (stored, decoded) => this.count(stored, this.bulkSize = decoded) };
      }
      case 'events': return this.eventsBody(given, offset);
      case 'attachment': return this.attachmentBody(given);
      case 'index': {
        const entries = this.entries.map((entry, i) => ({ ...entry, ...given.entries?.[i] }));
        for (const extra of Object.keys(given.entries ?? {})) if (!entries[extra]) entries.push(given.entries[extra]);
        entries.length = given.entry_count ?? entries.length;
        const value = {
          previous_offset: this.indexOffsets.at(-1) ?? 0,
          definitions_offsets: this.definitionsOffsets,
          ...given,
          entries: Buffer.concat(entries.map((entry) => buildStruct(schema, 'IndexEntry', entry))),
        };
        delete value.entry_count;
        if (given.entries === null) value.entries = null;
        return {
          body: buildFlatBuffer(schema, 'Index', value),
          lines: [],
          commit: () => {
            this.indexOffsets.push(offset);
            [this.entries, this.definitionsOffsets] = [[], []];
          },
        };
      }
      case 'summary': {
        this.summaryOffset = offset;
        const { totals } = this;
        const kinds = [...totals.kinds].sort(([a], [b]) => a - b).map(([kind, count]) => ({ kind, count }));
        const value = {
          event_count: totals.events, next_sequence: this.nextEvent, last_time: this.time, definition_count: this.definitions,
          payload_bytes: totals.payload, stored_bytes: totals.stored, decoded_bytes: totals.decoded,
          index_offsets: this.indexOffsets, kind_counts: kinds, ...given,
        };
        return { body: buildFlatBuffer(schema, 'Summary', value), lines: [] };
      }
      case 'end':
        return {
          body: buildStruct(schema, 'End', { summary_offset: this.summaryOffset, frame_count: this.sequence + 1, event_count: this.totals.events, ...given }),
          lines: [],
        };
    }
    throw new Error(`a frame of kind ${frame.kind} needs bytes`);
  }

  count(stored, decoded) {
    this.totals.stored += BigInt(stored);
    this.totals.decoded += BigInt(decoded);
  }

  definitionsBody(given, offset) {
    const value = {};
    const lines = [];
    for (const [list, [table, name]] of Object.entries(LISTS)) {
      if (given[list] === undefined) continue;
      value[list] = Array.isArray(given[list])
        ? given[list].map((item) => {
          const id = item.id ?? this.ids[list]++;
          const { count = 1, chain = 1, ...rest } = item;
          const whole = { ...(table === 'Component' ? { digest: { fill: [32, '07'] } } : {}), ...rest, id };
          const text = `{"${name}":${recordText(schema, table, whole)}}`;
          const key = `${name} ${id}`;
          if (!this.seen.has(key)) {
            this.seen.add(key);
            this.definitions++;
            lines.push(text);
          }
          // `count`: as many of them; `chain`: as many, each with the one before as its element.
          return [whole, ...Array.from({ length: count * chain - 1 }, () => {
            const more = { ...whole, id: this.ids[list]++ };
            if (chain > 1 && more.element !== undefined) more.element = more.id - 1;
            this.definitions++;
            lines.push(`{"${name}":${recordText(schema, table, more)}}`);
            return more;
          })];
        }).flat()
        : given[list];
    }
    return { body: buildFlatBuffer(schema, 'Definitions', value), lines, commit: () => this.definitionsOffsets.push(offset) };
  }

  /** Structs and arenas of the events that a source lists; with `dry` nothing is remembered. */
  batch(given, dry = false) {
    const pieces = (given.events ?? []).flatMap((event) => {
      const { repeat, ...one } = event;
      return Array.from({ length: repeat ?? 1 }, () => cut(one)).flat();
    });
    const structs = new Out();
    const payloads = new Out();
    const bulk = new Out();
    const lines = [];
    let { time, nextEvent: number, pending, toCome } = this;
    for (const event of pieces) {
      const body = event.body === undefined ? new Uint8Array() : bytesOf(typeof event.body === 'string' ? { hex: event.body } : event.body);
      const kind = KINDS.get(event.kind) ?? event.kind;
      let flags = (event.flags ?? []).reduce((bits, name) => bits | FLAGS.get(name), 0);
      const detail = BigInt(GAP_REASONS.get(event.detail) ?? event.detail ?? 0);
      const absolute = event.time === undefined ? time : BigInt(event.time);
      const delta = absolute - time;
      const prefixes = new Out();
      const record = { kind, subject: event.subject ?? 0, time_delta: delta, detail, payload_size: body.length };
      if (delta > 0xffffn) {
        flags |= FLAGS.get('time_prefix');
        prefixes.add(8, delta);
        record.time_delta = 0;
      }
      if (detail > 0xffffffffn) {
        flags |= FLAGS.get('wide');
        prefixes.add(8, detail);
        record.detail = 0;
      }
      if (event.total !== undefined) prefixes.add(8, event.total);
      structs.bytes(buildStruct(schema, 'Event', { ...record, flags, ...event.struct }));
      payloads.bytes(event.prefixes === undefined ? prefixes.take() : fromHex(event.prefixes));
      (body.length >= BULK ? bulk : payloads).bytes(body);
      if (!dry) {
        this.totals.payload += BigInt(body.length);
        this.totals.kinds.set(kind, (this.totals.kinds.get(kind) ?? 0) + 1);
        if (!event.piece) this.follow(event.kind, number, record.subject, Number(detail & 0xffffffffn));
      }
      if (!event.piece) {
        pending = { number, kind, flags, time: absolute, subject: record.subject, detail, parts: [] };
        toCome = BigInt(event.total ?? body.length);
      }
      pending?.parts.push(body);
      toCome -= BigInt(body.length);
      if (toCome <= 0n && pending) {
        lines.push(eventText(pending));
        pending = null;
        toCome = 0n;
      }
      time = absolute;
      number++;
      if (event.kind === 'gap' && body.length === 8) {
        const count = Buffer.from(body).readBigUInt64LE();
        number += count > 0n ? count - 1n : 0n;
      }
    }
    if (!dry) Object.assign(this, { time, nextEvent: number, pending, toCome });
    return { structs: structs.take(), payloads: payloads.take(), bulk: bulk.take(), lines, count: pieces.length };
  }

  eventsBody(given, offset) {
    const { events: _, open_calls: openGiven, append_payloads, ...overrides } = given;
    const calls = openGiven ?? [...this.openCalls()];
    if (openGiven && this.afterGap) this.restart(openGiven);
    this.afterGap = false;
    const head = { base_sequence: this.nextEvent, base_time: this.time, continued_size: this.toCome, definitions: this.definitions, bulk_size: this.bulkSize };
    if (given.base_time !== undefined) this.time = BigInt(given.base_time);
    const { structs, payloads, lines, count } = this.batch(given);
    const value = {
      ...head,
      open_calls: Buffer.concat(calls.flatMap(({ repeat = 1, kind, ...call }) => Array(repeat).fill(buildStruct(schema, 'OpenCall', { ...call, kind: KINDS.get(kind) ?? kind })))),
      events: structs,
      payloads: append_payloads ? Buffer.concat([payloads, fromHex(append_payloads)]) : payloads,
      ...overrides,
    };
    this.bulkSize = 0;
    return {
      body: buildFlatBuffer(schema, 'EventBatch', value),
      lines,
      commit: (stored, decoded) => {
        this.entries.push({ offset, base_sequence: value.base_sequence, base_time: value.base_time, event_count: count });
        this.totals.events += BigInt(count);
        this.count(stored, decoded);
      },
    };
  }

  follow(kind, number, subject, call) {
    const stack = this.stack(this.thread);
    if (OPENS.has(kind)) stack.push({ event: number, thread: this.thread, subject, call, kind });
    else if (CLOSES[kind] === stack.at(-1)?.kind && CLOSES[kind]) stack.pop();
    else if (kind === 'trap') stack.length = Math.max(0, stack.findLastIndex((open) => open.kind === 'export_call' || open.kind === 'instantiate'));
    else if (kind === 'thread_switch' || kind === 'thread_start') this.thread = subject;
    else if (kind === 'gap') {
      this.threads.clear();
      this.afterGap = true;
    }
  }
  stack(thread) {
    if (!this.threads.has(thread)) this.threads.set(thread, []);
    return this.threads.get(thread);
  }
  *openCalls() {
    for (const thread of [...this.threads.keys()].sort((a, b) => a - b)) yield* this.threads.get(thread);
  }
  restart(calls) {
    this.threads.clear();
    for (const call of calls) this.stack(call.thread ?? 0).push(call);
  }

  attachmentBody(given) {
    const { bytes: content = '', ...rest } = given;
    const bytes = content === null ? null : bytesOf(typeof content === 'string' ? { hex: content } : content);
    const id = given.id ?? 0;
    const offset = this.attachments.get(id) ?? 0;
    this.attachments.set(id, offset + (bytes?.length ?? 0));
    const value = { id, offset, total_size: bytes?.length ?? 0, ...rest, bytes };
    const { bytes: __, ...head } = value;
    return {
      body: buildFlatBuffer(schema, 'Attachment', value),
      lines: bytes === null ? [] : [`{"attachment":${recordText(schema, 'Attachment', { ...head, bytes })}}`],
    };
  }
}

/** A long body in pieces [PAY-03], unless the source cuts it itself. */
function cut(event) {
  if (event.piece || event.total !== undefined || event.body === undefined) return [event];
  const body = bytesOf(typeof event.body === 'string' ? { hex: event.body } : event.body);
  if (body.length <= PIECE) return [event];
  const pieces = [];
  for (let at = 0; at < body.length; at += PIECE) {
    const last = at + PIECE >= body.length;
    const part = { body: body.subarray(at, at + PIECE) };
    if (at === 0) pieces.push({ ...event, ...part, total: body.length, flags: [...(event.flags ?? []), 'continued'] });
    else pieces.push({ piece: true, kind: event.kind, subject: event.subject, flags: last ? [] : ['continued'], ...part });
  }
  return pieces;
}

const FRAMING = FLAGS.get('continued') | FLAGS.get('time_prefix') | FLAGS.get('wide');

/** [JSON-08] */
function eventText({ number, kind, flags, time, subject, detail, parts }) {
  const name = [...KINDS].find(([, value]) => value === kind)?.[0];
  const names = [...FLAGS].filter(([, bit]) => flags & bit & ~FRAMING).map(([flag]) => `"${flag}"`);
  return `{"event":{"sequence":"${number}","kind":${name ? `"${name}"` : kind},"flags":[${names}],"time":"${time}","subject":${subject},"detail":"${detail}","payload":"${Buffer.concat(parts).toString('hex')}"}}`;
}

/** Zstd frames that no compressor makes, by RFC 8878. */
function zstdFrame(what, decoded, packed) {
  const out = new Out();
  const raw = (descriptor, head) => {
    out.bytes(fromHex('28b52ffd'));
    out.add(1, descriptor);
    out.bytes(head);
    // One RLE block, so that it is smaller than what it stands for.
    out.add(3, 1 | 1 << 1 | decoded.length << 3);
    out.add(1, decoded[0]);
    return out.take();
  };
  const size = (n, value) => {
    const bytes = new Out();
    bytes.add(n, value);
    return bytes.take();
  };
  switch (what) {
    case 'rle': return raw(0xa0, size(4, decoded.length)); // the good form
    case 'no-content-size': return raw(0x00, fromHex('58'));
    case 'other-content-size': return raw(0xa0, size(4, decoded.length + 1));
    case 'dictionary': return raw(0xa1, Buffer.concat([fromHex('05'), size(4, decoded.length)]));
    case 'two-frames': return Buffer.concat([packed, fromHex('28b52ffd2000010000')]);
    case 'skippable-frame-after': return Buffer.concat([packed, fromHex('502a4d1800000000')]);
    case 'skippable-frame': return fromHex('502a4d180400000000000000');
    case 'trailing-byte': return Buffer.concat([packed, fromHex('00')]);
    case 'cut': return packed.subarray(0, packed.length - 1);
    case 'magic': return Buffer.concat([fromHex('29'), packed.subarray(1)]);
    case 'block': { // a block type that is reserved
      const bad = raw(0xa0, size(4, decoded.length));
      bad[9] |= 3 << 1;
      return bad;
    }
    case 'short': { // fewer bytes than the content size says
      const bad = raw(0xa0, size(4, decoded.length));
      const header = 1 | 1 << 1 | (decoded.length - 1) << 3;
      bad.set(size(3, header), 9);
      return bad;
    }
  }
  throw new Error(`no zstd frame ${what}`);
}

export { schema };
