import { utf8Decode } from './bytes.js';
import { CALLED_BY_HOST } from './definitions.js';
import { HASHED, OMITTED, REDACTED, bodyFlagNames } from './event_kinds.js';
import { Fault } from './fault.js';
import { LIMITS, NONE } from './limits.js';
import { viewOf } from './scalar.js';
import { SCHEMA } from './schema.js';

const FLAT_SIZES = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }; // [PAY-05]

/** Whether a kind allows these flags of a body. */
export function checkFlags(kind, flags) {
  if (typeof kind.name === 'number') return; // not known, to be passed over
  if ((flags & ~kind.flags) !== 0) { // [EVENT-04]
    throw new Fault('invalid', `flags that ${kind.name} allows`, bodyFlagNames(flags).join(' '));
  }
  const exclusive = flags & (REDACTED | HASHED | OMITTED);
  if ((exclusive & (exclusive - 1)) !== 0) { // [PAY-07]
    throw new Fault('invalid', 'at most one of redacted, hashed, omitted', bodyFlagNames(flags).join(' '));
  }
}

/** What the table "Kinds" of events.md asks of a single event. `kind` is a row of event_kinds.js. */
export class EventRules {
  #info;
  #definitions;

  constructor(info, definitions) {
    this.#info = info;
    this.#definitions = definitions;
  }

  /** Subject and detail. // [EVENT-05] [PAY-10] */
  checkHead(kind, subject, detail) {
    this.#checkSubject(kind, subject, detail);
    this.#checkDetail(kind, detail);
  }

  #checkSubject(kind, subject, detail) {
    const defined = (what) => {
      if (!this.#definitions.has(what, subject)) throw new Fault('invalid', `a defined ${what} as subject of ${kind.name}`, `${subject}`); // [EVENT-05]
    };
    const exactly = (id) => {
      if (subject !== id) throw new Fault('invalid', `subject ${id} of ${kind.name}`, `${subject}`);
    };
    switch (kind.subject) {
      case 'instance': case 'memory': return defined(kind.subject);
      case 'function':
        defined('function');
        return this.#checkRole(kind.name, this.#definitions.function[subject].role);
      case 'function or none': return subject === NONE ? undefined : defined('function');
      case 'memory or table': return detail === 0n ? defined('memory') : undefined;
      case 'none': return exactly(NONE);
      case 'zero': return exactly(0);
    }
  }

  // [EXPORT-01] [IMPORT-01] [REALLOC-01]
  #checkRole(kind, role) {
    const isRight = /^export_/.test(kind) ? CALLED_BY_HOST.has(role) && role !== 'realloc'
      : /^import_/.test(kind) ? !CALLED_BY_HOST.has(role)
        : /^realloc_/.test(kind) ? role === 'realloc' : true;
    if (!isRight) throw new Fault('invalid', `a function that ${kind} may name`, `one with the role ${role}`);
  }

  #checkDetail(kind, detail) {
    const fault = (expected) => { throw new Fault('invalid', `${expected} as detail of ${kind.name}`, `${detail}`); };
    switch (kind.detail) {
      case 'zero': return detail === 0n || fault('0');
      case 'call': return detail <= 0xffffffffn || fault('a call id of 32 bits'); // [CALL-01]
      case 'memory or table': return detail <= 1n || fault('0 or 1');
      case 'reason':
        if (detail > 0xffffffffn || !SCHEMA.enums.GapReason.names.has(Number(detail))) {
          throw new Fault('unsupported', 'a known reason of a gap', `${detail}`);
        }
    }
  }

  /** The size and form of a whole body. // [PAY-09] */
  checkBody({ kind, flags, subject, detail }, body) {
    const exactly = (size, what = kind.name) => {
      if (body.length !== size) throw new Fault('invalid', `${size} bytes of body of ${what}`, `${body.length}`);
    };
    if (typeof kind.name === 'number') return;
    if (flags & OMITTED) return exactly(0, `omitted ${kind.name}`);
    if (flags & (HASHED | REDACTED)) return exactly(16, `${bodyFlagNames(flags).join(' ')} ${kind.name}`);
    switch (kind.body) {
      case 'empty': return exactly(0);
      case 'params': return this.#checkFlat(kind, subject, 'core_params', exactly);
      case 'results': return this.#checkFlat(kind, subject, 'core_results', exactly);
      case 'hash': return exactly(16);
      case 'gap': return exactly(8);
      case 'grow': return exactly(16);
      case 'state':
        exactly(4);
        return inRange(viewOf(body).getUint32(0, true), 2, 4, 'state of task_resolve');
      case 'trap':
        atLeast(body, 8, kind.name);
        if (body.length > LIMITS.piece_size) throw new Fault('limit', `a body of trap of at most ${LIMITS.piece_size} bytes`, `${body.length}`);
        known('TrapOrigin', body[0]);
        padding(body.subarray(1, 4), kind.name);
        return text(body.subarray(8), 'message of trap');
      case 'copy':
        exactly(8);
        known('CopyDirection', body[0]);
        known('CopyResult', body[1]);
        inRange(body[2], 0, 1, 'is_future of copy');
        return padding(body.subarray(3, 4), kind.name);
      case 'marker':
        if (detail > BigInt(LIMITS.string_size)) throw new Fault('limit', `a namespace of at most ${LIMITS.string_size} bytes`, `${detail}`);
        if (detail > BigInt(body.length)) throw new Fault('invalid', `a namespace of ${detail} bytes`, `a body of ${body.length}`);
        return text(body.subarray(0, Number(detail)), 'namespace of marker');
    }
  }

  // In the profile `values` the sizes follow from values, which this library does not decode.
  #checkFlat(kind, subject, member, exactly) {
    if (this.#info.profile !== 'abi') return;
    const signature = this.#definitions.function[subject][member];
    exactly(signature.reduce((sum, type) => sum + (FLAT_SIZES[type] ?? 0), 0), `${kind.name} of function ${subject}`);
  }
}

function atLeast(body, size, name) {
  if (body.length < size) throw new Fault('invalid', `at least ${size} bytes of body of ${name}`, `${body.length}`);
}

function known(enumName, number) {
  if (!SCHEMA.enums[enumName].names.has(number)) throw new Fault('unsupported', `a ${enumName}`, `${number}`);
}

function inRange(number, low, high, name) {
  if (number < low || number > high) throw new Fault('invalid', `${low} to ${high} as ${name}`, `${number}`);
}

function padding(bytes, name) {
  if (bytes.some((byte) => byte !== 0)) throw new Fault('invalid', `padding 0 in ${name}`, 'another number');
}

function text(bytes, name) {
  if (utf8Decode(bytes) === null) throw new Fault('invalid', `UTF-8 as ${name}`, 'other bytes');
}
