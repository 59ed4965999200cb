"""Addresses: read in one way or refused, and never shown with what they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posturecam.base.addresses import Address, parse_address, without_secrets
from posturecam.base.errors import SourceError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://ann:s3cret@cam.lan:8080/video?token=abc#x", "http://cam.lan:8080"),
        ("Http://cam.lan", "http://cam.lan"),
        ("RTSP://ann:p@ss@[fe80::1]:554/live", "rtsp://[fe80::1]"),
        ("https://cam.lan:8443/t0ken/live", "https://cam.lan:8443"),
        ("rtsp://ann@10.0.0.2/", "rtsp://10.0.0.2"),
    ],
)
def test_only_scheme_host_and_port_are_shown(text: str, shown: str) -> None:
    """The rest may be a secret, a path too."""
    address = parse_address(text)
    assert address.shown == shown
    assert repr(address) == repr(parse_address(f"{address.shown}/")).replace("@", "")


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443), ("rtsp", 554)])
def test_what_an_address_leaves_out_is_the_usual(scheme: str, port: int) -> None:
    """No login, no query, and the port of its scheme."""
    usual = Address(scheme=scheme, host="cam.lan", port=port, user=None, target="/")
    assert parse_address(f"{scheme}://cam.lan") == usual


def test_what_is_written_as_a_percentage_is_sent_as_what_it_means() -> None:
    """A password may hold whatever would end it."""
    address = parse_address(
        "rtsp://an%40n:p%2Fa%23s%3F%25@cam.lan/a b%20ü?x=1&y=[2]".replace(" ", "")
    )
    assert (address.user, address.password) == ("an@n", "p/a#s?%")
    assert address.target == "/ab%20%C3%BC?x=1&y=[2]"
    assert parse_address(address.secret_url) == address


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:pa/ss@127.0.0.1:1/live",
        "rtsp://admin:pa#ss@127.0.0.1:1/live",
        "rtsp://admin:pa?ss@127.0.0.1:1/live",
        "rtsp://admin:pa\\ss@127.0.0.1:1/live",
        "rtsp://admin:1/ss@127.0.0.1/live",
        "rtsp://cam.lan/live@ss",
    ],
)
def test_a_password_that_ends_the_host_early_is_refused(text: str) -> None:
    """Or its beginning would be taken for the host, and called."""
    with pytest.raises(SourceError, match="as %2F, # as %23 and") as refusal:
        parse_address(text)
    assert not {"admin", "ss@", "127.0.0.1"} & set(str(refusal.value).split())
    assert "ss@" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "ftp://ann:s3cret@cam.lan/",
        "http://ann:s3cret@/",
        "http://ann:s3cret",
        "http://[::1/s3cret",
        "http://ann:s3cret@cam.lan:99999/",
        "http://ann:s3cret@cam.lan:0/",
        "http://ann:s3cret@cam.lan:/",
        "http://ann:s3c ret@cam.lan/",
        "http://cam.lan/s3cret\r\nHost: x",
        "http://ann:s3cret@cam%2elan/",
        "http:/ann:s3cret@cam.lan/",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    """It may hold a password all the same."""
    with pytest.raises(SourceError, match="cannot be used as a camera") as refusal:
        parse_address(text)
    assert "ann:" not in str(refusal.value)
    assert "s3c" not in str(refusal.value)


_secrets = st.text(min_size=6, max_size=12).filter(lambda text: "\n" not in text)


@given(before=st.text(max_size=5), password=_secrets)
def test_no_text_shows_a_password(before: str, password: str) -> None:
    """Whatever it is made of, and whatever stands before the address."""
    marked = f"zq{password}qz"
    shown = without_secrets(f"{before}rtsp://admin:{marked}@10.0.0.2:1/live: no such thing")
    assert marked not in shown
    assert "admin" not in shown
    assert "://10.0.0.2:1 " in shown or "..." in shown
    assert shown.endswith(" no such thing")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No such command 'http://cam.lan/t0ken'.", "No such command 'http://cam.lan'."),
        ("extra (ann:s3cret@10.0.0.2/live)", "extra (...)"),
        ("see http://cam.lan:81/x and https://a:b@b.lan?q", "see http://b.lan"),
        ("rtsp://admin:s3cret/live", "rtsp://..."),
        ("No picture from http://cam.lan:81.", "No picture from http://cam.lan:81."),
        ("not to https://[::1]:81: why", "not to https://[::1]:81: why"),
        ("mail me@here.org at 12:30", "mail me@here.org at 12:30"),
    ],
)
def test_a_text_from_elsewhere_is_shown_without_secrets(text: str, shown: str) -> None:
    """Other words stay; of two addresses with a password the first may be lost."""
    assert without_secrets(text) == shown
