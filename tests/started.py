"""Programs that a test starts."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, AnyStr

if TYPE_CHECKING:
    from types import TracebackType


class Started(subprocess.Popen[AnyStr]):
    """A program that is killed when something fails in the block that started it.

    `Popen` alone waits for its end: a test that failed would hang instead.
    """

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Waits for it, after a failure only for it to be dead."""
        if exc_type is not None:
            self.kill()
        super().__exit__(exc_type, value, traceback)
