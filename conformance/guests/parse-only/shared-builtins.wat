;; shared-builtins: the built-ins of shared-everything threads.
(component
  (core module $libc (table (export "table") shared 1 (ref null (shared func))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "table" (core table $shared-table))
  (core type $shared-start (shared (func (param i32))))
  (core func $f0 (canon thread.spawn-ref $shared-start))
  (core func $f1 (canon thread.spawn-indirect $shared-start (core table $shared-table)))
  (core func $f2 (canon thread.available_parallelism)))
