"""A user who may not do what others may."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOBODY = 65534


@contextmanager
def without_rights(path: Path) -> Iterator[None]:
    """Nobody may read the file, or look into the folder, until the end of the block.

    Root may always, and is somebody else meanwhile, who does not get as far as there.
    """
    mode = path.stat().st_mode
    is_root = os.geteuid() == 0
    path.chmod(0)
    if is_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        path.chmod(mode)
