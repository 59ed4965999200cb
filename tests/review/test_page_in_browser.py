"""The page in a real browser: drawn, zoomed, read by keyboard and screen reader, printed, offline.

Pictures of it are left in `artefacts/`, for people to look at.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from posturecam.base.local_time import HOUR_MS
from posturecam.commands.review_page import LIBRARY_FILE, write_page
from posturecam.commands.review_pages import ReviewPages
from posturecam.review.span_page import span_html
from posturecam.review.usual import review_span
from posturecam.values.events import AlertKind
from posturecam.values.observation import UnknownReason
from posturecam.values.settings import PolicySettings
from tests.logs import write_log
from tests.review.test_page import EVIL, evil_rows
from tests.review.test_span_trends import days
from tests.rows import BERLIN, DAY, NINE_MS, ROWS, UNKNOWN, UPRIGHT, alert, interval, log_with
from tests.waiting import DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=1000 * DEADLINE_S)
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("needs Debian's chromium", allow_module_level=True)

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DESKTOP, PHONE = (1280, 800), (390, 844)
INK, INK_IN_THE_DARK = "rgb(27, 31, 36)", "rgb(232, 234, 237)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # The sandbox cannot be set up by root, as on a build machine.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a full day with ten weeks before it."""
    folder = tmp_path_factory.mktemp("review")
    day = datetime(2026, 11, 20, tzinfo=UTC).date()
    write_log(folder / "log.db", first=datetime(2026, 9, 7, tzinfo=UTC).date(), last=day)
    file = folder / "day.html"
    write_page(
        folder / "log.db",
        day,
        BERLIN,
        now=NOW,
        file=file,
        standalone=False,
        policy=PolicySettings(),
    )
    return file


@pytest.fixture(scope="module")
def shelf(page_file: Path) -> Path:
    """The folder of a page with those that it leads to."""
    folder = page_file.parent / "reviews"
    made = ReviewPages(
        log_path=page_file.with_name("log.db"),
        folder=folder,
        zone=BERLIN,
        now=NOW,
        policy=PolicySettings(),
    )
    made.write_day(datetime(2026, 11, 20, tzinfo=UTC).date())
    return folder


@pytest.fixture
def visit(browser: Browser, page_file: Path) -> Iterator[Callable[..., Tab]]:
    """Opens a page as a user would, and fails if it complains or asks for anything but files."""
    contexts, complaints, requests = [], [], []

    def opened(
        file: Path = page_file, *, size: tuple[int, int] = DESKTOP, scheme: str = "light"
    ) -> Tab:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(1000 * DEADLINE_S)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(file.as_uri())
        tab.wait_for_selector("html[data-drawn]")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def unfold(tab: Tab) -> None:
    """Opens every part, and waits for its plot."""
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    expect(tab.locator(".plot:not([data-drawn])")).to_have_count(0)


def torn(tab: Tab) -> list[str]:
    """The figures that stand on another line than their unit."""
    found = tab.evaluate(
        """() => {
          const torn = [], range = document.createRange();
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text; (text = texts.nextNode());) {
            for (const part of text.data.matchAll(/\\d\\s(h|min|s|%|°)(?!\\w)/g)) {
              range.setStart(text, part.index);
              range.setEnd(text, part.index + part[0].length);
              const lines = [...range.getClientRects()].filter((line) => line.width > 1);
              if (new Set(lines.map((line) => Math.round(line.top))).size > 1) torn.push(text.data);
            }
          }
          return torn;
        }"""
    )
    return list(found)


def height_of(tab: Tab, bottom_of: str) -> float:
    """How far down an element reaches."""
    found = tab.evaluate(f"document.querySelector('{bottom_of}').getBoundingClientRect().bottom")
    return float(found)


def test_no_figure_is_torn_from_its_unit(visit: Callable[..., Tab], shelf: Path) -> None:
    """In no table and no sentence of a day, a week or a month, on the narrowest of phones."""
    tab = visit(shelf / "2026-11-20.html", size=(320, 844))
    unfold(tab)
    assert torn(tab) == []
    for span in ("week", "month"):
        tab.goto((shelf / f"2026-11-20-{span}.html").as_uri())
        assert torn(tab) == []


