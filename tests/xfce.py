"""A real panel: that of Xfce, which draws icons of today and their menus."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.desktops import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS_SERVICE = next(Path("/usr/lib").glob("*/xfce4/xfconf/xfconfd"), None)
HAS_PANEL = bool(SETTINGS_SERVICE and shutil.which("xfce4-panel"))
HEIGHT_PX = 30
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{height_px}"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""


@contextmanager
def xfce_panel(
    folder: Path, environment: Mapping[str, str], *, dark: bool = False
) -> Iterator[None]:
    """The panel along the top, with nothing on it but the tray, whose first icon is at the left."""
    file = folder / "xfce4" / "xfconf" / "xfce-perchannel-xml" / "xfce4-panel.xml"
    file.parent.mkdir(parents=True)
    text = SETTINGS.format(dark=str(dark).lower(), height_px=HEIGHT_PX)
    file.write_text(text, encoding="utf-8")
    of_panel = dict(environment) | {
        "XDG_CONFIG_HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "NO_AT_BRIDGE": "1",
    }
    with ExitStack() as stack:
        stack.enter_context(running(str(SETTINGS_SERVICE), environment=of_panel))
        command = ("xfce4-panel", "--disable-wm-check")
        stack.enter_context(running(*command, environment=of_panel))
        yield
