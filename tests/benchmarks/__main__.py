"""`make bench`: what posturecam costs. `python -m tests.benchmarks frame watch` runs some of it."""

from __future__ import annotations

import sys

from tests.benchmarks import day, frame, log, startup, watch

BENCHMARKS = {
    "frame": frame.main,
    "log": log.main,
    "startup": startup.main,
    "day": day.main,
    "watch": watch.main,
}


def main(names: list[str]) -> int:
    """Runs the benchmarks of these names, all without one; 1 when a budget is exceeded."""
    within = [BENCHMARKS[name]() for name in names or BENCHMARKS]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
