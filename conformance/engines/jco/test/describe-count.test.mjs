// The functions that `crossing describe --plan` finds in real components, by role, against a count
// in their text format that shares nothing with the component reader.
//
// CROSSING is the command, GUESTS a folder of components; without them the test is skipped.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { print } from '@bytecodealliance/jco';

const { CROSSING, GUESTS } = process.env;

/// S-expressions as nested arrays; strings keep their opening quote.
function parse(text) {
  const stack = [[]];
  for (const [token] of text.matchAll(/\(;[^]*?;\)|;;.*|\$?"(?:\\.|[^"\\])*"|[()]|[^\s()";]+/g)) {
    if (token.startsWith('(;') || token.startsWith(';;')) continue;
    if (token === '(') stack.push([]);
    else if (token === ')') stack.at(-2).push(stack.pop());
    else stack.at(-1).push(token.startsWith('"') ? token.slice(0, -1) : token);
  }
  return stack[0][0];
}

const find = (list, ...heads) => list.find((x) => Array.isArray(x) && heads.every((h, i) => x[i] === h));

/// The name of what a definition defines: its $id, or its index in its space.
const idOf = (list, at, index) => (typeof list[at] === 'string' && list[at].startsWith('$') ? list[at] : String(index));

/// Counts by role in one instance of a component, those inside it included. `outer` has the
/// component definitions around it.
function count(component, outer) {
  const counts = { import: 0, export: 0, builtin: 0, destructor: 0, realloc: 0, post_return: 0, callback: 0 };
  const distinct = { realloc: new Set(), post_return: new Set(), callback: new Set() };
  const scope = { ids: new Map(), components: 0, outer, name: component[1] };
  const coreFuncs = new Map(); // id -> which core function it is
  let coreFuncCount = 0;
  const coreFunc = (id, what) => {
    coreFuncs.set(String(coreFuncCount), what);
    coreFuncs.set(id, what);
    coreFuncCount += 1;
  };
  const options = (canon) => {
    for (const [role, option] of [['realloc', 'realloc'], ['post_return', 'post-return'], ['callback', 'callback']]) {
      const found = find(canon, option);
      if (found) distinct[role].add(coreFuncs.get(found[1]) ?? found[1]);
    }
  };
  const addComponent = (id, definition) => {
    scope.ids.set(String(scope.components), definition);
    scope.ids.set(id, definition);
    scope.components += 1;
  };
  for (const item of component.filter(Array.isArray)) {
    const canon = find(item, 'canon');
    if (item[0] === 'core' && item[1] === 'func' && canon) {
      counts[canon[1] === 'lower' ? 'import' : 'builtin'] += 1;
      options(canon);
      coreFunc(idOf(item, 2, coreFuncCount), `canon ${coreFuncCount}`);
    } else if (item[0] === 'func' && canon) {
      counts.export += 1;
      options(canon);
    } else if (item[0] === 'alias' && item[1] === 'core') {
      const target = item.at(-1);
      if (target[1] === 'func') coreFunc(idOf(target, 2, coreFuncCount), `${item[3]} ${item[4]}`);
    } else if (item[0] === 'type' && find(item, 'resource')) {
      if (find(find(item, 'resource'), 'dtor')) counts.destructor += 1;
    } else if (item[0] === 'component') {
      addComponent(idOf(item, 1, scope.components), { definition: item, scope });
    } else if (item[0] === 'alias' && item[1] === 'outer' && item.at(-1)[0] === 'component') {
      let around = scope;
      if (/^\d+$/.test(item[2])) for (let i = 0; i < Number(item[2]); i += 1) around = around.outer;
      else while (around.name !== item[2]) around = around.outer;
      addComponent(idOf(item.at(-1), 1, scope.components), around.ids.get(item[3]));
    } else if (item[0] === 'instance' && find(item, 'instantiate')) {
      const { definition, scope: around } = scope.ids.get(find(item, 'instantiate')[1]);
      for (const [role, n] of Object.entries(count(definition, around))) counts[role] += n;
    }
  }
  for (const role of Object.keys(distinct)) counts[role] += distinct[role].size;
  return counts;
}

const guests = CROSSING && GUESTS ? readdirSync(GUESTS).filter((name) => name.endsWith('.wasm')).sort() : [];

test('describe finds every function at the boundary', { skip: guests.length === 0 }, async (t) => {
  for (const guest of guests) {
    await t.test(guest, async () => {
      const path = join(GUESTS, guest);
      const plan = JSON.parse(execFileSync(CROSSING, ['describe', '--plan', path], { maxBuffer: 1 << 28 }));
      const found = { import: 0, export: 0, builtin: 0, destructor: 0, realloc: 0, post_return: 0, callback: 0 };
      for (const { role } of plan.functions) found[role] += 1;
      assert.deepEqual(found, count(parse(await print(readFileSync(path))), undefined));
    });
  }
});
