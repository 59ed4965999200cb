"""The values that travel between the stages, one for each arrow of the pipeline.

In: nothing. Out: frozen values with units in their names. May import: `base`; all of it is pure.
"""
