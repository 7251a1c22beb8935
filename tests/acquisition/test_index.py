"""The directory page of the feed: the deliveries it lists, in order, whatever the page looks like."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.acquisition.feed import Delivery, ListingError, read_index
from tests.conftest import SHARED


def page(*names: str) -> bytes:
    return "".join(f'<a href="{name}">{name}</a>' for name in names).encode()


def test_deliveries_come_oldest_first_and_once_each() -> None:
    names = (
        "JORFSIMPLE_20300206-205512.tar.gz",
        "./JORFSIMPLE_20300206-001500.tar.gz",
        "JORFSIMPLE_20300206-205512.tar.gz",
    )
    listing = read_index(page("?C=N;O=D", "/OPENDATA/", *names))
    assert [d.stamp for d in listing.deliveries] == ["20300206-001500", "20300206-205512"]
    assert listing.strange == ()
    assert listing.deliveries[0].day == date(2030, 2, 6)


def test_the_case_of_names_is_that_of_the_server() -> None:
    listing = read_index(page("jorfsimple_20300206-205512.TAR.GZ"))
    assert listing.deliveries == (Delivery("20300206-205512", "jorfsimple_20300206-205512.TAR.GZ"),)


def test_names_that_are_no_delivery_are_named_and_never_asked_for() -> None:
    good = "JORFSIMPLE_20300206-205512.tar.gz"
    odd = [
        "JORFSIMPLE_22.tar.gz",
        "JORFSIMPLE_20301399-000000.tar.gz",
        f"https://elsewhere.example/{good}",
        f"../{good}",
        "Freemium_jorf_global_20300101-000000.tar.gz",
    ]
    listing = read_index(page(good, *odd))
    assert [d.name for d in listing.deliveries] == [good]
    assert listing.strange == tuple(odd)


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"<html><h1>Maintenance</h1>", page("readme.txt"), b"{}"])
def test_what_is_no_directory_is_an_error_and_not_an_empty_one(data: bytes) -> None:
    with pytest.raises(ListingError, match="aucune livraison"):
        read_index(data)


def test_the_real_page() -> None:
    path = SHARED / "samples/jorf_xml/dila-index.html"
    if not path.is_file():
        pytest.skip("the real page (../shared/samples) is not at hand")
    listing = read_index(path.read_bytes())
    assert [d.stamp for d in listing.deliveries] == ["20260611-001512", "20260612-002012", "20260612-205512"]
    assert listing.strange == ()
