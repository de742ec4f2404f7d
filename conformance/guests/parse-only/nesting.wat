;; nesting: components and modules inside components, three deep; aliases of outer
;; types, modules and components; the same component and module instantiated more
;; than once; instances made of exports; aliases of exports of exports.
(component $Root
  (import "log" (func $log (param "n" u32)))
  (type $pair (tuple u32 u32))
  (core module $Counter
    (import "host" "log" (func $log (param i32)))
    (memory (export "memory") 1)
    (global (export "count") (mut i32) (i32.const 0))
    (table (export "table") 1 funcref)
    (func (export "next") (result i32) (call $log (i32.const 1)) (i32.const 1)))

  (component $Middle
    (alias outer $Root $pair (type $outer-pair))
    (alias outer $Root $Counter (core module $OuterCounter))
    (import "log" (func $log (param "n" u32)))
    (component $Inner
      (alias outer $Middle $OuterCounter (core module $InnermostCounter))
      (alias outer 2 $pair (type $outermost-pair))
      (import "log" (func $log (param "n" u32)))
      (core func $log' (canon lower (func $log)))
      (core instance $host (export "log" (func $log')))
      (core instance $one (instantiate $InnermostCounter (with "host" (instance $host))))
      (core instance $two (instantiate $InnermostCounter (with "host" (instance $host))))
      ;; Everything of a core instance, gathered under other names.
      (core instance $gathered
        (export "a" (func $one "next"))
        (export "b" (func $two "next"))
        (export "m" (memory $one "memory"))
        (export "g" (global $one "count"))
        (export "t" (table $two "table")))
      (func (export "a") (result u32) (canon lift (core func $gathered "a")))
      (func (export "b") (result u32) (canon lift (core func $gathered "b"))))
    (instance $x (instantiate $Inner (with "log" (func $log))))
    (instance $y (instantiate $Inner (with "log" (func $log))))
    (instance $both (export "x" (instance $x)) (export "y" (instance $y)))
    (export "both" (instance $both))
    (export "inner" (component $Inner)))

  (instance $first (instantiate $Middle (with "log" (func $log))))
  (instance $second (instantiate $Middle (with "log" (func $log))))
  (alias export $first "both" (instance $first-both))
  (alias export $first-both "x" (instance $first-x))
  (alias export $second "inner" (component $Again))
  (instance $third (instantiate $Again (with "log" (func $log))))
  (export "a" (func $first-x "a"))
  (export "b" (func $second "both" "y" "b"))
  (export "c" (func $third "a"))
  ;; Straight through: from an import to an export, with no core code between.
  (export "log-too" (func $log)))
