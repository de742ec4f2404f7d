;; composition: one component made of three: two instances of `store`, and one
;; of `user` that uses both. Calls between them go through adapters that the
;; engine fuses: strings change their encoding on the way (user is utf16, store
;; utf8), lists are copied, and a resource that one defines is held by the other.
;;
;;   import note: func(n: u32)        called by store's destructor, with the sum
;;   export run: func(text: string, n: u32) -> string
;;
;; run makes a bag named `text` in each store, puts 1..n into one and n into the
;; other, asks both what they hold, drops them, and returns the two answers: the
;; name, a colon, and how many numbers are in, as one character from '0' on.
(component
  (import "note" (func $note (param "n" u32)))

  (component $Store
    (import "note" (func $note (param "n" u32)))

    ;; A bag is 16 bytes: the address and size of its name, its sum, its count.
    (core module $memory
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
        (local.get $at)))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (alias core export $memory "realloc" (core func $realloc))
    (core func $note' (canon lower (func $note)))
    (core module $destructor
      (import "memory" "memory" (memory 1))
      (import "host" "note" (func $note (param i32)))
      (func (export "drop-bag") (param $bag i32) (call $note (i32.load offset=8 (local.get $bag)))))
    (core instance $destructor (instantiate $destructor
      (with "memory" (instance $memory))
      (with "host" (instance (export "note" (func $note'))))))
    (type $bag (resource (rep i32) (dtor (core func $destructor "drop-bag"))))
    (core func $bag-new (canon resource.new $bag))

    (core module $main
      (import "memory" "memory" (memory 1))
      (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
      (import "builtin" "bag-new" (func $bag-new (param i32) (result i32)))
      (func (export "constructor") (param $name i32) (param $size i32) (result i32)
        (local $bag i32)
        (local.set $bag (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 16)))
        (i32.store offset=0 (local.get $bag) (local.get $name))
        (i32.store offset=4 (local.get $bag) (local.get $size))
        (i32.store offset=8 (local.get $bag) (i32.const 0))
        (i32.store offset=12 (local.get $bag) (i32.const 0))
        (call $bag-new (local.get $bag)))
      (func (export "add") (param $bag i32) (param $items i32) (param $count i32) (result i32)
        (i32.store offset=12 (local.get $bag)
          (i32.add (i32.load offset=12 (local.get $bag)) (local.get $count)))
        (block $end
          (loop $next
            (br_if $end (i32.eqz (local.get $count)))
            (i32.store offset=8 (local.get $bag)
              (i32.add (i32.load offset=8 (local.get $bag)) (i32.load (local.get $items))))
            (local.set $items (i32.add (local.get $items) (i32.const 4)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br $next)))
        (i32.load offset=8 (local.get $bag)))
      ;; The name, a colon, and the count as one character from '0' on.
      (func (export "describe") (param $bag i32) (result i32)
        (local $text i32) (local $size i32)
        (local.set $size (i32.load offset=4 (local.get $bag)))
        (local.set $text (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
          (i32.add (local.get $size) (i32.const 2))))
        (memory.copy (local.get $text) (i32.load offset=0 (local.get $bag)) (local.get $size))
        (i32.store16 align=1 (i32.add (local.get $text) (local.get $size))
          (i32.add (i32.const 0x303a) (i32.shl (i32.load offset=12 (local.get $bag)) (i32.const 8))))
        (i32.store (i32.const 8) (local.get $text))
        (i32.store (i32.const 12) (i32.add (local.get $size) (i32.const 2)))
        (i32.const 8)))
    (core instance $main (instantiate $main
      (with "memory" (instance $memory))
      (with "builtin" (instance (export "bag-new" (func $bag-new))))))
    (func $constructor (param "name" string) (result (own $bag))
      (canon lift (core func $main "constructor") string-encoding=utf8 (memory $mem) (realloc $realloc)))
    (func $add (param "self" (borrow $bag)) (param "items" (list u32)) (result u32)
      (canon lift (core func $main "add") (memory $mem) (realloc $realloc)))
    (func $describe (param "self" (borrow $bag)) (result string)
      (canon lift (core func $main "describe") string-encoding=utf8 (memory $mem) (realloc $realloc)))
    (component $Exports
      (import "import-bag" (type $bag (sub resource)))
      (import "import-constructor" (func $constructor (param "name" string) (result (own $bag))))
      (import "import-add" (func $add (param "self" (borrow $bag)) (param "items" (list u32)) (result u32)))
      (import "import-describe" (func $describe (param "self" (borrow $bag)) (result string)))
      (export $bag' "bag" (type $bag))
      (export "[constructor]bag" (func $constructor) (func (param "name" string) (result (own $bag'))))
      (export "[method]bag.add" (func $add)
        (func (param "self" (borrow $bag')) (param "items" (list u32)) (result u32)))
      (export "[method]bag.describe" (func $describe)
        (func (param "self" (borrow $bag')) (result string))))
    (instance $exports (instantiate $Exports
      (with "import-bag" (type $bag))
      (with "import-constructor" (func $constructor))
      (with "import-add" (func $add))
      (with "import-describe" (func $describe))))
    (export "crossing:guests/store@0.1.0" (instance $exports)))

  (component $User
    (type $Store (instance
      (export "bag" (type $bag (sub resource)))
      (export "[constructor]bag" (func (param "name" string) (result (own $bag))))
      (export "[method]bag.add" (func (param "self" (borrow $bag)) (param "items" (list u32)) (result u32)))
      (export "[method]bag.describe" (func (param "self" (borrow $bag)) (result string)))))
    (import "first" (instance $first (type $Store)))
    (import "second" (instance $second (type $Store)))
    (alias export $first "bag" (type $first-bag))
    (alias export $second "bag" (type $second-bag))

    (core module $memory
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $at) (local.get $size)))
        (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
        (local.get $at)))
    (core instance $memory (instantiate $memory))
    (alias core export $memory "memory" (core memory $mem))
    (alias core export $memory "realloc" (core func $realloc))

    (core func $first-new (canon lower (func $first "[constructor]bag") string-encoding=utf16 (memory $mem)))
    (core func $first-add (canon lower (func $first "[method]bag.add") (memory $mem)))
    (core func $first-describe (canon lower (func $first "[method]bag.describe")
      string-encoding=utf16 (memory $mem) (realloc $realloc)))
    (core func $first-drop (canon resource.drop $first-bag))
    (core func $second-new (canon lower (func $second "[constructor]bag") string-encoding=utf16 (memory $mem)))
    (core func $second-add (canon lower (func $second "[method]bag.add") (memory $mem)))
    (core func $second-describe (canon lower (func $second "[method]bag.describe")
      string-encoding=utf16 (memory $mem) (realloc $realloc)))
    (core func $second-drop (canon resource.drop $second-bag))

    (core module $main
      (import "memory" "memory" (memory 1))
      (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
      (import "first" "new" (func $first-new (param i32 i32) (result i32)))
      (import "first" "add" (func $first-add (param i32 i32 i32) (result i32)))
      (import "first" "describe" (func $first-describe (param i32 i32)))
      (import "first" "drop" (func $first-drop (param i32)))
      (import "second" "new" (func $second-new (param i32 i32) (result i32)))
      (import "second" "add" (func $second-add (param i32 i32 i32) (result i32)))
      (import "second" "describe" (func $second-describe (param i32 i32)))
      (import "second" "drop" (func $second-drop (param i32)))
      ;; Sizes of strings are in UTF-16 code units here.
      (func (export "run") (param $text i32) (param $size i32) (param $n i32) (result i32)
        (local $a i32) (local $b i32) (local $items i32) (local $i i32) (local $at i32)
        (local.set $items (call $realloc (i32.const 0) (i32.const 0) (i32.const 4)
          (i32.shl (local.get $n) (i32.const 2))))
        (block $end
          (loop $next
            (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
            (i32.store (i32.add (local.get $items) (i32.shl (local.get $i) (i32.const 2)))
              (i32.add (local.get $i) (i32.const 1)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
        (local.set $a (call $first-new (local.get $text) (local.get $size)))
        (local.set $b (call $second-new (local.get $text) (local.get $size)))
        (drop (call $first-add (local.get $a) (local.get $items) (local.get $n)))
        ;; One element: the last of the list above. None at all: an empty list.
        (drop (call $second-add (local.get $b)
          (i32.sub (i32.add (local.get $items) (i32.shl (local.get $n) (i32.const 2))) (i32.const 4))
          (i32.const 1)))
        (drop (call $second-add (local.get $b) (local.get $items) (i32.const 0)))
        (call $first-describe (local.get $a) (i32.const 16))
        (call $second-describe (local.get $b) (i32.const 24))
        (call $first-drop (local.get $a))
        (call $second-drop (local.get $b))
        ;; Join the two answers.
        (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 2)
          (i32.shl (i32.add (i32.load (i32.const 20)) (i32.load (i32.const 28))) (i32.const 1))))
        (memory.copy (local.get $at) (i32.load (i32.const 16)) (i32.shl (i32.load (i32.const 20)) (i32.const 1)))
        (memory.copy
          (i32.add (local.get $at) (i32.shl (i32.load (i32.const 20)) (i32.const 1)))
          (i32.load (i32.const 24)) (i32.shl (i32.load (i32.const 28)) (i32.const 1)))
        (i32.store (i32.const 8) (local.get $at))
        (i32.store (i32.const 12) (i32.add (i32.load (i32.const 20)) (i32.load (i32.const 28))))
        (i32.const 8)))
    (core instance $main (instantiate $main
      (with "memory" (instance $memory))
      (with "first" (instance
        (export "new" (func $first-new)) (export "add" (func $first-add))
        (export "describe" (func $first-describe)) (export "drop" (func $first-drop))))
      (with "second" (instance
        (export "new" (func $second-new)) (export "add" (func $second-add))
        (export "describe" (func $second-describe)) (export "drop" (func $second-drop))))))
    (func (export "run") (param "text" string) (param "n" u32) (result string)
      (canon lift (core func $main "run") string-encoding=utf16 (memory $mem) (realloc $realloc))))

  (instance $first (instantiate $Store (with "note" (func $note))))
  (instance $second (instantiate $Store (with "note" (func $note))))
  (instance $user (instantiate $User
    (with "first" (instance $first "crossing:guests/store@0.1.0"))
    (with "second" (instance $second "crossing:guests/store@0.1.0"))))
  (export "run" (func $user "run")))
