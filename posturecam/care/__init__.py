"""Moves at the desk, the pain journal, and the questions that say when to see somebody.

In: answers. Out: moves to offer, advice with its source. May import: `outputs`, `log`, `values`,
`base`; only `journal` reads or writes.
"""
