;; values: imported values, a start function that consumes and makes them, and an
;; exported one. Gated: no engine runs this.
(component
  (import "greeting" (value $greeting string))
  (import "f" (func $f (param "x" string) (result u32)))
  (start $f (value $greeting) (result (value $answer)))
  (export "answer" (value $answer)))
