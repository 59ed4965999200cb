"""A baseline beside a running watch: its camera is borrowed, and it goes on with what was taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from posturecam.base.errors import NotRunningError
from posturecam.capture.find import find_source
from posturecam.values.commands import Word
from posturecam.watch.client import ask, borrowing
from posturecam.watch.protocol import command_request

if TYPE_CHECKING:
    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.values.settings import Settings
    from posturecam.watch.lending import Loan

Given = Mapping[str, str | None]
"""What of `source`, `profile` and `model` was named, by these names."""


def is_live(settings: Settings, clock: Clock) -> bool:
    """Whether the source is a camera or a stream, before which somebody sits; nothing is opened.

    Raises:
        SourceError: there is no such source.
    """
    source, certificate = settings.source, settings.camera_certificate
    return find_source(source, clock=clock, certificate=certificate).live


@contextmanager
def camera_of_watch(
    paths: AppPaths, settings: Settings, given: Given, clock: Clock
) -> Iterator[Loan | None]:
    """Has the watch that runs let go of its camera until the end of the block; what it says.

    Whatever ends that, this program included, the watch takes the camera back, and goes on with the
    baseline that is kept then. The settings have what was `given` over the config file.

    Raises:
        AlreadyRunningError: another program has borrowed it.
        DataError: the watch does not let go of it.
        SourceError: there is no such source.
    """
    with ExitStack() as stack:
        loan = None
        if given.get("source") is None or is_live(settings, clock):
            with suppress(NotRunningError):
                loan = stack.enter_context(borrowing(paths.control))
        yield loan


def as_watched(loan: Loan | None, settings: Settings, given: Given) -> Settings | None:
    """The settings with camera, model and profile of the watch, so that it can go on with it.

    What was `given` stands over the config file, and goes before. None where the watch has nothing
    to say: there is none, or another source was given.
    """
    if loan is None or loan.source is None or given.get("source") is not None:
        return None
    watched = {"source": loan.source, "model": loan.model, "profile": loan.profile}
    asked = {name: value for name, value in given.items() if value is not None}
    return settings.having(
        {name: value for name, value in watched.items() if value is not None} | asked
    )


def goes_on_with(paths: AppPaths, profile: str) -> bool:
    """Has the watch that runs go on with what is kept of its profile; whether that is this one.

    Raises:
        DataError: it does not answer.
    """
    with suppress(NotRunningError):
        return ask(paths.control, command_request(Word.RELOAD)).get("profile") == profile
    return False
