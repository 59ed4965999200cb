"""What a day, or several, were made of.

In: rows of the log. Out: a review as a value, as text, as JSON or CSV, as a page. May import:
`outputs` for its words, `values`, `base`; no clock and no settings of its own.
"""
