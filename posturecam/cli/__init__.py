"""The words of the command line. Nothing is decided here, and nothing heavy is imported.

In: words. Out: a call into `commands`, an exit code. May import: everything, when it is needed.
"""
