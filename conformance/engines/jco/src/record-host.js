import { basename, resolve } from 'node:path';
import { isatty } from 'node:tty';
import { pathToFileURL } from 'node:url';
import { EngineError, USAGE } from './engine-error.js';
import { writeAll } from './engine-io.js';
import { GuestExit } from './record-recorder.js';

/**
 * The imports of a guest: WASI 0.2 by the preview2 shim, with the directories, variables and
 * arguments that were asked for and no others, and over it what a host module gives.
 *
 * @param {import('./engine-plan.js').Plan} plan what the component imports
 * @param {{dir: [string, string][], env: [string, string][], args: string[], component: string, host?: string}} options
 */
export async function hostImports(plan, options) {
  writeThrough(process.stdout, 1);
  writeThrough(process.stderr, 2);
  const { WASIShim } = await import('@bytecodealliance/preview2-shim/instantiation');
  const preopens = Object.fromEntries(options.dir.map(([host, guest]) => [guest, resolve(host)]));
  const sandbox = { preopens, env: Object.fromEntries(options.env), args: [basename(options.component), ...options.args] };
  const imports = new WASIShim({ sandbox }).getImportObject();
  // The shim's own ends the process, and with it the recording.
  imports['wasi:cli/exit'] = {
    exit(status) { throw new GuestExit(status.tag === 'err' ? 1 : 0); },
    exitWithCode(status) { throw new GuestExit(status); },
  };
  tellTerminals(imports);
  const all = { ...imports, ...await ownImports(options.host) };
  for (const { instance_name: instance, function_name: name } of plan.raw.imports) {
    const wanted = instance || name;
    if (all[unversioned(wanted)] === undefined) throw new EngineError(USAGE, `the component imports ${wanted}, which no host gives (--host)`);
  }
  return all;
}

// The shim takes every standard stream for a terminal, also a file and a pipe.
function tellTerminals(imports) {
  for (const [fd, name] of ['Stdin', 'Stdout', 'Stderr'].entries()) {
    const shim = imports[`wasi:cli/terminal-${name.toLowerCase()}`];
    const ask = `getTerminal${name}`;
    imports[`wasi:cli/terminal-${name.toLowerCase()}`] = { ...shim, [ask]: () => (isatty(fd) ? shim[ask]() : undefined) };
  }
}

// jco looks an import up by its name without the version.
const unversioned = (name) => name.replace(/@.*$/, '');

async function ownImports(path) {
  if (path === undefined) return {};
  let host;
  try {
    host = await import(pathToFileURL(resolve(path)));
  } catch (error) {
    throw new EngineError(USAGE, `cannot load the host module ${path}: ${error.message.split('\n')[0]}`);
  }
  if (typeof host.imports !== 'function') throw new EngineError(USAGE, `the host module ${path} has no function "imports"`);
  return Object.fromEntries(Object.entries(host.imports()).map(([name, value]) => [unversioned(name), value]));
}

// In a thread of its own, node's streams write when the thread's event loop turns, which is after
// the guest's run; a guest's output is written when the guest writes it.
function writeThrough(stream, fd) {
  stream.write = (chunk, encoding, done) => {
    try {
      writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk);
    } catch (error) {
      // Nobody reads any more: to the guest, a stream that is closed.
      throw error.code === 'EPIPE' ? { tag: 'closed' } : error;
    }
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
}