@pytest.mark.parametrize("width", [320, 380, 768, 1280])
def test_no_label_of_a_plot_lies_on_another(browser: Browser, tmp_path: Path, width: int) -> None:
    """Names of days, dates, levels: of a week, of some days more, of months."""
    tab = browser.new_page(viewport={"width": width, "height": 844})
    file = tmp_path / "span.html"
    for first in (date(2026, 11, 2), date(2026, 11, 25)):
        for length in (1, *range(6, 17), 30, 92):
            review = review_span(days([20] * length, first=first), ())
            file.write_text(span_html(review, nonce="n", version="1"), "utf-8")
            tab.goto(file.as_uri())
            plots = tab.evaluate(
                """() => [...document.querySelectorAll('.trend')].map((plot) =>
                  [...plot.querySelectorAll('.axis span, .level span')].map((label) => {
                    const range = document.createRange();
                    range.selectNodeContents(label);
                    const { left, right, top, bottom } = range.getBoundingClientRect();
                    return [label.textContent, left, right, top, bottom];
                  }))"""
            )
            assert [
                (one[0], other[0])
                for plot in plots
                for one, other in combinations(plot, 2)
                if one[1] < other[2]
                and other[1] < one[2]
                and one[3] < other[4]
                and other[3] < one[4]
            ] == [], length
    tab.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_first_screen_holds_what_the_day_comes_to(
    visit: Callable[..., Tab], size: tuple[int, int]
) -> None:
    """Conclusion, strip, figures and seven days; folded, all of it is two screens of a phone."""
    tab = visit(size=size)

    assert height_of(tab, ".days") <= size[1]
    assert tab.evaluate("document.documentElement.scrollHeight") <= 2 * PHONE[1]
    assert tab.evaluate("document.documentElement.scrollWidth") == size[0]
    assert tab.locator(".js-plotly-plot").count() == 0


