import { EngineError, USAGE } from './engine-error.js';

/**
 * Scripts: which exports to call, with which arguments, as JSON (conformance/guests/README.md).
 * A value that JSON cannot say is an object with one member whose name begins with `$`.
 */
export function parseScript(text, path) {
  let script;
  try {
    script = JSON.parse(text);
  } catch (error) {
    throw new EngineError(USAGE, `${path} is not JSON: ${error.message}`);
  }
  if (!Array.isArray(script?.calls)) throw new EngineError(USAGE, `${path} has no array "calls"`);
  script.calls.forEach((call, index) => {
    const isDrop = Number.isInteger(call?.drop) && call.drop >= 0 && call.drop < index;
    const isCall = typeof call?.function === 'string' && (call.instance === null || typeof call.instance === 'string');
    if (!isDrop && !isCall) throw new EngineError(USAGE, `call ${index} of ${path} names neither a function nor an earlier result to drop`);
  });
  return script;
}

const dispose = Symbol.dispose ?? Symbol.for('dispose');

/**
 * The calls of a script, each as `{ label, instanceName, functionName, run }`: `run()` makes it and
 * keeps its result for later ones. instanceName and functionName are null for a drop.
 *
 * @param {object} script
 * @param {object} component what jco's `instantiate` gave
 * @param {object} imports the host's, for resources that an argument wants made
 */
export function* scriptCalls(script, component, imports) {
  const results = [];
  const value = (json) => fromScript(json, { results, imports });
  for (const [index, call] of script.calls.entries()) {
    const isDrop = call.drop !== undefined;
    yield {
      label: isDrop ? { drop: call.drop } : { instance: call.instance, function: call.function },
      instanceName: isDrop ? null : call.instance ?? '',
      functionName: isDrop ? null : call.function,
      run() {
        results[index] = undefined;
        if (isDrop) {
          const resource = value({ $result: call.drop, path: call.path });
          if (typeof resource?.[dispose] !== 'function') throw new EngineError(USAGE, `call ${index} of the script drops what is no resource`);
          return void resource[dispose]();
        }
        const target = exportOf(component, call, index);
        results[index] = target(...(call.args ?? []).map(value));
        return results[index];
      },
    };
  }
}

const camel = (label) => label.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const pascal = (label) => camel(`-${label}`);

// An export as a function of its arguments; of a method the first one is the resource.
function exportOf(component, call, index) {
  const scope = call.instance === null ? component : component[call.instance];
  const missing = () => new EngineError(USAGE, `call ${index} of the script: the component exports no ${call.instance ? `${call.instance}#` : ''}${call.function}`);
  if (!scope) throw missing();
  const [, kind, name] = /^(?:\[(\w+)\])?(.*)$/.exec(call.function);
  const [first, second = ''] = name.split('.');
  const need = (target) => {
    if (typeof target !== 'function') throw missing();
    return target;
  };
  switch (kind) {
    case 'constructor': {
      const Resource = need(scope[pascal(first)]);
      return (...args) => new Resource(...args);
    }
    case 'method': return (self, ...args) => need(self?.[camel(second)]).apply(self, args);
    case 'static': {
      const Resource = need(scope[pascal(first)]);
      return (...args) => need(Resource[camel(second)]).apply(Resource, args);
    }
    default: return need(scope[camel(first)]);
  }
}

const FLOATS = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 };

// A script's value as jco takes it.
function fromScript(json, scope) {
  const inner = (value) => fromScript(value, scope);
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(inner);
  const [tag] = Object.keys(json);
  switch (tag) {
    case '$i64': return BigInt(json.$i64);
    case '$float': return FLOATS[json.$float];
    case '$bytes': return Uint8Array.from(Buffer.from(json.$bytes, 'hex'));
    case '$utf16': return String.fromCharCode(...json.$utf16.match(/..../g).map((unit) => parseInt(unit, 16)));
    case '$repeat': {
      const [item, count] = json.$repeat;
      return typeof item === 'string' ? item.repeat(count) : Array.from({ length: count }, () => inner(item));
    }
    case '$flags': return Object.fromEntries(json.$flags.map((label) => [camel(label), true]));
    case '$map': return new Map(json.$map.map(([key, value]) => [inner(key), inner(value)]));
    case '$case': return 'value' in json ? { tag: json.$case, val: inner(json.value) } : { tag: json.$case };
    case '$some': return inner(json.$some);
    case '$none': return undefined;
    case '$ok': return json.$ok === null ? { tag: 'ok' } : { tag: 'ok', val: inner(json.$ok) };
    case '$error': return json.$error === null ? { tag: 'err' } : { tag: 'err', val: inner(json.$error) };
    case '$result': return (json.path ?? []).reduce((value, step) => value?.[typeof step === 'string' ? camel(step) : step], scope.results[json.$result]);
    case '$new': {
      const [instance, resource, args] = json.$new;
      return new scope.imports[instance.replace(/@.*$/, '')][pascal(resource)](...args.map(inner));
    }
    default: return Object.fromEntries(Object.entries(json).map(([label, value]) => [camel(label), inner(value)]));
  }
}

/** A result of jco as JSON, in the notation of scripts as far as the value itself shows it. */
export function toScript(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return { $i64: String(value) };
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return { $float: 'nan' };
    if (!Number.isFinite(value)) return { $float: value > 0 ? 'inf' : '-inf' };
    return Object.is(value, -0) ? { $float: '-0' } : value;
  }
  if (typeof value !== 'object') return value;
  if (ArrayBuffer.isView(value)) return Array.from(value, toScript);
  if (Array.isArray(value)) return value.map(toScript);
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [toScript(key), toScript(item)]) };
  if (Object.getPrototypeOf(value) !== Object.prototype) return { $resource: value.constructor.name };
  return Object.fromEntries(Object.entries(value).map(([label, item]) => [label, toScript(item)]));
}
