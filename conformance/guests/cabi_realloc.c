/* cabi_realloc for guests built on wasi-libc.
 *
 * Every C guest must export one. Without it the preview1 adapter grows the
 * memory for itself before the first malloc, and wasi-libc's first malloc then
 * takes everything after __heap_base, the adapter's pages included.
 *
 * Contract: as the Canonical ABI's realloc. A size of zero gives a non-null
 * pointer that is aligned and never dereferenced; out of memory traps. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size)
{
    if (new_size == 0)
        return (void *)(uintptr_t)align;
    void *block;
    if (align <= 16) { /* what malloc guarantees */
        block = realloc(old_size ? old : NULL, new_size);
    } else {
        block = aligned_alloc(align, (new_size + align - 1) / align * align);
        if (block && old_size) {
            memcpy(block, old, old_size < new_size ? old_size : new_size);
            free(old);
        }
    }
    if (!block)
        __builtin_trap();
    return block;
}
