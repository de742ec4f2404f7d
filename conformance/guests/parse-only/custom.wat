;; custom: custom sections before, between, inside and after everything else, two
;; of them of one name, one empty; and names for what can be named.
(component $named
  (@custom "first" "before everything")
  (core module $module
    (@custom "inside" (before first) "in a core module")
    (func $function (export "f"))
    (@custom "inside" (after code) "of the same name"))
  (@custom "empty" "")
  (core instance $instance (instantiate $module))
  (component $nested (@custom "nested" "\00\01\ff"))
  (func (export "f") (canon lift (core func $instance "f")))
  (@custom "first" "after everything"))
