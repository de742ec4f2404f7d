// The guests together cover every type kind, canonical option and built-in that jco can run:
// coverage.json claims it, the component reader's plan of each guest shows it. What no guest runs
// has jco's own refusal in coverage.json, which the guests' test sees, and is read all the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const { CROSSING, GUESTS } = process.env;
const skip = CROSSING && GUESTS ? false : 'CROSSING and GUESTS name the command and the built guests';
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const coverage = JSON.parse(readFileSync(join(repository, 'conformance/guests/coverage.json'), 'utf8'));
const schema = readFileSync(join(repository, 'schema/crossing.fbs'), 'utf8');

/** The plan of a component, or null where the reader refuses it by name. */
function planOf(name) {
  try {
    return JSON.parse(execFileSync(CROSSING, ['describe', '--plan', join(GUESTS, `${name}.wasm`)], {
      encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'],
    }));
  } catch (error) {
    assert.equal(error.status, 6, `${name}: ${error.stderr}`);
    return null;
  }
}

const plans = new Map();
const plan = (name) => {
  if (!plans.has(name)) plans.set(name, planOf(name));
  return plans.get(name);
};

const NONE = 4294967295;
const has = {
  // Streams, futures and error contexts live in built-ins: no function that jco runs takes one.
  typeKind: ({ types, functions }, name) => types.some(({ kind }) => kind === name) ||
    (['stream', 'future', 'error_context'].includes(name) &&
      functions.some(({ builtin }) => builtin === `${name.replace('_', '-')}.new`)),
  builtin: ({ functions }, name) => functions.some(({ builtin }) => builtin === name),
  option: ({ functions, memories }, name) => {
    const [option, encoding] = name.split('=');
    const some = (test) => functions.some(({ options }) => test(options));
    switch (option) {
      case 'string-encoding': return some((o) => o.string_encoding === encoding.replace('+', '_'));
      case 'memory': return some((o) => o.memory !== NONE);
      case 'realloc': return some((o) => o.realloc !== NONE);
      case 'post-return': return some((o) => o.post_return !== NONE);
      case 'callback': return some((o) => o.callback !== NONE);
      case 'async': return some((o) => o.is_async) || functions.some(({ immediates }) => immediates.is_async);
      case 'memory64': return memories.some(({ index_type }) => index_type === 'i64');
      default: return false;
    }
  },
};

for (const [what, rows] of [['typeKind', coverage.typeKinds], ['option', coverage.options], ['builtin', coverage.builtins]]) {
  test(`every ${what} is in the guests that claim it`, { skip }, () => {
    for (const { name, run, read, jco } of rows) {
      for (const guest of run) assert.ok(has[what](plan(guest), name), `${guest} has no ${name}`);
      if (run.length > 0) continue;
      assert.ok(jco, `${name} is run by no guest, and coverage.json has no refusal of jco`);
      const parsed = plan(join('parse-only', read));
      assert.ok(parsed === null || has[what](parsed, name), `parse-only/${read} has no ${name}`);
    }
  });
}

test('no type kind of the schema is left out', () => {
  const body = /enum TypeKind : ubyte \{([^}]*)\}/.exec(schema)[1].replace(/\/\/.*$/gm, '');
  const kinds = [...body.matchAll(/(\w+)\s*=/g)].map(([, name]) => name.replace(/_$/, ''));
  assert.deepEqual([...kinds].sort(), coverage.typeKinds.map(({ name }) => name).sort());
});
