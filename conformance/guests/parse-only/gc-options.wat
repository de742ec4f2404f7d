;; gc-options: the options that let a lowered function take references instead of
;; memory. Gated: no engine runs this.
(component
  (import "f" (func $f (param "a" u32) (result u32)))
  (core type $f' (func (param i32) (result i32)))
  (core func $lowered (canon lower (func $f) gc (core-type $f')))
  (core instance (export "f" (func $lowered))))
