// Running the command, its standard streams being files: jco's shim can lose the end of a pipe.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} command executable
 * @param {string[]} args
 * @param {{folder: string, name: string, cwd: string, input?: string, seconds: number}} how output
 *        goes to files NAME.out and NAME.err in `folder`
 * @returns {Promise<{code: ?number, signal: ?string, out: Buffer, err: string, said: string}>}
 *          `err` is what the guest wrote, `said` what the command and the engine did
 */
export function runCommand(command, args, { folder, name, cwd, input = '/dev/null', seconds }) {
  const [out, err] = ['out', 'err'].map((kind) => join(folder, `${name}.${kind}`));
  const stdio = [openSync(input), openSync(out, 'w'), openSync(err, 'w')];
  const child = spawn(command, args, { cwd, stdio });
  stdio.forEach((fd) => closeSync(fd));
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const lines = readFileSync(err, 'utf8').split(/(?<=\n)/);
      const ours = (line) => /^crossing(-engine-\w+)?: /.test(line);
      resolve({
        code, signal, out: readFileSync(out),
        err: lines.filter((line) => !ours(line)).join(''),
        said: lines.filter(ours).join('').trim(),
      });
    });
  });
}
