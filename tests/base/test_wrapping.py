"""Texts in lines of so many columns."""

from __future__ import annotations

import pytest

from posturecam.base.wrapping import wrapped


@pytest.mark.parametrize("columns", range(12, 60))
def test_a_number_and_its_unit_stay_on_one_line(columns: int) -> None:
    """At whatever width; and nothing is lost."""
    text = "watched 27 s: upright 1 h 03 min, unknown 0 s; 3 changes, 12 alerts"
    lines = wrapped(text, columns)
    assert max(map(len, lines)) <= columns
    assert not any(line[-1].isdigit() for line in lines)
    assert " ".join(lines) == text


def test_lines_are_indented_and_a_command_stays_whole() -> None:
    """As for `textwrap`."""
    text = "end it: posturecam watch --no-notify"
    indented = wrapped(text, 22, initial_indent="- ", subsequent_indent="  ")
    assert indented == ["- end it: posturecam", "  watch --no-notify"]
    assert wrapped("of a well-known kind", 11) == ["of a well-", "known kind"]
    whole = wrapped("of a well-known kind", 11, break_on_hyphens=False)
    assert whole == ["of a", "well-known", "kind"]
