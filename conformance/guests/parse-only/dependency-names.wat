;; dependency-names: imports that name where a component is to be had. The text and
;; binary formats still have them; newer validators no longer take them.
(component
  (import "unlocked-dep=<ns:pkg@{>=1.0.0 <2.0.0}>" (component))
  (import "locked-dep=<ns:pkg@1.0.0>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>" (component))
  (import "url=<https://example.com/component.wasm>" (component))
  (import "integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>" (component)))
