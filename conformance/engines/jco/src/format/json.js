import { hexDecode, hexEncode } from './bytes.js';
import { DEFINITION_KINDS } from './definitions.js';
import { Fault } from './fault.js';
import { recordJson } from './record_json.js';
import { scalarFrom } from './scalar.js';
import { SCHEMA } from './schema.js';
import { describe } from './struct.js';
import { bodyFlagBits, bodyFlagNames, kindNamed } from './event_kinds.js';
import { normalize } from './values.js';

const { TraceInfo, Attachment } = SCHEMA.tables;

const CHUNK = 1 << 20;

/**
 * The line of canonical JSON of an item of `readTrace`, without its LF. An event of nearly
 * `payload_size` bytes has a line longer than a string can be: `jsonParts` gives any. // [JSON-02]
 */
export function toJson(item) {
  return [...jsonParts(item)].join('');
}

/** The same, in strings of bounded length. */
export function* jsonParts(item) {
  if (!item.event) return yield recordLine(item);
  const { sequence, kind, flags, time, subject, detail, payload } = item.event; // [JSON-08]
  const flagList = bodyFlagNames(bodyFlagBits(flags)).map((flag) => `"${flag}"`).join(',');
  yield `{"event":{"sequence":"${sequence}","kind":${typeof kind === 'number' ? kind : `"${kind}"`},"flags":[${flagList}],`
    + `"time":"${time}","subject":${subject},"detail":"${detail}","payload":"`;
  for (let at = 0; at < payload.length; at += CHUNK) yield hexEncode(payload.subarray(at, at + CHUNK));
  yield '"}}';
}

function recordLine(item) {
  if (item.definition) return `{"${item.definition}":${recordJson(DEFINITION_KINDS[item.definition].table, item.value)}}`;
  if (item.attachment) return `{"attachment":${recordJson(Attachment, item.attachment)}}`;
  return `{"trace_info":${recordJson(TraceInfo, item.trace_info)}}`;
}

/**
 * The item of a line. A line that is not canonical JSON is `invalid`. // [JSON-09]
 * @param {string} line  without its LF
 */
export function fromJson(line) {
  const item = parse(line);
  if (toJson(item) !== line) throw new Fault('invalid', 'canonical JSON', describe(line));
  return item;
}

function parse(line) {
  let object;
  try {
    object = JSON.parse(line);
  } catch {
    throw new Fault('invalid', 'a line of JSON', describe(line));
  }
  const names = object !== null && typeof object === 'object' ? Object.keys(object) : [];
  if (names.length !== 1) throw new Fault('invalid', 'an object with one member', describe(line));
  const [name] = names;
  const value = object[name];
  const complete = { complete: true };
  if (name === 'trace_info') return { trace_info: normalize(TraceInfo, value, complete) };
  if (name === 'attachment') return { attachment: normalize(Attachment, value, complete) };
  if (name === 'event') return { event: parseEvent(value) };
  if (Object.hasOwn(DEFINITION_KINDS, name)) return { definition: name, value: normalize(DEFINITION_KINDS[name].table, value, complete) };
  throw new Fault('invalid', 'trace_info, a definition, attachment or event', describe(name));
}

const EVENT_MEMBERS = {
  sequence: (value) => scalarFrom('ulong', value),
  kind: (value) => (kindNamed(value) ? value : undefined),
  flags: (value) => (Array.isArray(value) && bodyFlagBits(value) !== undefined ? value : undefined),
  time: (value) => scalarFrom('ulong', value),
  subject: (value) => scalarFrom('uint', value),
  detail: (value) => scalarFrom('ulong', value),
  payload: (value) => (typeof value === 'string' ? hexDecode(value) ?? undefined : undefined),
};

function parseEvent(value) {
  if (value === null || typeof value !== 'object') throw new Fault('invalid', 'an object as event', describe(value));
  const event = {};
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(EVENT_MEMBERS, name)) throw new Fault('invalid', 'a member of event', describe(name));
  }
  for (const [name, convert] of Object.entries(EVENT_MEMBERS)) {
    const member = convert(value[name]);
    if (member === undefined) throw new Fault('invalid', `event.${name}`, describe(value[name]));
    event[name] = member;
  }
  return event;
}
