"""posturecam watches how one sits, by webcam, and says when a posture has lasted too long.

    capture   camera, stream, video, photo -> Frame
    pose      Frame -> Detection -> the sitter's Landmarks -> Measures
    posture   Measures, Baseline -> Observation -> Reading (state, position)
    alerts    Reading -> events
    watch     the one loop that drives these, and what controls it
    outputs   what a person sees and hears of it        log     what is kept of it
    review    what days were made of                    care    moves, pain, when to see somebody
    system    what the desktop says                     commands, cli   what a user can type
    tray      an icon on the desktop, in a process of its own

The packages below all of them are `values`, what travels along the arrows, and `base`. A package
imports only from those before it; the first three lines of each say what comes in, what goes out
and what it may import. Only `capture.opencv`, `pose.face_landmarker`, `outputs.drawing` and
`outputs.preview_window` import cv2, only `pose.landmarker` imports mediapipe, only `tray` imports
Qt, only `base.clock` reads a clock.
"""

__version__ = "0.1.0"
