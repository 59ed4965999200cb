"""The program with a pose model that costs nothing: `python -m tests.light_watch watch ...`.

For tests of what the machine does to a watch, which need many of them and no judgement.
"""

from __future__ import annotations

from functools import partial

from posturecam import watching
from posturecam.__main__ import main
from tests.fakes import FakeLandmarker, sitter

if __name__ == "__main__":
    watching.run_watch = partial(
        watching.run_watch, open_landmarker=lambda _: FakeLandmarker(lambda _: (sitter(),))
    )
    main()
