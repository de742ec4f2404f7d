;; builtins: the canonical built-ins a synchronous guest can call, and those of
;; asynchronous guests that never have to wait.
;;
;;   import note: func(n: u32)
;;   import host: interface { resource file; open: func(n: u32) -> file }
;;   export exports: interface {
;;     resource cell                        a resource the guest defines;
;;     make: func(n: u32) -> cell           resource.new
;;     read: func(c: borrow<cell>) -> u32   (a borrow of an own type is its rep)
;;     take: func(c: cell) -> u32           resource.rep, resource.drop: the
;;                                          destructor runs inside the guest
;;   }                                      and reports with note(rep)
;;   export files: func(n: u32) -> u32      opens and drops n files
;;   export context: func(n: u32) -> u32    context.set n, then context.get
;;   export context-in-realloc: func(text: string) -> u32
;;                                          what realloc put into the context
;;   export backpressure: func()            backpressure.inc, then dec
(component
  (import "note" (func $note (param "n" u32)))
  (import "host" (instance $host
    (export "file" (type $file (sub resource)))
    (export "open" (func (param "n" u32) (result (own $file))))))
  (alias export $host "file" (type $file))
  (alias export $host "open" (func $open))

  ;; The destructor needs `note` and the resource needs the destructor: it lives
  ;; in an instance of its own.
  (core func $note' (canon lower (func $note)))
  (core module $destructor
    (import "host" "note" (func $note (param i32)))
    (func (export "drop-cell") (param i32) (call $note (local.get 0))))
  (core instance $destructor (instantiate $destructor
    (with "host" (instance (export "note" (func $note'))))))
  (type $cell' (resource (rep i32) (dtor (core func $destructor "drop-cell"))))

  (core func $open' (canon lower (func $open)))
  (core func $file-drop (canon resource.drop $file))
  (core func $cell-new (canon resource.new $cell'))
  (core func $cell-rep (canon resource.rep $cell'))
  (core func $cell-drop (canon resource.drop $cell'))
  (core func $context-get (canon context.get i32 0))
  (core func $context-set (canon context.set i32 0))
  (core func $backpressure-inc (canon backpressure.inc))
  (core func $backpressure-dec (canon backpressure.dec))

  (core module $main
    (import "host" "note" (func $note (param i32)))
    (import "host" "open" (func $open (param i32) (result i32)))
    (import "builtin" "file-drop" (func $file-drop (param i32)))
    (import "builtin" "cell-new" (func $cell-new (param i32) (result i32)))
    (import "builtin" "cell-rep" (func $cell-rep (param i32) (result i32)))
    (import "builtin" "cell-drop" (func $cell-drop (param i32)))
    (import "builtin" "context-get" (func $context-get (result i32)))
    (import "builtin" "context-set" (func $context-set (param i32)))
    (import "builtin" "backpressure-inc" (func $backpressure-inc))
    (import "builtin" "backpressure-dec" (func $backpressure-dec))
    (memory (export "memory") 1)
    (func (export "make") (param $n i32) (result i32) (call $cell-new (local.get $n)))
    (func (export "read") (param $rep i32) (result i32) (local.get $rep))
    (func (export "take") (param $cell i32) (result i32)
      (local $rep i32)
      (local.set $rep (call $cell-rep (local.get $cell)))
      (call $cell-drop (local.get $cell))
      (local.get $rep))
    (func (export "files") (param $n i32) (result i32)
      (local $i i32) (local $sum i32) (local $kept i32)
      ;; One stays open across the loop, so that freed handles are used again.
      (local.set $kept (call $open (i32.const 1000)))
      (block $end
        (loop $next
          (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (call $file-drop (call $open (local.get $i)))
          (local.set $sum (i32.add (local.get $sum) (local.get $i)))
          (br $next)))
      (call $file-drop (local.get $kept))
      (local.get $sum))
    (func (export "context") (param $n i32) (result i32)
      (call $context-set (local.get $n))
      (call $context-get))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (call $context-set (i32.add (i32.const 4000) (local.get $size)))
      (i32.const 1024))
    (func (export "context-in-realloc") (param $text i32) (param $size i32) (result i32)
      (call $context-get))
    (func (export "backpressure")
      (call $backpressure-inc)
      (call $backpressure-dec)))
  (core instance $main (instantiate $main
    (with "host" (instance (export "note" (func $note')) (export "open" (func $open'))))
    (with "builtin" (instance
      (export "file-drop" (func $file-drop))
      (export "cell-new" (func $cell-new))
      (export "cell-rep" (func $cell-rep))
      (export "cell-drop" (func $cell-drop))
      (export "context-get" (func $context-get))
      (export "context-set" (func $context-set))
      (export "backpressure-inc" (func $backpressure-inc))
      (export "backpressure-dec" (func $backpressure-dec))))))
  (alias core export $main "memory" (core memory $memory))
  (alias core export $main "realloc" (core func $realloc))

  (func $make (param "n" u32) (result (own $cell')) (canon lift (core func $main "make")))
  (func $read (param "c" (borrow $cell')) (result u32) (canon lift (core func $main "read")))
  (func $take (param "c" (own $cell')) (result u32) (canon lift (core func $main "take")))
  (component $exports
    (import "cell" (type $cell (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $cell))))
    (import "read" (func $read (param "c" (borrow $cell)) (result u32)))
    (import "take" (func $take (param "c" (own $cell)) (result u32)))
    (export $cell' "cell" (type $cell))
    (export "make" (func $make) (func (param "n" u32) (result (own $cell'))))
    (export "read" (func $read) (func (param "c" (borrow $cell')) (result u32)))
    (export "take" (func $take) (func (param "c" (own $cell')) (result u32))))
  (instance $exports (instantiate $exports
    (with "cell" (type $cell'))
    (with "make" (func $make))
    (with "read" (func $read))
    (with "take" (func $take))))
  (export "exports" (instance $exports))
  (func (export "files") (param "n" u32) (result u32) (canon lift (core func $main "files")))
  (func (export "context") (param "n" u32) (result u32) (canon lift (core func $main "context")))
  (func (export "context-in-realloc") (param "text" string) (result u32)
    (canon lift (core func $main "context-in-realloc") (memory $memory) (realloc $realloc)))
  (func (export "backpressure") (canon lift (core func $main "backpressure"))))
