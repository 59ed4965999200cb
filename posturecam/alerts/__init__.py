"""When the sitter is alerted, and when not.

In: `Reading`, settings, what suppresses alerts. Out: events. May import: `values`, `base`; pure.
"""