def test_the_page_loads_itself_and_its_library_and_nothing_else(
    visit: Callable[..., Tab], page_file: Path
) -> None:
    """A log of every request the browser makes has two lines, both files."""
    tab = visit()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.reload()
    tab.wait_for_selector("html[data-drawn]")

    assert asked == [page_file.as_uri(), page_file.with_name(LIBRARY_FILE).as_uri()]
    unfold(tab)
    assert tab.locator(".plot[data-drawn]").count() == 3
    assert len(asked) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [
        ("light", DESKTOP, "light"),
        ("dark", DESKTOP, "dark"),
        ("phone", PHONE, "light"),
    ],
)
def test_axe_finds_nothing_to_mend(
    visit: Callable[..., Tab], name: str, size: tuple[int, int], scheme: str
) -> None:
    """Contrast, names, roles, order: light and dark, wide and narrow, all parts opened."""
    from axe_playwright_python.sync_playwright import Axe

    tab = visit(size=size, scheme=scheme)
    ARTEFACTS.mkdir(exist_ok=True)
    tab.screenshot(path=ARTEFACTS / f"review-{name}.png", full_page=True)
    unfold(tab)
    found = Axe().run(tab).response["violations"]

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert tab.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.slow
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_months_and_the_calendar(
    browser: Browser, shelf: Path, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    """They have no script; links, tables and colours are as those of a day."""
    from axe_playwright_python.sync_playwright import Axe

    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    tab = context.new_page()
    for name in ("2026-11-20-month.html", "2026-11-20-week.html", "index.html"):
        tab.goto((shelf / name).as_uri())
        tab.evaluate(
            "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
        )
        found = Axe().run(tab).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def test_a_piece_of_the_day_tells_its_times_and_reasons(visit: Callable[..., Tab]) -> None:
    """Pointing at it is enough."""
    tab = visit()
    unfold(tab)
    piece = tab.locator("#plot-day .barlayer .trace").nth(2).locator("path").first
    piece.hover(force=True)

    label = tab.locator("#plot-day .hoverlayer .hovertext")
    label.wait_for()
    assert "away" in (label.text_content() or "")


@pytest.mark.slow
def test_day_and_angles_are_zoomed_together_with_buttons(visit: Callable[..., Tab]) -> None:
    """By keyboard as by mouse; the page says what is shown, and the axis names finer times."""
    tab = visit()
    unfold(tab)

    def shown(plot: str) -> list[float]:
        found = tab.evaluate(f"document.getElementById('plot-{plot}').layout.xaxis.range")
        return [float(edge) for edge in found]

    whole = shown("day")
    tab.get_by_role("button", name="Zoom in").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    expect(tab.locator("#shown")).to_contain_text("About")
    assert shown("day") == shown("angles")
    assert shown("day")[1] - shown("day")[0] == pytest.approx((whole[1] - whole[0]) / 4)
    tab.get_by_role("button", name="Later").click()
    assert shown("angles")[0] > whole[0] + (whole[1] - whole[0]) / 4
    tab.get_by_role("button", name="Whole day").click()
    assert shown("day") == whole


@pytest.mark.slow
def test_dragging_over_the_day_zooms_the_angles_too(visit: Callable[..., Tab]) -> None:
    """What is dragged across is what is shown."""
    tab = visit()
    unfold(tab)
    shown = "document.getElementById('plot-day').layout.xaxis.range"
    whole = tab.evaluate(shown)
    area = tab.locator("#plot-day .draglayer .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    tab.mouse.move(box["x"] + box["width"] * 0.25, middle)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=5)
    tab.mouse.up()
    expect(tab.locator("#shown")).to_contain_text("About")
    ranges = [
        tab.evaluate(f"document.getElementById('plot-{plot}').layout.xaxis.range")
        for plot in ("day", "angles")
    ]
    assert ranges[0] == ranges[1]
    tab.get_by_role("button", name="Whole day").click()
    assert tab.evaluate(shown) == whole


@pytest.mark.slow
def test_the_keyboard_reaches_everything_in_order(visit: Callable[..., Tab]) -> None:
    """First past the head, then the parts to open, and what is in them; nothing traps the focus."""
    tab = visit()
    names = []
    named = "document.activeElement.ariaLabel || document.activeElement.textContent"
    for _ in range(6):
        tab.keyboard.press("Tab")
        names.append(tab.evaluate(f"({named}).trim().slice(0, 24)"))
        if names[-1].startswith("The day piece"):
            tab.keyboard.press("Enter")
    assert names == [
        "Skip to the day",
        "Alerts: 11 slouch, 2 bre",
        "All figures of the day",
        "The day piece by piece, ",
        "Zoom in",
        "Zoom out",
    ]
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_no_mark_of_an_alert_covers_another(
    visit: Callable[..., Tab], tmp_path: Path, size: tuple[int, int]
) -> None:
    """Minutes apart on a day of many hours; each stays at its time."""
    rows = replace(
        ROWS,
        alerts=tuple(
            alert(at, kind)
            for at in (8, 10, 40, 55, 56, 155)
            for kind in (AlertKind.SLOUCH, AlertKind.BREAK)
        ),
        intervals=(
            *ROWS.intervals,
            interval(NINE_MS + 9 * HOUR_MS, NINE_MS + 10 * HOUR_MS, UPRIGHT),
        ),
    )
    file = tmp_path / "marks.html"
    log = log_with(tmp_path / "log.db", rows)
    write_page(log, DAY, BERLIN, now=NOW, file=file, standalone=True, policy=PolicySettings())
    tab = visit(file, size=size)

    boxes = [mark.bounding_box() for mark in tab.locator(".mark").all()]
    marks = [(box["x"], box["y"], box["width"]) for box in boxes if box is not None]
    assert len(marks) == 12
    for (x, y, width), (other_x, other_y, _) in combinations(marks, 2):
        assert max(abs(x - other_x), abs(y - other_y)) >= width
    bar, row = tab.locator(".bar").bounding_box(), tab.locator(".marks").bounding_box()
    assert bar is not None
    assert row is not None
    assert all(row["y"] <= y and y + width <= bar["y"] for _, y, width in marks)


@pytest.mark.slow
def test_the_marks_lead_to_the_list_of_alerts(visit: Callable[..., Tab]) -> None:
    """Where nothing can be pointed at, by keyboard and on a phone: one stop, which unfolds it."""
    tab = visit(size=PHONE)
    tab.locator(".marks").focus()
    tab.keyboard.press("Enter")

    expect(tab.locator("#alert-list")).to_be_in_viewport()
    expect(tab.locator("#alerts")).to_have_attribute("open", "")


@pytest.mark.slow
def test_one_angle_is_shown_with_its_limit_and_bands_when_chosen(visit: Callable[..., Tab]) -> None:
    """All five are lines with a legend; one has its limit, its spread and the model's error."""
    tab = visit()
    unfold(tab)
    drawn = (
        "document.getElementById('plot-angles').data.map((trace) => [trace.fill, trace.line.dash])"
    )
    assert tab.evaluate(drawn) == [[None, None]] * 5
    assert tab.locator("#plot-angles .legendtext").count() == 5

    tab.get_by_label("Shown").select_option("Neck")
    expect(tab.locator("#plot-angles .legendtext")).to_have_count(0)
    shown = tab.evaluate(drawn)
    assert [fill for fill, _ in shown].count("toself") == 2
    assert [dash for _, dash in shown].count("dash") == 1
    assert [None, None] in shown


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_week_and_a_month_are_one_sheet(
    browser: Browser, shelf: Path, paper: Literal["A4", "Letter"]
) -> None:
    """Plots and calendars stand side by side."""
    tab = browser.new_page()
    for name in ("2026-11-20-week.html", "2026-11-20-month.html"):
        tab.goto((shelf / name).as_uri())
        assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format=paper))) == 1
    tab.close()


