// The host of memories.
export function imports() {
    return { twice: { default: (text) => text + text } };
}
