// Runs every guest on plain jco, to prove that the guests themselves work.
// Builds nothing: GUESTS is the folder that build.sh filled.
//
//   GUESTS=OUTDIR node --test conformance/guests/

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const guests = process.env.GUESTS;
const skip = !guests && 'GUESTS is not set: run build.sh OUTDIR, then set GUESTS=OUTDIR';
const guest = (name) => join(guests, `${name}.wasm`);
const work = mkdtempSync(join(tmpdir(), 'crossing-guests-'));
after(() => rmSync(work, { recursive: true }));

/** Runs run-plain.mjs with files for all three streams: jco's shim can lose the end of a pipe. */
function plain(args, input = '') {
    const path = (name) => join(work, name);
    writeFileSync(path('in'), input);
    const stdio = [openSync(path('in'), 'r'), openSync(path('out'), 'w'), openSync(path('err'), 'w')];
    const { status } = spawnSync(process.execPath, [join(here, 'run-plain.mjs'), ...args], { stdio });
    stdio.forEach(closeSync);
    return { status, out: readFileSync(path('out')), err: readFileSync(path('err'), 'utf8') };
}

function assertScript(name, script = `${name}.script.json`, host = name) {
    const { status, out, err } = plain(['--host', join(here, `${host}.host.mjs`), '--script', join(here, script), guest(name)]);
    assert.equal(status, 0, `${err}${out}`.split('\n').filter((line) => !line.startsWith('ok ')).join('\n'));
}

describe('command', { skip }, () => {
    const data = () => {
        const folder = mkdtempSync(join(work, 'data-'));
        writeFileSync(join(folder, 'b.txt'), 'second');
        writeFileSync(join(folder, 'a.bin'), Buffer.alloc(300000, 7));
        return folder;
    };

    test('does everything and copies its input', () => {
        const folder = data();
        const input = Buffer.from(Array.from({ length: 200000 }, (_, i) => i * 31));
        const { status, out, err } = plain(['--dir', `${folder}::/data`, '--env', 'KEY=value', guest('command'), '--', '--mb', '3', '/data'], input);
        assert.equal(status, 0, err);
        assert.match(err, /copied 200000 bytes/);
        const at = out.indexOf('refused');
        const report = out.subarray(0, out.indexOf('\n', at) + 1).toString();
        assert.match(report, /^arguments 3\n {2}--mb\n {2}3\n {2}\/data\nenvironment 1\n {2}KEY=value\n/);
        assert.match(report, /files 2\n {2}a.bin 300000 [0-9a-f]{16}\n {2}b.txt 6 [0-9a-f]{16}\n/);
        assert.match(report, /out.bin 3 MiB [0-9a-f]{16} equal/);
        assert.deepEqual(out.subarray(report.length, report.length + input.length), input);
        assert.equal(out.subarray(report.length + input.length).toString(), 'end 0\n');
        assert.equal(statSync(join(folder, 'out.bin')).size, 3 << 20);
        assert.deepEqual(readdirSync(folder).sort(), ['a.bin', 'b.txt', 'out.bin']);
    });

    test('ends with an error, or in a trap, on request', () => {
        assert.equal(plain([guest('command'), '--', '--exit', '3']).status, 1);
        const trapped = plain([guest('command'), '--', '--trap']);
        assert.equal(trapped.status, 134);
        assert.match(trapped.out.toString(), /end 0\n$/);
        assert.equal(plain([guest('command'), '--', '--nonsense']).status, 1);
    });

    test('keeps calling the host in its loop', () => {
        const { status, out } = plain(['--dir', `${data()}::/data`, guest('command'), '--', '--loop', '1', '/data']);
        assert.equal(status, 0);
        const turns = Number(/loop (\d+) turns/.exec(out)[1]);
        assert.ok(turns > 100, `only ${turns} turns`);
    });
});

