"""The channel as a socket in the file system: what a Unix has, and only this user reaches."""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from posturecam.base.errors import DataError
from posturecam.base.files import own_user
from posturecam.base.language import Sentence
from posturecam.base.paths import PRIVATE_FILE, PRIVATE_FOLDER

_BACKLOG = 64
_PEER: int | None = getattr(socket, "SO_PEERCRED", None)


class Sockets:
    """Listens and connects at a socket of mode 0600."""

    def listen(self, address: Path) -> socket.socket:
        """A listener that never blocks. Raises `OSError`."""
        if sys.platform == "win32":
            raise NotImplementedError  # `pipes` is there for it
        _refuse_strange_folder(address.parent)
        # It gets its name when it listens: whoever sees it is not refused, and is heard.
        unnamed = address.with_suffix(".new")
        unnamed.unlink(missing_ok=True)
        with ExitStack() as undo:
            undo.callback(unnamed.unlink, missing_ok=True)
            listener = undo.enter_context(socket.socket(socket.AF_UNIX))
            # The mode of a socket comes from the mask, and must keep others out from the beginning.
            # The mask is that of all threads: one may be making a folder that it has to use.
            mask = os.umask(0o777 & ~PRIVATE_FOLDER)
            try:
                listener.bind(str(unnamed))
            finally:
                os.umask(mask)
            unnamed.chmod(PRIVATE_FILE)
            listener.listen(_BACKLOG)
            listener.settimeout(0.0)
            unnamed.replace(address)
            undo.pop_all()
        return listener

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Two ends: what one says, the other hears."""
        return socket.socketpair()

    def selector(self) -> Any:
        """Waits for several ends at once; a `selectors.BaseSelector`, as `PipeSelector` is."""
        return selectors.DefaultSelector()

    def connect(self, address: Path, patience_s: float) -> socket.socket:
        """An end that waits for at most `patience_s`.

        Raises:
            FileNotFoundError: nobody listens; or `ConnectionRefusedError`.
            TimeoutError: it takes too long.
            DataError: it belongs to somebody else.
            OSError: something else is wrong with it.
        """
        if sys.platform == "win32":
            raise NotImplementedError
        with ExitStack() as undo:
            end = undo.enter_context(socket.socket(socket.AF_UNIX))
            end.settimeout(patience_s)
            end.connect(str(address))
            if peer_user(end) not in (None, own_user()):
                raise DataError(
                    Sentence("{address} belongs to somebody else.", address=address),
                    Sentence("Remove it."),
                )
            undo.pop_all()
        return end

    def is_welcome(self, end: Any) -> bool:
        """Whether the same user is at the other end. Raises `OSError`."""
        return peer_user(end) in (None, own_user())


def peer_user(connection: socket.socket, option: int | None = _PEER) -> int | None:
    """User id of the other end; None where the system does not tell, and the file's mode decides.

    Linux says it; elsewhere nobody else can open the socket either. The `option` of a socket tells
    who is at the other end; None where there is no such.
    """
    if option is None:
        return None
    credentials = struct.Struct("3i")
    packed = connection.getsockopt(socket.SOL_SOCKET, option, credentials.size)
    _process, user, _group = credentials.unpack(packed)
    return int(user)


def _refuse_strange_folder(folder: Path) -> None:
    """Makes the folder if need be; one that others own could be made to lead elsewhere."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.stat().st_uid != own_user():
        raise PermissionError(None, Sentence("{folder} belongs to somebody else", folder=folder))
