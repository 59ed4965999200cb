"""Cameras, streams, videos and photos as one sequence of frames.

In: what the user names as a source. Out: `Frame`, or why there is none. May import: `pose` (which
way up is a picture), `values`, `base`; only `opencv` loads cv2, and each header is read before it.
"""
