// The columns: ways to record and ways to replay. `needs` is the engine that has to be built.
import { join } from 'node:path';

const GUESTS = new URL('../../guests/', import.meta.url);
const jcoHost = (name) => new URL(`${name}.host.mjs`, GUESTS).pathname;

/** @param {string} hosts folder with the host libraries of the Wasmtime engine */
export function recordingWays(hosts) {
  return [
    { name: 'jco by hook', needs: 'jco', options: ['--engine', 'jco', '--digest'], host: jcoHost },
    { name: 'jco instrumented', needs: 'jco', options: ['--engine', 'jco', '--instrumented'], host: jcoHost },
    { name: 'Wasmtime instrumented', needs: 'wasmtime', capability: 'record', options: ['--engine', 'wasmtime'], host: (name) => join(hosts, `${name}.so`) },
  ];
}

export const REPLAYING_WAYS = [
  { name: 'jco by hook', needs: 'jco', options: ['--engine', 'jco', '--engine-option=--by-hook'] },
  { name: 'Wasmtime core-only', needs: 'wasmtime', options: ['--engine', 'wasmtime'] },
  { name: 'V8 core-only', needs: 'jco', options: ['--engine', 'jco'] },
];
