// What is recorded: every guest, with what it is given. A run is
//   name, guest       the component's file name
//   script, host      paths, or undefined: a command. `host` is the name of the host, of which each
//                     engine has its own form
//   args, env, dir    of a command; `dir` makes the folder that it sees as /data
//   input             of a command: standard input
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GUESTS = fileURLToPath(new URL('../../guests/', import.meta.url));
const SPEC = fileURLToPath(new URL('../../../spec/', import.meta.url));

const scripted = (name, { host = name, script = `${name}.script.json`, guest = name } = {}) => (
  { name, guest, host, script: join(GUESTS, script), args: [], env: [] });

const command = (name, guest, { args = [], env = [], dir, input = Buffer.alloc(0) } = {}) => ({ name, guest, args, env, dir, input });

const text = () => Buffer.concat(readdirSync(SPEC).filter((file) => file.endsWith('.md')).sort()
  .map((file) => readFileSync(join(SPEC, file))));

/** Some hundred small files of program text, in folders. */
function smallFiles(folder) {
  cpSync(SPEC, join(folder, 'spec'), { recursive: true });
  for (let i = 0; i < 100; i++) {
    mkdirSync(join(folder, `part${i % 10}`), { recursive: true });
    writeFileSync(join(folder, `part${i % 10}`, `file${i}.txt`), text().subarray(i * 501, i * 501 + i * 37));
  }
}

function dataFiles(folder) {
  writeFileSync(join(folder, 'a.txt'), 'hello');
  writeFileSync(join(folder, 'b.bin'), Buffer.alloc(300000, 'ab\n'));
}

/** All runs; `traps` is a list of the scripts of the guest that traps. */
export function allRuns() {
  const traps = readdirSync(join(GUESTS, 'trap')).sort().map((file) => file.replace('.script.json', ''));
  return [
    ...['tiny', 'library'].map((name) => scripted(name)),
    scripted('library-utf16', { host: 'library', script: 'library.script.json' }),
    ...['composition', 'memories', 'start', 'builtins', 'async-builtins', 'gated'].map((name) => scripted(name)),
    ...traps.map((name) => scripted(`trap ${name}`, { guest: 'trap', host: 'trap', script: join('trap', `${name}.script.json`) })),
    command('command', 'command', { args: ['--mb', '3', '/data'], env: ['A=b c'], dir: dataFiles, input: text() }),
    command('command, error', 'command', { args: ['--exit', '3'] }),
    command('command, trap', 'command', { args: ['--trap'] }),
    command('zstd, a directory', 'zstd', { args: ['-q', '-r', '--rm', '/data'], dir: smallFiles }),
    command('bzip2, a stream', 'bzip2', { args: ['-c'], input: text() }),
    command('words, JavaScript', 'words', { args: ['x', 'y'], env: ['A=b c'], input: text() }),
  ];
}
