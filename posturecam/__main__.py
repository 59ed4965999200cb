"""`python -m posturecam` and the console script."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif hasattr(stream, "reconfigure"):
            # A terminal or pipe that cannot show "█" or "°" shows something else instead.
            stream.reconfigure(errors="replace")
    try:
        from posturecam.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except ImportError as error:
        print(f"posturecam: The installation is incomplete: {error}.", file=sys.stderr)
        print("Install posturecam again, the way it was installed.", file=sys.stderr)
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
