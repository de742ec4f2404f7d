import { Fault } from './fault.js';
import { LIMITS, NONE } from './limits.js';
import { recordJson } from './record_json.js';
import { SCHEMA } from './schema.js';

/** Kinds of definition in the order of the lists of a `definitions` frame [DEF-04]. */
export const DEFINITION_KINDS = Object.freeze({
  type: { list: 'types', table: SCHEMA.tables.Type },
  component: { list: 'components', table: SCHEMA.tables.Component },
  instance: { list: 'instances', table: SCHEMA.tables.Instance },
  memory: { list: 'memories', table: SCHEMA.tables.Memory },
  function: { list: 'functions', table: SCHEMA.tables.Function },
});

// [TYPE-01]: what each kind uses; a kind that is not here uses nothing. A trailing `?`: may be none.
const TYPE_USES = {
  record: ['members'], variant: ['members'], tuple: ['members'], flags: ['members'], enum: ['members'],
  list: ['element'], option: ['element'], fixed_length_list: ['element', 'length'],
  stream: ['element?'], future: ['element?'], result: ['element?', 'key?'],
  map: ['key', 'element'], own: ['element'], borrow: ['element'], resource: [],
  func: ['members?', 'element?', 'is_async?'],
};
// [TYPE-01]: whether members have names and types, where that is fixed.
const MEMBER_USES = {
  record: { type: true }, tuple: { name: false, type: true },
  flags: { type: false }, enum: { type: false }, func: { type: true },
};

/** Roles of functions that the host calls; the guest calls the others. // [FUNC-02] */
export const CALLED_BY_HOST = new Set(['export', 'destructor', 'callback', 'post_return', 'realloc', 'core_export']);

/** The definitions of a trace so far. */
export class Definitions {
  /** By kind, by id. */
  type = [];
  component = [];
  instance = [];
  memory = [];
  function = [];
  #depths = [];
  #functionsInFrame = 0;
  #functionKeys = new Set();

  /** Distinct definitions of all kinds. */
  get count() {
    return Object.keys(DEFINITION_KINDS).reduce((sum, kind) => sum + this[kind].length, 0);
  }

  has(kind, id) {
    return id < this[kind].length;
  }

  /** Says how many functions there will be after this frame, to which its options may refer. */
  announceFunctions(functions) {
    this.#functionsInFrame = functions.reduce((most, { id }) => Math.max(most, id + 1), 0);
  }

  /**
   * Adds a definition, judged by the rules of definitions.md.
   * @returns {boolean} whether it is new; a repeated one means nothing new [DEF-02]
   */
  add(kind, value) {
    const known = this[kind];
    const { id } = value;
    const name = `${kind} ${id}`;
    if (id > known.length) throw new Fault('invalid', `the id ${known.length} of the next ${kind}`, `${id}`); // [DEF-01]
    if (id >= LIMITS.definitions) throw new Fault('limit', `at most ${LIMITS.definitions} definitions of a kind`, name);
    if (id < known.length) {
      const { table } = DEFINITION_KINDS[kind];
      if (recordJson(table, known[id]) !== recordJson(table, value)) { // [DEF-02]
        throw new Fault('invalid', `${name} repeated as it was`, 'another content');
      }
      return false;
    }
    this[`_check_${kind}`](value, name);
    known.push(value);
    return true;
  }

