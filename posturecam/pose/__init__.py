"""Who is in a picture, and where their joints are: the pose model and what is measured on it.

In: `Frame`. Out: `Detection`, `Landmarks`, `Measures`. May import: `values`, `base`; only
`landmarker` loads MediaPipe, in a thread that the kernel keeps off the network.
"""
