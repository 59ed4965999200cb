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
    beyond = [name for name in names or BENCHMARKS if not BENCHMARKS[name]()]
    if beyond:
        print(f"beyond the budget: {', '.join(beyond)}", file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
