// The host of library: deterministic, and keeps count of its resources.
const dispose = Symbol.dispose ?? Symbol.for('dispose');
const same = (v) => v;

class Thing {
    #label;
    #gone = false;
    constructor(label) { this.#label = label; }
    label() { return this.#label; }
    rename(label) { this.#label = label; }
    absorb(other) { this.#label += other.take(); }
    static longer(a, b) { return a.label().length > b.label().length; }
    static split(whole, at) {
        const label = whole.take();
        return [new Thing(label.slice(0, at)), new Thing(label.slice(at))];
    }
    /** Ends it, as its owner. */
    take() {
        this[dispose]();
        return this.#label;
    }
    [dispose]() {
        if (this.#gone) throw new Error(`thing ${this.#label} dropped twice`);
        this.#gone = true;
    }
}

// jco: the error of a top-level result is thrown.
function failure(payload) {
    return Object.assign(new Error('failed as asked'), { payload });
}
const mayFail = (ok, error) => (fail) => {
    if (fail) throw failure(error);
    return ok;
};

const echoes = [
    'Bool', 'S8', 'U8', 'S16', 'U16', 'S32', 'U32', 'S64', 'U64', 'F32', 'F64', 'Char', 'String', 'Bytes', 'Words',
    'Strings', 'Nested', 'Tuple', 'Colour', 'Permissions', 'Features', 'Wide', 'Point', 'Numbers', 'Person', 'People',
    'Shape', 'Tree', 'Option', 'OptionString', 'OptionOption',
].map((name) => [`echo${name}`, same]);
const echoResults = ['', 'Ok', 'Error', 'None'].map((name) => [`echoResult${name}`, (v) => [v]]);

export function imports() {
    return {
        'crossing:guests/host@0.1.0': {
            Thing,
            ...Object.fromEntries(echoes),
            ...Object.fromEntries(echoResults),
            mayFail: mayFail(7, 'no number'),
            mayFailOk: mayFail('seven', undefined),
            mayFailError: mayFail(undefined, 9),
            mayFailNone: mayFail(undefined, undefined),
            sum16: (...n) => n.reduce((sum, v) => sum + v, 0),
            sum17: (...n) => BigInt(n.slice(0, 16).reduce((sum, v) => sum + Number(v), 0) + n[16].length),
            makeThing: (label) => new Thing(label),
            takeThing: (thing) => thing.take(),
            readThing: (thing) => thing.label(),
            takeThings: (things) => things.map((thing) => thing.take()).length,
            makeThings: (labels) => labels.map((label) => new Thing(label)),
            readOptionalThing: (thing) => thing?.label(),
            nothing: () => {},
        },
        log: { default: (text) => { if (typeof text !== 'string') throw new Error('log wants text'); } },
    };
}
