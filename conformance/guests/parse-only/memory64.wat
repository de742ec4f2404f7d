;; memory64: strings and lists in a memory with 64-bit addresses.
(component
  (import "text" (func $text (param "s" string) (result string)))
  (core module $libc
    (memory (export "memory") i64 1)
    (func (export "realloc") (param i64 i64 i64 i64) (result i64) unreachable))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $text' (canon lower (func $text) string-encoding=utf16 (memory $memory) (realloc $realloc)))
  (core func $get64 (canon context.get i64 0))
  (core func $set64 (canon context.set i64 1))
  (core module $main
    (import "host" "text" (func $text (param i64 i64 i64)))
    (func (export "text") (param i64 i64) (result i64)
      (call $text (local.get 0) (local.get 1) (i64.const 16))
      (i64.const 16)))
  (core instance $main (instantiate $main (with "host" (instance (export "text" (func $text'))))))
  (func (export "text-out") (param "s" string) (result string)
    (canon lift (core func $main "text") string-encoding=utf16 (memory $memory) (realloc $realloc))))
