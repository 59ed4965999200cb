"""The log: one SQLite file with what was seen, when and for how long. Never a picture.

In: a `Tick` for each turn. Out: rows and sums of any span. May import: `values`, `base`.
"""
