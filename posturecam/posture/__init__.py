"""How the sitter differs from the baseline: angles, a state, a position, a baseline taken anew.

In: `Detection`, `Baseline`. Out: `Observation`, `Reading`. May import: `capture` (its thumbnails),
`pose`, `values`, `base`; all but `profiles`, `profile_file` and `taught`, which store, is pure.
"""
