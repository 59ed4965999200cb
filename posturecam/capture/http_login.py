"""How a camera is told user and password over HTTP or RTSP: RFC 7617 (Basic), RFC 7616 (Digest)."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from hashlib import md5, sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posturecam.base.addresses import Address

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": md5, "SHA-256": sha256}


def login_for(
    challenges: Iterable[str], address: Address, *, method: str, uri: str, nonce_of_ours: str = ""
) -> str | None:
    """The `Authorization` that answers one of the challenges; None when there is none to give.

    Digest goes before Basic: it does not say the password itself. The challenges are values of
    `WWW-Authenticate`, one scheme each, and the `uri` is as the request names it. Our nonce is a
    word that was not used before; made up where none is given.
    """
    if address.user is None:
        return None
    by_scheme = {text.partition(" ")[0].lower(): text.partition(" ")[2] for text in challenges}
    nonce_of_ours = nonce_of_ours or secrets.token_hex(8)
    if "digest" in by_scheme:
        asked = {
            key.lower(): quoted or bare for key, quoted, bare in _PAIR.findall(by_scheme["digest"])
        }
        if (answer := _digest(asked, address, (method, uri), nonce_of_ours)) is not None:
            return answer
    if "basic" in by_scheme:
        return "Basic " + b64encode(f"{address.user}:{address.password}".encode()).decode()
    return None


def _digest(
    asked: dict[str, str], address: Address, requested: tuple[str, str], cnonce: str
) -> str | None:
    algorithm = asked.get("algorithm", "MD5").upper()
    offers = {offer.strip() for offer in asked.get("qop", "").split(",")}
    if algorithm not in _HASHES or "nonce" not in asked or not offers & {"", "auth"}:
        return None

    def digest(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode()).hexdigest()

    realm, nonce = asked.get("realm", ""), asked["nonce"]
    secret = digest(str(address.user), realm, address.password)
    request = digest(*requested)
    fields = {"username": str(address.user), "realm": realm, "nonce": nonce, "uri": requested[1]}
    bare = {"algorithm": algorithm}
    if "auth" in offers:
        bare |= {"qop": "auth", "nc": "00000001"}
        fields |= {
            "cnonce": cnonce,
            "response": digest(secret, nonce, "00000001", cnonce, "auth", request),
        }
    else:
        fields["response"] = digest(secret, nonce, request)
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    quoted = (f'{key}="{_escaped(value)}"' for key, value in fields.items())
    return "Digest " + ", ".join([*quoted, *(f"{key}={value}" for key, value in bare.items())])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
