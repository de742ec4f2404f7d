// The host of composition.
export function imports() {
    return { note: { default: (n) => { if (n === 0) throw new Error('an empty bag was dropped'); } } };
}
