"""Durations as people write and read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.durations import (
    LONGEST_S,
    format_duration,
    parse_duration_s,
    written_duration,
)
from posturecam.base.errors import UsageError
from posturecam.outputs.words import waited_text


@pytest.mark.parametrize(
    ("text", "expected_s"),
    [
        ("90", 90),
        ("90s", 90),
        ("20m", 1200),
        ("1h30m", 5400),
        ("1H", 3600),
        (" 2m30s ", 150),
        ("0.5h", 1800),
        ("168h", 604800),
        ("5 m", 300),
        ("20min", 1200),
        ("20 minutes", 1200),
        ("1 hour", 3600),
        ("2 h 05 min", 7500),
        ("1 minute 30 seconds", 90),
    ],
)
def test_reads_what_the_help_promises(text: str, expected_s: float) -> None:
    """Hours, minutes and seconds in that order, in full or as they are printed; seconds alone."""
    assert parse_duration_s(text) == expected_s


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0s",
        "-5",
        "abc",
        "5x",
        "1m1h",
        "1e3",
        "nan",
        "inf",
        "169h",
        "\uff11m",
        "5 x",
        "m",
        "5 5",
    ],
)
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    """What is not a duration says how to write one."""
    with pytest.raises(UsageError, match="1h30m"):
        parse_duration_s(text)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """Never another error, never zero, never beyond a week."""
    try:
        seconds = parse_duration_s(text)
    except UsageError:
        return
    assert 0 < seconds <= 7 * 24 * 3600


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (59.6, "60 s"),
        (90, "90 s"),
        (119.6, "2 min"),
        (180, "3 min"),
        (3570, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (math.nan, "-"),
    ],
)
def test_reads_short(seconds: float, expected: str) -> None:
    """Seconds below two minutes, minutes below an hour, both above."""
    assert format_duration(seconds) == expected


@pytest.mark.parametrize("text", ["90s", "1m", "20m", "1h", "1h1m", "24h"])
def test_a_duration_is_written_as_people_write_it(text: str) -> None:
    """Without a part that is zero."""
    assert written_duration(parse_duration_s(text)) == text


@given(st.integers(1, int(LONGEST_S)) | st.sampled_from([0.5, 2.25]))
def test_a_written_duration_is_read_again(seconds: float) -> None:
    """Nothing is lost on the way into a config file and back."""
    assert parse_duration_s(written_duration(seconds)) == seconds


@given(st.floats(0, 1e6), st.floats(0.1, 1e6))
def test_a_part_is_never_said_to_be_more_than_the_whole(lasted_s: float, after_s: float) -> None:
    """`78 s of 20 s` is no part."""
    text = waited_text(lasted_s, after_s)
    assert (" of " in text) == (lasted_s <= after_s)


def test_a_wait_that_is_over_says_by_how_much() -> None:
    """The whole is no longer of interest."""
    assert waited_text(480, 1200) == "8 min of 20 min"
    assert waited_text(78, 20) == "overdue by 58 s"
