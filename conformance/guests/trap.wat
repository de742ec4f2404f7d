;; trap: every way in which a call can end in a trap.
;;
;;   import note: func(n: u32) -> u32          the host answers n + 1
;;   import fail: func(message: string)        the host throws
;;   import text: func() -> string             makes the host call realloc
;;   export unreachable, out-of-bounds, divide-by-zero, conversion, indirect,
;;          stack, host, in-realloc, in-realloc-of-import, bad-pointer,
;;          bad-utf8, bad-char, unaligned, in-post-return: one way each
;;   export after-calls: func(n: u32) -> u32   calls note n times, then traps
;;   export fine: func(n: u32) -> u32          note(n): does not trap
(component
  (import "note" (func $note (param "n" u32) (result u32)))
  (import "fail" (func $fail (param "message" string)))
  (import "text" (func $text (result string)))

  (core module $libc
    (memory (export "memory") 1 1)
    (data (i32.const 64) "\c3\28 is not UTF-8")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "realloc-traps") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (alias core export $libc "realloc-traps" (core func $realloc-traps))
  (core func $note' (canon lower (func $note)))
  (core func $fail' (canon lower (func $fail) (memory $memory)))
  (core func $text' (canon lower (func $text) (memory $memory) (realloc $realloc-traps)))

  (core module $main
    (import "libc" "memory" (memory 1))
    (import "host" "note" (func $note (param i32) (result i32)))
    (import "host" "fail" (func $fail (param i32 i32)))
    (import "host" "text" (func $text (param i32)))
    (type $none (func))
    (table 1 funcref)
    (func (export "fine") (param i32) (result i32) (call $note (local.get 0)))
    (func (export "unreachable") unreachable)
    (func (export "out-of-bounds") (drop (i32.load (i32.const 0x7fffffff))))
    (func (export "divide-by-zero") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "conversion") (param f32) (result i32) (i32.trunc_f32_u (local.get 0)))
    (func (export "indirect") (call_indirect (type $none) (i32.const 0)))
    (func $stack (export "stack") (param i32) (result i32)
      (i32.add (call $stack (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
    (func (export "host") (call $fail (i32.const 64) (i32.const 0)))
    (func (export "in-realloc") (param i32 i32))
    (func (export "in-realloc-of-import") (call $text (i32.const 16)))
    ;; A list whose memory would end beyond the memory's end.
    (func (export "bad-pointer") (result i32)
      (i32.store (i32.const 16) (i32.const 65532))
      (i32.store (i32.const 20) (i32.const 8))
      (i32.const 16))
    (func (export "bad-utf8") (result i32)
      (i32.store (i32.const 16) (i32.const 64))
      (i32.store (i32.const 20) (i32.const 4))
      (i32.const 16))
    (func (export "bad-char") (result i32) (i32.const 0xd800))
    (func (export "unaligned") (result i32)
      (i32.store (i32.const 16) (i32.const 65))
      (i32.store (i32.const 20) (i32.const 1))
      (i32.const 16))
    (func (export "in-post-return") (result i32) (i32.const 5))
    (func (export "in-post-return-post") (param i32) unreachable)
    (func (export "after-calls") (param $n i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $note (local.get $n))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      unreachable))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc))
    (with "host" (instance
      (export "note" (func $note'))
      (export "fail" (func $fail'))
      (export "text" (func $text'))))))

  (func (export "fine") (param "n" u32) (result u32) (canon lift (core func $main "fine")))
  (func (export "unreachable") (canon lift (core func $main "unreachable")))
  (func (export "out-of-bounds") (canon lift (core func $main "out-of-bounds")))
  (func (export "divide-by-zero") (param "by" u32) (result u32) (canon lift (core func $main "divide-by-zero")))
  (func (export "conversion") (param "from" f32) (result u32) (canon lift (core func $main "conversion")))
  (func (export "indirect") (canon lift (core func $main "indirect")))
  (func (export "stack") (param "n" u32) (result u32) (canon lift (core func $main "stack")))
  (func (export "host") (canon lift (core func $main "host")))
  (func (export "in-realloc") (param "text" string)
    (canon lift (core func $main "in-realloc") (memory $memory) (realloc $realloc-traps)))
  (func (export "in-realloc-of-import") (canon lift (core func $main "in-realloc-of-import")))
  (func (export "bad-pointer") (result (list u32)) (canon lift (core func $main "bad-pointer") (memory $memory)))
  (func (export "bad-utf8") (result string) (canon lift (core func $main "bad-utf8") (memory $memory)))
  (func (export "bad-char") (result char) (canon lift (core func $main "bad-char")))
  (func (export "unaligned") (result (list u32)) (canon lift (core func $main "unaligned") (memory $memory)))
  (func (export "in-post-return") (result u32)
    (canon lift (core func $main "in-post-return") (post-return (core func $main "in-post-return-post"))))
  (func (export "after-calls") (param "n" u32) (result u32) (canon lift (core func $main "after-calls"))))
