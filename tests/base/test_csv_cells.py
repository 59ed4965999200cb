"""Cells of a CSV: nothing in them runs or steers, and every text comes back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.csv_cells import CsvStyle, csv_text, from_cell, to_cell

FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
_hostile = st.sampled_from([*FORMULA_SIGNS, *"'\",; \t\r\nu0019\\\x00\x1b\x9b\u202e", "\\u001b"])


@given(st.text() | st.lists(_hostile).map("".join))
def test_every_text_comes_back(text: str) -> None:
    """Whatever it has of what is marked and escaped already."""
    assert from_cell(to_cell(text)) == text


@given(
    st.lists(st.lists(_hostile).map("".join), min_size=1, max_size=3),
    st.sampled_from((",", ";", "\t")),
)
def test_no_cell_begins_like_a_formula(texts: list[str], separator: str) -> None:
    """Whatever the spreadsheet takes for the separator."""
    columns = [str(index) for index in range(len(texts))]
    text = csv_text(columns, [dict(zip(columns, texts, strict=True))])
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        for cell in row:
            assert cell.lstrip('" \t\r\n')[:1] not in tuple(FORMULA_SIGNS)


def test_each_row_is_a_line_and_what_is_not_there_an_empty_cell() -> None:
    """Texts as cells are, numbers as they are; the line of names only where it is wanted."""
    rows: list[dict[str, object]] = [
        {"note": "=1", "deg": 2.5},
        {"note": None, "deg": -3, "more": "x"},
    ]

    lines = "'=1,2.5\n,-3\n"
    assert csv_text(["note", "deg"], rows) == f"note,deg\n{lines}"
    assert csv_text(["note", "deg"], rows, header=False) == lines


@given(st.text() | st.lists(_hostile).map("".join))
def test_no_cell_steers_a_terminal(text: str) -> None:
    """Tabs and line breaks are what a note may have."""
    signs = set(to_cell(text)) - set("\t\n")
    assert not [sign for sign in signs if sign < " " or "\x7f" <= sign <= "\x9f"]
    assert not signs & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    "text", ["", "plain", "it's", "'quoted'", "a - b, c", "3/10; neck", r"C:\Users\me", "Ünïcode ✓"]
)
def test_an_ordinary_text_is_its_own_cell(text: str) -> None:
    """People read these."""
    assert to_cell(text) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("-5", "'-5"),
        ("a;=1", "a;'=1"),
        ("a\n  @x", "a\n  '@x"),
        ("\x1b[2J\x07", r"\u001b[2J\u0007"),
        (r"\u001b", r"\\u001b"),
    ],
)
def test_what_would_run_is_marked_and_what_would_steer_is_written_out(text: str, cell: str) -> None:
    """In a way that people understand, too."""
    assert to_cell(text) == cell


@pytest.mark.parametrize(
    ("encoding", "separator", "mark"),
    [("utf-7", ",", "."), ("utf-8", "e", "."), ("utf-8", ",", "e")],
)
def test_no_other_style_is_accepted(encoding: str, separator: str, mark: str) -> None:
    """An export may name any."""
    with pytest.raises(ValueError, match="no CSV"):
        CsvStyle(encoding=encoding, separator=separator, decimal_mark=mark)


@pytest.mark.parametrize(
    ("style", "encoding", "separator", "half"),
    [
        (CsvStyle(), "utf-8", ",", "0.5"),
        (CsvStyle.for_excel("."), "utf-16", "\t", "0.5"),
        (CsvStyle.for_excel(","), "utf-16", "\t", "0,5"),
    ],
)
def test_a_style_writes_numbers_as_they_are_read_where_it_is_opened(
    style: CsvStyle, encoding: str, separator: str, half: str
) -> None:
    """Only fractions have a mark; a text is a cell like any other."""
    assert (style.encoding, style.separator) == (encoding, separator)
    assert style.cell(0.5) == half
    assert style.number(half) == 0.5
    assert [style.cell(value) for value in (None, 3, "=1")] == [None, 3, "'=1"]
    with pytest.raises(ValueError, match="could not convert"):
        style.number("half")
