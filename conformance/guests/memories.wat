;; memories: one component with two memories, each with its own realloc, and one
;; import lowered into both: as utf8 into one and as utf16 into the other.
;;
;;   import twice: func(text: string) -> string
;;   export narrow: func(text: string) -> string    through the utf8 memory
;;   export wide: func(text: string) -> string      through the utf16 memory
;;   export large: func(pages: u32) -> list<u8>     grows the narrow memory, and
;;                                                  gives back all of the growth
(component
  (import "twice" (func $twice (param "text" string) (result string)))
  (core module $Libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      ;; Grow while the host is lowering: its views of the memory go stale.
      (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
        (then (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))))
      ;; Some engines lower into a block that is too large, and shrink it.
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old-size) (local.get $size) (i32.lt_u (local.get $old-size) (local.get $size))))
      (local.get $at)))
  (core instance $narrow-libc (instantiate $Libc))
  (core instance $wide-libc (instantiate $Libc))
  (alias core export $narrow-libc "memory" (core memory $narrow))
  (alias core export $narrow-libc "realloc" (core func $narrow-realloc))
  (alias core export $wide-libc "memory" (core memory $wide))
  (alias core export $wide-libc "realloc" (core func $wide-realloc))
  (core func $narrow-twice (canon lower (func $twice) string-encoding=utf8 (memory $narrow) (realloc $narrow-realloc)))
  (core func $wide-twice (canon lower (func $twice) string-encoding=utf16 (memory $wide) (realloc $wide-realloc)))

  (core module $Main
    (import "libc" "memory" (memory 1))
    (import "host" "twice" (func $twice (param i32 i32 i32)))
    (func (export "text") (param i32 i32) (result i32)
      (call $twice (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16))
    (func (export "large") (param $pages i32) (result i32)
      (i32.store (i32.const 16) (i32.shl (memory.grow (local.get $pages)) (i32.const 16)))
      (i32.store (i32.const 20) (i32.shl (local.get $pages) (i32.const 16)))
      (i32.const 16)))
  (core instance $narrow-main (instantiate $Main
    (with "libc" (instance $narrow-libc))
    (with "host" (instance (export "twice" (func $narrow-twice))))))
  (core instance $wide-main (instantiate $Main
    (with "libc" (instance $wide-libc))
    (with "host" (instance (export "twice" (func $wide-twice))))))
  (func (export "narrow") (param "text" string) (result string)
    (canon lift (core func $narrow-main "text") string-encoding=utf8 (memory $narrow) (realloc $narrow-realloc)))
  (func (export "wide") (param "text" string) (result string)
    (canon lift (core func $wide-main "text") string-encoding=utf16 (memory $wide) (realloc $wide-realloc)))
  (func (export "large") (param "pages" u32) (result (list u8))
    (canon lift (core func $narrow-main "large") (memory $narrow))))