describe('scripts', { skip }, () => {
    const scripts = readdirSync(here).filter((file) => file.endsWith('.script.json'));
    for (const script of scripts) {
        const name = script.replace('.script.json', '');
        test(name, () => assertScript(name));
    }
    test('library-utf16', () => assertScript('library-utf16', 'library.script.json', 'library'));
    for (const script of readdirSync(join(here, 'trap'))) {
        test(`trap ${script.replace('.script.json', '')}`, () => assertScript('trap', join('trap', script)));
    }
});

describe('real programs', { skip }, () => {
    const text = readFileSync(join(here, 'README.md'));

    test('zstd compresses a folder, and takes it apart again', () => {
        const folder = mkdtempSync(join(work, 'zstd-'));
        const zstd = (...args) => plain(['--dir', `${folder}::/data`, guest('zstd'), '--', '-q', ...args, '/data']);
        for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), Buffer.concat([Buffer.from(name), text]));
        assert.deepEqual(zstd('-r', '--rm').err, '');
        assert.deepEqual(readdirSync(folder).sort(), ['a.zst', 'b.zst', 'c.zst']);
        assert.ok(statSync(join(folder, 'a.zst')).size < text.length / 2);
        assert.equal(zstd('-d', '-r', '--rm').status, 0);
        assert.deepEqual(readFileSync(join(folder, 'b')), Buffer.concat([Buffer.from('b'), text]));
    });

    test('bzip2 goes from standard input to standard output, and back', () => {
        const compressed = plain([guest('bzip2'), '--', '-c'], text);
        assert.equal(compressed.status, 0, compressed.err);
        assert.equal(compressed.out.subarray(0, 3).toString(), 'BZh');
        assert.deepEqual(plain([guest('bzip2'), '--', '-dc'], compressed.out).out, text);
        assert.equal(plain([guest('bzip2'), '--', '-dc'], text).status, 1);
    });

    test('words, in JavaScript, counts', () => {
        const { status, out, err } = plain(['--env', 'A=b', guest('words'), '--', 'x'], 'to be or not to be to');
        assert.equal(status, 0, err);
        const said = JSON.parse(out);
        assert.deepEqual({ ...said, top: said.top[0] }, { args: ['x'], environment: [['A', 'b']], letters: 21, words: 4, top: ['to', 3] });
        assert.match(err, /^\d{4}-\d\d-\d\dT.*Z [\d.]+ ms\n$/);
        assert.equal(plain([guest('words'), '--', '--fail']).status, 1);
    });
});

test('every guest that has a source is there', { skip }, () => {
    const sources = (folder) => readdirSync(join(here, folder)).filter((file) => file.endsWith('.wat'));
    const missing = [
        'command.wasm', 'command-changed.wasm', 'library.wasm', 'library-utf16.wasm',
        ...sources('.').map((file) => file.replace(/wat$/, 'wasm')),
        ...sources('parse-only').map((file) => join('parse-only', file.replace(/wat$/, 'wasm'))),
    ].filter((file) => !existsSync(join(guests, file)));
    assert.deepEqual(missing, []);
});

describe('coverage.json', { skip }, () => {
    const coverage = JSON.parse(readFileSync(join(here, 'coverage.json'), 'utf8'));
    const rows = [...coverage.typeKinds, ...coverage.options, ...coverage.builtins];

    test('names guests that exist, and one for each thing', () => {
        for (const { name, run, read } of rows) {
            assert.ok(run.length > 0 || read, `${name} is nowhere`);
            for (const file of [...run, ...(read ? [join('parse-only', read)] : [])]) assert.ok(existsSync(guest(file)), `${name}: ${file}`);
        }
    });

    for (const { name, jco } of coverage.parseOnly) {
        // A process each: a transpiler that panicked refuses everything after.
        test(`jco ${jco ? 'refuses' : 'takes'} ${name}`, () => {
            const script = `import { transpileGuest } from ${JSON.stringify(join(here, 'run-plain.mjs'))};
                transpileGuest(${JSON.stringify(guest(join('parse-only', name)))}).then(() => console.log('taken'), (e) => console.log(String(e.payload?.message ?? e.message ?? e)));`;
            const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
            assert.ok(stdout.includes(jco ?? 'taken'), stdout);
        });
    }
});
