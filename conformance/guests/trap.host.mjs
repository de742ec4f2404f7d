// The host of trap. `fail` throws, as a host does that cannot go on.
export function imports() {
    return {
        note: { default: (n) => n + 1 },
        fail: { default: (message) => { throw new Error(`the host gives up: ${message}`); } },
        text: { default: () => 'some text' },
    };
}
