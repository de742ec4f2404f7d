import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EngineError, UNSUPPORTED } from './engine-error.js';

const NAME = 'guest';

/** jco's version, from its own package. */
export function jcoVersion() {
  let folder = dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco'));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * A component as jco's JavaScript and core modules, for instantiation by hand, unmodified.
 * What was transpiled before comes from a cache, if there is one.
 *
 * @returns {Promise<{instantiate: Function, glue: string, module: (file: string) => Uint8Array}>}
 *          `glue` is part of the address of the generated code, as stack traces show it
 */
export async function transpiled(component) {
  const folder = cacheFolder(component);
  const cached = folder && load(folder);
  const files = cached ?? await transpile(component);
  const kept = cached !== null || (folder !== null && keep(folder, files));
  const source = files[`${NAME}.js`];
  const address = kept
    ? pathToFileURL(join(folder, `${NAME}.js`)).href
    : `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
  const { instantiate } = await import(address);
  return { instantiate, glue: kept ? address : 'data:text/javascript', module: (file) => files[file] };
}

async function transpile(component) {
  const { transpile: run } = await import('@bytecodealliance/jco');
  try {
    const { files } = await run(component, { name: NAME, instantiation: 'sync', noTypescript: true, base64Cutoff: 0 });
    return Object.fromEntries(Object.entries(files).filter(([file]) => !file.endsWith('.d.ts')));
  } catch (error) {
    const [line] = String(error?.payload ?? error?.message ?? error).split('\n');
    throw new EngineError(UNSUPPORTED, `jco cannot transpile the component: ${line}`);
  }
}

function cacheFolder(component) {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const key = createHash('sha256').update(component).digest('hex');
  return base.startsWith('/') ? join(base, 'crossing', `jco-${jcoVersion()}`, key) : null;
}

const LIST = 'files.json';

function load(folder) {
  try {
    const list = JSON.parse(readFileSync(join(folder, LIST), 'utf8'));
    return Object.fromEntries(list.map((file) => [file, readFileSync(join(folder, file))]));
  } catch {
    return null;
  }
}

// Everything appears at once, or nothing does.
function keep(folder, files) {
  const draft = `${folder}.${process.pid}`;
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(draft, file), bytes);
    writeFileSync(join(draft, LIST), JSON.stringify(Object.keys(files)));
    writeFileSync(join(draft, 'package.json'), '{"type":"module"}');
    renameSync(draft, folder);
    return true;
  } catch {
    discard(draft);
    return load(folder) !== null; // another process was first
  }
}

function discard(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Where nothing can be written there is nothing to discard.
  }
}
