// The host of tiny.
export function imports() {
    return { greeter: { default: (name) => `Hello, ${name}` } };
}
