"""The directory page of the feed -> the deliveries it lists. Only names are read: no address there is followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

_NAME = re.compile(r"JORFSIMPLE_(?P<stamp>[0-9]{8}-[0-9]{6})\.tar\.gz", re.I)
_LOOKS_LIKE = re.compile(r"\.tar\.gz$|\.tgz$|jorfsimple_", re.I)
_STAMP = "%Y%m%d-%H%M%S"


class ListingError(Exception):
    """What the server gave is no directory of deliveries (French)."""


@dataclass(frozen=True, order=True)
class Delivery:
    """One archive of the feed. `stamp` is the server's local time and sorts by it; `name` as the server writes it."""

    stamp: str
    name: str

    @property
    def day(self) -> date:
        """The day it was put there, in Paris."""
        return date(int(self.stamp[:4]), int(self.stamp[4:6]), int(self.stamp[6:8]))


@dataclass(frozen=True)
class Listing:
    """Deliveries, oldest first, and names that look like a delivery and are none."""

    deliveries: tuple[Delivery, ...]
    strange: tuple[str, ...] = ()


def read_index(page: bytes) -> Listing:
    """The deliveries of an Apache directory page; a stamp listed twice counts once.

    Raises ListingError when it lists none: an empty directory, a page of another server, an error in HTML.
    """
    found: dict[str, Delivery] = {}
    strange: list[str] = []
    for name in _links(page):
        match = _NAME.fullmatch(name)
        if match and _is_moment(match["stamp"]):
            found.setdefault(match["stamp"], Delivery(match["stamp"], name))
        elif _LOOKS_LIKE.search(name):
            strange.append(name[:100])
    if not found:
        raise ListingError("la page du flux ne liste aucune livraison JORFSIMPLE : ce n'est pas l'index attendu")
    return Listing(tuple(sorted(found.values())), tuple(dict.fromkeys(strange)))


def _links(page: bytes) -> list[str]:
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(page, parser)
    except etree.XMLSyntaxError:
        return []
    found = root.xpath("//a/@href") if root is not None else []
    return [str(link).removeprefix("./") for link in found] if isinstance(found, list) else []


def _is_moment(stamp: str) -> bool:
    try:
        datetime.strptime(stamp, _STAMP)  # noqa: DTZ007 - only whether it is a date
    except ValueError:
        return False
    return True
