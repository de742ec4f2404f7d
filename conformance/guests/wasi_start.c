/* _start for commands that export more than _start.
 *
 * wasm-ld 14 takes a module in which nothing calls __wasm_call_ctors for one of
 * whose exports only one is ever called, and wraps every export so that it runs
 * constructors before and destructors after. A cabi_realloc wrapped so would
 * call the host from inside realloc. Calling the constructors here by name,
 * and linking with -nostartfiles, leaves the exports alone. */
#include <stdnoreturn.h>

void __wasm_call_ctors(void);
void __wasm_call_dtors(void);
int __main_void(void);
noreturn void __wasi_proc_exit(unsigned status);

__attribute__((export_name("_start")))
void _start(void)
{
    __wasm_call_ctors();
    int status = __main_void();
    __wasm_call_dtors();
    if (status)
        __wasi_proc_exit((unsigned)status);
}
