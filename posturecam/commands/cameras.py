"""The cameras there are, and which of them a watch would use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from posturecam.base.addresses import without_secrets
from posturecam.base.errors import SourceError, SourceRefusedError
from posturecam.base.language import Sentence, _, shown
from posturecam.capture.camera_sizes import Offer, offer_of
from posturecam.capture.devices import CameraDevice, CameraDevices, device_of


def camera_lines(
    source: str,
    devices: CameraDevices,
    offer: Callable[[str], Offer | None] = offer_of,
) -> Iterator[str]:
    """Every video device, what it is, and whether a watch of `source` would use it.

    None of them is started.

    Raises:
        SourceError: there is none, or none can be listed here.
    """
    if not devices.lists:
        raise SourceError(
            Sentence("This system lists no cameras without opening them."),
            Sentence("Try them by number: posturecam calibrate --check --source 0"),
        )
    there = devices.devices()
    if not there:
        raise SourceError(
            Sentence("No camera was found."), Sentence("Plug one in, then: posturecam cameras")
        )
    used, why_none = _used(source, devices)
    for device in there:
        yield device.shown
        offered = offer(device.path) if device.captures else None
        for line in (_kind(device, offered), _sizes(offered), _stable(device)):
            if line:
                yield f"  {line}"
        if device == used:
            yield "  " + _("a watch uses this one: the source is {source}").format(source=source)
    if used is None:
        yield why_none


def _used(source: str, devices: CameraDevices) -> tuple[CameraDevice | None, str]:
    """The one that a watch would use, or None and why."""
    text = _("A watch uses none of them: the source is {source}.")
    try:
        return device_of(source, devices), text.format(source=without_secrets(source))
    except SourceRefusedError as error:
        return None, f"{shown(error.what)} {shown(error.remedy)}"


def _kind(device: CameraDevice, offered: Offer | None) -> str:
    if not device.captures:
        return _("no pictures: a camera's second device, for its metadata")
    if device.virtual:
        return _("virtual: another program delivers its pictures")
    if device.infrared or (offered is not None and offered.grey):
        return _("infrared: made to log in by, without colours")
    return ""


def _sizes(offered: Offer | None) -> str:
    if offered is None or not offered.sizes_px:
        return ""
    sizes = [f"{width}x{height}" for width, height in offered.sizes_px]
    shown = sizes if len(sizes) <= 4 else [sizes[0], "...", sizes[-1]]
    return _("sizes: {sizes}").format(sizes=", ".join(shown))


def _stable(device: CameraDevice) -> str:
    return _("always found as: {link}").format(link=device.stable) if device.stable else ""
