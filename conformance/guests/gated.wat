;; gated: value types that some engines take only when asked to: maps and lists
;; of fixed length. Each export passes its value to the import of the same name
;; and gives back what that gave.
(component
  (import "echo-map" (func $echo-map (param "v" (map string u64)) (result (map string u64))))
  (import "echo-fixed" (func $echo-fixed (param "v" (list u16 3)) (result (list u16 3))))
  (import "echo-fixed-strings" (func $echo-fixed-strings
    (param "v" (list string 2)) (result (list string 2))))

  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at))
    (func (export "reset") (param i32) (global.set $next (i32.const 1024))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (alias core export $libc "reset" (core func $reset))
  (core func $echo-map' (canon lower (func $echo-map) (memory $memory) (realloc $realloc)))
  (core func $echo-fixed' (canon lower (func $echo-fixed) (memory $memory)))
  (core func $echo-fixed-strings' (canon lower (func $echo-fixed-strings) (memory $memory) (realloc $realloc)))

  (core module $main
    (import "host" "echo-map" (func $echo-map (param i32 i32 i32)))
    (import "host" "echo-fixed" (func $echo-fixed (param i32 i32 i32 i32)))
    (import "host" "echo-fixed-strings" (func $echo-fixed-strings (param i32 i32 i32 i32 i32)))
    (func (export "echo-map") (param i32 i32) (result i32)
      (call $echo-map (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16))
    (func (export "echo-fixed") (param i32 i32 i32) (result i32)
      (call $echo-fixed (local.get 0) (local.get 1) (local.get 2) (i32.const 16))
      (i32.const 16))
    (func (export "echo-fixed-strings") (param i32 i32 i32 i32) (result i32)
      (call $echo-fixed-strings (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16))
      (i32.const 16)))
  (core instance $main (instantiate $main (with "host" (instance
    (export "echo-map" (func $echo-map'))
    (export "echo-fixed" (func $echo-fixed'))
    (export "echo-fixed-strings" (func $echo-fixed-strings'))))))
  (func (export "echo-map") (param "v" (map string u64)) (result (map string u64))
    (canon lift (core func $main "echo-map") (memory $memory) (realloc $realloc) (post-return $reset)))
  (func (export "echo-fixed") (param "v" (list u16 3)) (result (list u16 3))
    (canon lift (core func $main "echo-fixed") (memory $memory)))
  (func (export "echo-fixed-strings") (param "v" (list string 2)) (result (list string 2))
    (canon lift (core func $main "echo-fixed-strings") (memory $memory) (realloc $realloc) (post-return $reset))))
