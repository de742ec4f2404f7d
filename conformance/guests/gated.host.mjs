// The host of gated.
const same = (v) => v;

export function imports() {
    return {
        'echo-map': { default: same },
        'echo-fixed': { default: same },
        'echo-fixed-strings': { default: same },
    };
}
