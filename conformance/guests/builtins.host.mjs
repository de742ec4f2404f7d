// The host of builtins. Dropping a file runs the host's destructor.
const dispose = Symbol.dispose ?? Symbol.for('dispose');

export function imports() {
    let open = 0;
    class File {
        constructor(n) { this.n = n; open++; }
        [dispose]() {
            if (--open < 0) throw new Error(`file ${this.n} dropped twice`);
        }
    }
    return {
        note: { default: (n) => { if (n === 0) throw new Error('a destructor got no rep'); } },
        host: { File, open: (n) => new File(n) },
    };
}
