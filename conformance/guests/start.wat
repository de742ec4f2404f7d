;; start: core start functions that call out while the component is being
;; instantiated, before any export can be called.
;;
;;   import next: func() -> u32
;;   import tell: func(text: string)
;;   export numbers: func() -> list<u32>     what `next` said during start
;;
;; Two core instances have a start function: the second sees what the first did.
(component
  (import "next" (func $next (result u32)))
  (import "tell" (func $tell (param "text" string)))

  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $next' (canon lower (func $next)))
  (core func $tell' (canon lower (func $tell) (memory $memory)))

  (core module $first
    (import "libc" "memory" (memory 1))
    (import "host" "next" (func $next (result i32)))
    (import "host" "tell" (func $tell (param i32 i32)))
    (data (i32.const 64) "starting")
    (func $start
      (call $tell (i32.const 64) (i32.const 8))
      (i32.store (i32.const 16) (call $next))
      (i32.store (i32.const 20) (call $next)))
    (start $start))
  (core module $second
    (import "libc" "memory" (memory 1))
    (import "host" "next" (func $next (result i32)))
    (func $start
      (i32.store (i32.const 24)
        (i32.add (call $next) (i32.add (i32.load (i32.const 16)) (i32.load (i32.const 20)))))
      (i32.store (i32.const 8) (i32.const 16))
      (i32.store (i32.const 12) (i32.const 3)))
    (start $start)
    (func (export "numbers") (result i32) (i32.const 8)))
  (core instance $host
    (export "next" (func $next'))
    (export "tell" (func $tell')))
  (core instance (instantiate $first (with "libc" (instance $libc)) (with "host" (instance $host))))
  (core instance $second (instantiate $second (with "libc" (instance $libc)) (with "host" (instance $host))))
  (func (export "numbers") (result (list u32))
    (canon lift (core func $second "numbers") (memory $memory))))
