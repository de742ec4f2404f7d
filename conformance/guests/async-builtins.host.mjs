// async-builtins asks nothing of its host.
export function imports() {
    return {};
}