  #refer(from, member, kind, id, { optional = false } = {}) {
    if (optional && id === NONE) return;
    if (!this.has(kind, id)) throw new Fault('invalid', `a ${kind} defined before as ${member} of ${from}`, reference(id)); // [DEF-04]
  }

  _check_type(type, name) {
    const uses = TYPE_USES[type.kind] ?? [];
    const unused = (member) => !uses.includes(member) && !uses.includes(`${member}?`);
    const fault = (expected, found) => { throw new Fault('invalid', `${expected} of ${name}, a ${type.kind}`, found); };
    // [TYPE-01]
    if (unused('members') && type.members.length > 0) fault('no members', `${type.members.length}`);
    if (uses.includes('members') && type.members.length === 0) fault('members', 'none');
    if (uses.includes('length') && type.length === 0) fault('a length', '0');
    for (const member of ['element', 'key']) {
      if (unused(member) && type[member] !== NONE) fault(`no ${member}`, `${type[member]}`);
      if (uses.includes(member) && type[member] === NONE) fault(`${/^[aeiou]/.test(member) ? 'an' : 'a'} ${member}`, 'none');
    }
    if (unused('length') && type.length !== 0) fault('length 0', `${type.length}`);
    if (unused('is_async') && type.is_async) fault('is_async false', 'true');
    const members = MEMBER_USES[type.kind] ?? {};
    for (const { name: label, type: memberType } of type.members) {
      if (members.name === false && label !== '') fault('members without names', label);
      if (members.type === true && memberType === NONE) fault('a type of every member', 'none');
      if (members.type === false && memberType !== NONE) fault('members without types', `${memberType}`);
    }
    const references = [type.element, type.key, ...type.members.map((m) => m.type)].filter((id) => id !== NONE);
    for (const id of references) this.#refer(name, 'a part', 'type', id); // [TYPE-02]
    if ((type.kind === 'own' || type.kind === 'borrow') && this.type[type.element].kind !== 'resource') {
      fault('a resource as element', this.type[type.element].kind);
    }
    const depth = references.reduce((most, id) => Math.max(most, this.#depths[id]), 0) + 1;
    if (depth > LIMITS.type_depth) throw new Fault('limit', `types nested at most ${LIMITS.type_depth} deep`, `${name} at ${depth}`);
    this.#depths.push(depth);
  }

  _check_component({ digest }, name) {
    if (digest.length !== 32) throw new Fault('invalid', `32 bytes of digest of ${name}`, `${digest.length}`); // [COMP-01]
  }

  _check_instance({ component, bindings }, name) {
    this.#refer(name, 'component', 'component', component);
    for (const { side, instance } of bindings) { // [INST-03]
      if (side === 'guest') this.#refer(name, 'a binding', 'instance', instance);
      else if (instance !== NONE) throw new Fault('invalid', `no instance in a binding of ${name} to the host`, `${instance}`);
    }
  }

  _check_memory({ instance, shared }, name) {
    this.#refer(name, 'instance', 'instance', instance);
    if (shared) throw new Fault('invalid', `${name} not shared`, 'a shared memory'); // [MEM-02]
  }

  _check_function(value, name) {
    const { options, immediates } = value;
    const optional = { optional: true };
    this.#refer(name, 'instance', 'instance', value.instance);
    this.#refer(name, 'type', 'type', value.type, optional);
    this.#refer(name, 'memory', 'memory', options.memory, optional);
    for (const member of ['realloc', 'post_return', 'callback']) {
      const id = options[member];
      if (id < this.#functionsInFrame) continue;
      this.#refer(name, member, 'function', id, optional);
    }
    this.#refer(name, 'immediate type', 'type', immediates.type, optional);
    const { role, core_instance } = value;
    if (CALLED_BY_HOST.has(role) !== (core_instance !== NONE)) { // [FUNC-04]
      throw new Fault('invalid', `${core_instance === NONE ? 'a' : 'no'} core_instance of ${name}, a ${role}`, reference(core_instance));
    }
    if (!CALLED_BY_HOST.has(role) && value.core_export !== '') throw new Fault('invalid', `no core_export of ${name}, a ${role}`, value.core_export);
    const key = [value.instance, value.index_space, value.index, role].join(' ');
    if (this.#functionKeys.has(key)) throw new Fault('invalid', `one function of the key ${key}`, name); // [FUNC-01]
    this.#functionKeys.add(key);
    if ((role === 'builtin') !== (value.builtin !== '')) { // [FUNC-07]
      throw new Fault('invalid', `a name in builtin of ${name} exactly for the role builtin, which is ${role}`, JSON.stringify(value.builtin));
    }
    for (const member of ['core_params', 'core_results']) { // [FUNC-08]
      const count = value[member].length;
      if (count > LIMITS.core_signature) throw new Fault('limit', `at most ${LIMITS.core_signature} ${member} of ${name}`, `${count}`);
      const reference = value[member].find((type) => type === 'funcref' || type === 'externref');
      if (reference) throw new Fault('unsupported', `no reference type in ${member} of ${name}`, reference);
    }
    const { result_area_param } = value;
    if (result_area_param !== NONE && result_area_param >= value.core_params.length) { // [FUNC-09]
      throw new Fault('invalid', `a result_area_param of ${name} below ${value.core_params.length}`, `${result_area_param}`);
    }
  }
}

const reference = (id) => (id === NONE ? 'none' : `${id}`);

/** What TraceInfo says beyond its schema; throws a Fault. */
export function checkTraceInfo(info) {
  if (info.uuid.length !== 16) throw new Fault('invalid', '16 bytes of uuid', `${info.uuid.length}`); // [TRACE-01]
  if ((info.clock_unit === 0n) !== (info.clock === 'none')) { // [TRACE-04]
    throw new Fault('invalid', `clock_unit ${info.clock === 'none' ? 0 : 'not 0'} with clock ${info.clock}`, `${info.clock_unit}`);
  }
  for (const member of ['features', 'quirks', 'core_proposals']) { // [TRACE-07]
    const names = info[member];
    const at = names.findIndex((name, i) => i > 0 && compareUtf8(names[i - 1], name) >= 0);
    if (at >= 0) throw new Fault('invalid', `${member} sorted, none twice`, `${JSON.stringify(names[at - 1])} before ${JSON.stringify(names[at])}`);
  }
}

const compareUtf8 = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
