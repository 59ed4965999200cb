"""How the sitter differs from the baseline: angles, a state, a position, a baseline taken anew.

In: `Detection`, `Baseline`. Out: `Observation`, `Reading`. May import: `pose`, `values`, `base`;
all but `profiles`, which stores baselines, is pure.
"""
