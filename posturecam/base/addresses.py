"""The address of a camera on the network: taken apart strictly, shown without its secrets.

An address may hold a password, and a token anywhere behind its host. What is shown, logged or said
of one is its scheme, host and port; the rest goes to the camera only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from posturecam.base.errors import SourceError
from posturecam.base.language import Sentence

PORTS = {"http": 80, "https": 443, "rtsp": 554}
"""The schemes that are understood, with their usual ports."""

HIDDEN = "..."

_AUTHORITY = re.compile(r"([^:/?#]*)://([^/?#\\]*)")
_HOST = re.compile(r"[^\W_]([\w.-]*[^\W_])?\.?|\[[0-9A-Fa-f:.]+(%\w+)?\]")
_TO_BE_SENT = "%/:=&?+!$,;'()*[]~"  # what has a meaning in a target, or none that needs hiding

# In a text from elsewhere a password may hold anything but a line break: it ends at the last @.
_IN_TEXT = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^\n]*@)?(?P<rest>[^\s'\"<>()]*)"
    r"|[^\s'\"<>():]+:[^\s'\"<>()]*@[^\s'\"<>()]*"
)
# What ends a sentence, or introduces a reason, is no part of a port.
_SHOWN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?(?:(?=[/?#])|[.,;:]?$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a camera on the network is, and what it is asked for.

    Attributes:
        scheme: a key of `PORTS`.
        host: name or number; IPv6 without brackets.
        port: always a number.
        user: None where the address names none; decoded, like `password`.
        password: may be empty.
        target: path and query as they are sent, beginning with a slash.
    """

    scheme: str
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    target: str = field(default="/", repr=False)

    @property
    def shown(self) -> str:
        """The address as anybody may read it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def secret_url(self) -> str:
        """All of it, for who calls the camera; never to be shown."""
        login = (
            "" if self.user is None else f"{quote(self.user, safe='')}:{quote(self.password, '')}@"
        )
        return f"{self.scheme}://{login}{self.authority}{self.target}"


def parse_address(text: str) -> Address:
    """The address in `text`.

    Raises:
        SourceError: it is none of a camera, or can be read in two ways; nothing of it is repeated.
    """
    found = _AUTHORITY.match(text)
    if found is None or found[1].lower() not in PORTS or not text.isprintable() or " " in text:
        raise _refusal()
    if "@" in text[found.end() :]:
        raise SourceError(
            Sentence(
                "This address cannot be used as a camera: it is not clear where its password ends."
            ),
            Sentence(
                "In a user or a password write / as %2F, # as %23 and ? as %3F; elsewhere @ as %40."
            ),
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refusal() from error
    login, at, place = parts.netloc.rpartition("@")
    host = place if port is None else place.removesuffix(f":{place.rpartition(':')[2]}")
    if port == 0 or not _HOST.fullmatch(host):
        raise _refusal()
    user, _, password = login.partition(":")
    path = quote(parts.path or "/", safe=_TO_BE_SENT)
    query = f"?{quote(parts.query, safe=_TO_BE_SENT)}" if parts.query else ""
    return Address(
        scheme=found[1].lower(),
        host=host.strip("[]"),
        port=port or PORTS[found[1].lower()],
        user=unquote(user) if at else None,
        password=unquote(password),
        target=f"{path}{query}",
    )


def without_secrets(text: str) -> str:
    """The `text` with scheme, host and port left of every address in it."""
    return _IN_TEXT.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    if found["scheme"] is None:
        return HIDDEN
    host = _SHOWN.match(found["rest"])
    return f"{found['scheme']}://{host[0] if host else HIDDEN}"


def _refusal() -> SourceError:
    return SourceError(
        Sentence("This address cannot be used as a camera."),
        Sentence("Write it like http://192.168.1.20:8080/video or rtsp://192.168.1.20/live."),
    )
