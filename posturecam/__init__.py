"""posturecam watches how one sits, by webcam, and says when a posture has lasted too long.

camera -> Frame -> landmarker -> Detection -> sitter -> Landmarks -> angles -> Measures
       -> angle_model (deviation from the baseline) -> Observation -> posture -> Reading
       -> policy -> events -> display, notify, store -> review -> render

`monitor` is the one loop that drives it. `judging` joins the pure stages from Detection to
Reading. Only `opencv`, `drawing` and `preview_window` import cv2, only `landmarker` imports
mediapipe, only `clock` reads a clock.
"""

__version__ = "0.1.0"
