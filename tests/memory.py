"""How much memory this process takes while something is tried in it."""

from __future__ import annotations

import resource
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def grows_by_less_than(most_mb: float) -> Iterator[None]:
    """Fails if the process becomes so much larger meanwhile, be it for a moment.

    How large other tests had made it before is forgotten where the system can (proc(5)): what is
    tried could grow up to that unseen.
    """
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before_mb = _largest_mb()
    yield
    assert _largest_mb() - before_mb < most_mb


def _largest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
