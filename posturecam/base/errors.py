"""Everything posturecam refuses, and what it exits with then.

Every message says what happened and, after it, what to do.
"""

from __future__ import annotations

from typing import ClassVar

from posturecam.base.language import Sentence

INSTALL_AGAIN = Sentence("Install posturecam again, the way it was installed.")
"""What to do when a part of the program itself is missing or damaged."""


MORE_FILES = Sentence("Allow more, and start again: ulimit -n 1024")
"""What to do when too few may be open at once."""


class PosturecamError(Exception):
    """Something the user can act on; `exit_code` is what the program ends with."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n{self.remedy}" if self.remedy else self.what

    def said(self, by: str = " ") -> Sentence:
        """What happened and what to do, in one line or with another `by` between."""
        return Sentence.joined((self.what, self.remedy), by)


class InstallationError(PosturecamError):
    """The program cannot run as installed: a library, a version or a file is missing."""


class OutputClosedError(PosturecamError):
    """Nobody reads what is printed any more; there is nothing left to do and nobody to tell."""

    exit_code = 0


class UsageError(PosturecamError):
    """A word on the command line or in the config makes no sense."""

    exit_code = 2


class SourceError(PosturecamError):
    """There is no usable camera, video or picture, or it went away."""

    exit_code = 3


class SourceBusyError(SourceError):
    """The camera is there, and something else is probably using it: it may come free."""


class SourceRefusedError(SourceError):
    """What is there says no, or is another camera: that is for the user to change."""


class SourceTooLargeError(SourceError):
    """What is there takes more memory than may be; no further try can change that."""


class BaselineError(PosturecamError):
    """There is no baseline, or the one found or taken cannot be used."""

    exit_code = 4


class AlreadyRunningError(PosturecamError):
    """Another watch is using the same data folder."""

    exit_code = 5


class DataError(PosturecamError):
    """A stored file is damaged, or the disk takes no more."""

    exit_code = 6


class NotRunningError(PosturecamError):
    """No watch is running that could be controlled."""

    exit_code = 7

    def __init__(self) -> None:
        super().__init__(
            Sentence("No watch is running."), Sentence("Start one with: posturecam watch")
        )