@pytest.mark.slow
def test_on_paper_the_first_screen_is_one_sheet_dark_on_white(
    visit: Callable[..., Tab], page_file: Path
) -> None:
    """Printing from a dark screen wastes no ink; what was opened is printed, what is folded not."""
    tab = visit(scheme="dark", size=(718, 1000))
    paper = tab.pdf(path=ARTEFACTS / "review.pdf", format="A4")
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1

    unfold(tab)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(tab.locator("#plot-day .xtick text").first).to_have_css("fill", INK)
    tab.screenshot(path=ARTEFACTS / "review-print.png", full_page=True)


@pytest.mark.slow
def test_the_page_follows_when_the_system_turns_dark(visit: Callable[..., Tab]) -> None:
    """Also the plots, without loading anew."""
    tab = visit()
    unfold(tab)
    tick = tab.locator("#plot-day .xtick text").first
    expect(tick).to_have_css("fill", INK)
    tab.emulate_media(color_scheme="dark")

    expect(tick).to_have_css("fill", INK_IN_THE_DARK)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_are_told_apart_in_the_colours_of_a_high_contrast(
    visit: Callable[..., Tab], scheme: Literal["light", "dark"]
) -> None:
    """Which take every colour and pattern away, but for what says that it means something."""
    tab = visit(scheme=scheme)
    tab.emulate_media(forced_colors="active", color_scheme=scheme)

    keys = tab.locator(".legend .key[class*='s-']").all()
    assert len({key.screenshot() for key in keys}) == len(keys) == 4


@pytest.mark.slow
def test_nothing_of_the_log_is_run_or_linked(visit: Callable[..., Tab], tmp_path: Path) -> None:
    """Texts that want to be scripts or links are shown, in tables and at the plots."""
    rows = evil_rows()
    link = '<a href="https://example.invalid">out</a>'
    rows = replace(rows, intervals=(replace(rows.intervals[0], reason=link), *rows.intervals[1:]))
    file = tmp_path / "evil.html"
    log = log_with(tmp_path / "log.db", rows)
    write_page(log, DAY, BERLIN, now=NOW, file=file, standalone=True, policy=PolicySettings())
    tab = visit(file)
    unfold(tab)

    assert EVIL in (tab.locator("#sessions .scroll").text_content() or "")
    tab.locator("#plot-day .barlayer .trace").nth(1).locator("path").first.hover(force=True)
    label = tab.locator("#plot-day .hoverlayer .hovertext")
    label.wait_for()
    assert link in (label.text_content() or "")
    assert tab.locator('a[href*="invalid"]').count() == 0


def test_a_script_that_got_in_would_not_run(browser: Browser, page_file: Path) -> None:
    """The second line of defence: the page's own policy refuses what does not carry its nonce."""
    tab = browser.new_page()
    tab.goto(page_file.as_uri())
    refused = tab.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (event) => {
                resolve(event.violatedDirective);
            });
            const script = document.createElement("script");
            script.textContent = "window.gotIn = true";
            document.body.append(script);
        })"""
    )
    assert refused.startswith("script-src")
    assert tab.evaluate("window.gotIn") is None
    tab.close()


def test_a_day_of_which_no_angle_is_known_is_drawn_too(
    visit: Callable[..., Tab], tmp_path: Path
) -> None:
    """Somebody was there for an hour, and nothing could be judged."""
    unknown = interval(NINE_MS, NINE_MS + HOUR_MS, UNKNOWN, UnknownReason.FACE_AWAY.value)
    rows = replace(ROWS, intervals=(unknown,), minutes=())
    file = tmp_path / "unknown.html"
    log = log_with(tmp_path / "log.db", rows)
    write_page(log, DAY, BERLIN, now=NOW, file=file, standalone=True, policy=PolicySettings())
    tab = visit(file)

    unfold(tab)
    assert tab.locator("#plot-day[data-drawn]").count() == 1
    assert "No angle could be told" in (tab.locator("#angles").text_content() or "")


@pytest.mark.slow
def test_a_day_without_rows_before_it_is_drawn_too(
    visit: Callable[..., Tab], tmp_path: Path
) -> None:
    """The first day of use, in one file, on a phone."""
    file = tmp_path / "first.html"
    log = log_with(tmp_path / "log.db", ROWS)
    write_page(log, DAY, BERLIN, now=NOW, file=file, standalone=True, policy=PolicySettings())
    tab = visit(file, size=PHONE)

    unfold(tab)
    assert tab.locator(".plot[data-drawn]").count() == 2
    assert "too little to compare" in (tab.locator(".facts").text_content() or "")
