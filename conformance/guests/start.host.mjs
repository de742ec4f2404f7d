// The host of start: counts in sevens.
export function imports() {
    let n = 0;
    return {
        next: { default: () => (n += 7) },
        tell: { default: (text) => { if (text !== 'starting') throw new Error(`told ${text}`); } },
    };
}
