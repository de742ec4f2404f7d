// The columns: ways to record and ways to replay. `needs` is the engine that has to be built.
const GUESTS = new URL('../../guests/', import.meta.url);
const jcoHost = (name) => new URL(`${name}.host.mjs`, GUESTS).pathname;

// The quirks that `crossing check --ignore-quirks` finds in recordings of all guests.
const JCO = ['empty_string_without_realloc', 'handles_per_type'];

/** @param {string} library with the guests' hosts, for the Wasmtime engine */
export function recordingWays(library) {
  return [
    { name: 'jco by hook', needs: 'jco', options: ['--engine', 'jco', '--digest'], host: jcoHost, quirks: JCO },
    { name: 'jco instrumented', needs: 'jco', options: ['--engine', 'jco', '--instrumented'], host: jcoHost, quirks: JCO },
    { name: 'Wasmtime instrumented', needs: 'wasmtime', options: ['--engine', 'wasmtime'], host: () => library, quirks: [] },
  ];
}

export const REPLAYING_WAYS = [
  { name: 'jco by hook', needs: 'jco', options: ['--engine', 'jco', '--engine-option=--by-hook'] },
  { name: 'Wasmtime core-only', needs: 'wasmtime', options: ['--engine', 'wasmtime'] },
  { name: 'V8 core-only', needs: 'jco', options: ['--engine', 'jco'] },
];
