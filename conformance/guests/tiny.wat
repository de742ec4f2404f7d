;; tiny: the smallest guest in which everything of the abi profile happens once:
;; an import with a string each way, an export with a string each way, realloc,
;; a result area and a post-return. Its trace is small enough to try every
;; one-byte damage on.
;;
;;   import greeter: func(name: string) -> string
;;   export greet:   func(name: string) -> string      greeter(name) + "!"
(component
  (import "greeter" (func $greeter (param "name" string) (result string)))

  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    ;; Bump allocation; blocks never move because nothing here ever grows one.
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
    ;; Frees everything that was allocated since the export was entered.
    (func (export "reset") (global.set $next (i32.const 1024))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $greeter' (canon lower (func $greeter) string-encoding=utf8 (memory $memory) (realloc $realloc)))

  (core module $main
    (import "libc" "memory" (memory 1))
    (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "libc" "reset" (func $reset))
    (import "host" "greeter" (func $greeter (param i32 i32 i32)))
    ;; The result area is at 16, the string that is returned at 8.
    (func (export "greet") (param $name i32) (param $size i32) (result i32)
      (local $at i32) (local $length i32)
      (call $greeter (local.get $name) (local.get $size) (i32.const 16))
      (local.set $length (i32.load (i32.const 20)))
      (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.add (local.get $length) (i32.const 1))))
      (memory.copy (local.get $at) (i32.load (i32.const 16)) (local.get $length))
      (i32.store8 (i32.add (local.get $at) (local.get $length)) (i32.const 0x21))
      (i32.store (i32.const 8) (local.get $at))
      (i32.store (i32.const 12) (i32.add (local.get $length) (i32.const 1)))
      (i32.const 8))
    (func (export "greet-post") (param i32) (call $reset)))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc))
    (with "host" (instance (export "greeter" (func $greeter'))))))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $main "greet") string-encoding=utf8 (memory $memory) (realloc $realloc)
      (post-return (core func $main "greet-post")))))
