;; names: every form that an import's or export's name takes, and exports with a
;; type ascribed.
(component
  (import "plain-name" (func $plain))
  (import "ns:pkg/iface" (instance (export "f" (func))))
  (import "ns:pkg/versioned@1.2.3-rc.1+build.5" (instance $versioned (export "f" (func $f))))
  (import "ns:pkg/canonical@1" (versionsuffix ".4.7") (instance (export "f" (func))))
  (import "primary" (implements "ns:pkg/store@1.0.0") (instance (export "get" (func (result u32)))))
  (import "backup" (implements "ns:pkg/store@1.0.0") (instance (export "get" (func (result u32)))))
  (import "outside" (external-id "some id") (func))
  (import "stuff" (instance
    (export "r" (type $r (sub resource)))
    (export "[constructor]r" (func (result (own $r))))
    (export "[method]r.m" (func (param "self" (borrow $r))))
    (export "[static]r.s" (func))))
  (alias export $versioned "f" (func $f))

  ;; An export defines an index too: the second exports what the first defined.
  (export $again "again" (func $f))
  (export "ns:pkg/out@0.2.0" (instance $versioned))
  (export "ascribed" (func $again) (func))
  (export "secondary" (implements "ns:pkg/out@0.2.0") (instance $versioned))
  (type $point (record (field "x" u32)))
  (export $exported "point" (type $point))
  (type $points (list $exported))
  (export "points" (type $points)))
