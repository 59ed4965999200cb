"""Rendered sitters: a parametric body at a desk before a webcam, with exact truth.

In: a seed and the assets that `assets.json` names. Out: pictures and, for each, the true points,
angles and camera. `truth`, `scenes`, `plan`, `appearance` and `webcam` only compute and need no
more than NumPy; the others need what `requirements.txt` names, in an environment of their own.

World axes: x to the sitter's left, y up, z from the sitter towards a camera in front; metres. Left
and right are the sitter's own.
"""

GENERATOR_VERSION = 1
"""Another number makes other sitters of the same seed."""
