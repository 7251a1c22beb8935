"""HTML pages -> Reading: Légifrance pages saved by hand, and any page with tables.

Tables and lines are read by `markup`; lxml reads the metadata of the head. Nothing is downloaded and no script runs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from pipeline.extract.limits import Limits
from pipeline.extract.markup.decode import Encoding, text_chunks
from pipeline.extract.markup.flow import BLOCKS, Flow, Part, gathered, naming_rectificatif, opened, parts_of
from pipeline.extract.markup.lines import decoded
from pipeline.extract.markup.scan import Scanner, Tag
from pipeline.extract.model import Reading, Source, Unread
from pipeline.extract.notice import printed_notice, said_by_title

_LEVELS = {f"h{n}": n for n in range(1, 7)}
_UNPRINTED = frozenset({"head"})

# The head of a page and the notice of a text stand in its first characters, whatever its size.
_NOTICE = 1 << 18
_ID = re.compile(r"\bJORFTEXT[0-9]{12}\b")
_ELI = re.compile(r"https?://www\.legifrance\.gouv\.fr/eli/[\w/.-]+?/jo/texte\b")


def read_html(data: bytes, limits: Limits | None = None) -> Reading:
    """The reading of one page; `meta` is that of `html_metadata`.

    Offsets count characters of the decoded page; paths name elements as the page writes them, so they are those of
    a tree only where the page closes what it opens. ExtractError for an empty file, a mixture of encodings, or what
    goes past the limits.
    """
    limits, stream = limits or Limits(), io.BytesIO(data)
    encoding = opened(stream, limits)
    meta = _metadata(stream, encoding)
    return gathered(_parts(stream, encoding, meta, limits), meta, limits)


def read_fragment(markup: str, limits: Limits) -> Reading:
    """The reading of markup that stands inside a text of another format, from its first character on."""
    flow = HtmlFlow(limits)
    parts: list[Part] = []
    for tag in flow.scanner.tags([markup]):
        flow.feed(tag)
        parts += flow.parts()
    flow.finish()
    return gathered([*parts, *flow.parts(), *flow.log.rest()], {}, limits, empty=True)


def html_metadata(data: bytes) -> dict[str, str]:
    """What the page says of the text it shows. Only what is said is there.

    Keys: forme ('html'), titre, url (canonical address), id, nor, eli, nature (first word of the title), signe_le,
    publie_le (ISO dates), num_parution, num_sequence. The last eight as Légifrance prints them under the title.
    """
    stream = io.BytesIO(data)
    return _metadata(stream, opened(stream, Limits()))


class HtmlFlow(Flow):
    """Headings are h1 to h6; inline elements count in no path."""

    void = Flow.void | {"input", "meta", "link", "area", "base", "embed", "source", "track", "wbr", "param"}
    walls = frozenset({"body", "html"})

    def __init__(self, limits: Limits) -> None:
        super().__init__(Scanner(html=True), limits)
        self._unprinted = 0

    def reads(self) -> bool:
        return not self._unprinted

    def tracks(self, key: str) -> bool:
        return key in BLOCKS or key in _UNPRINTED

    def opened(self, key: str, tag: Tag) -> None:  # noqa: ARG002
        if key == "body":
            self._unprinted = 0  # a head left open ends here
        self._unprinted += key in _UNPRINTED

    def closing(self, key: str) -> None:
        if key in _UNPRINTED:
            self._unprinted = max(0, self._unprinted - 1)

    def line_level(self) -> int | None:
        return _LEVELS.get(self.tree.parent)

    def finish(self) -> None:
        open_table = self.tables.any_tagged
        super().finish()
        if self.tree.is_open("html"):
            self.ready.append(Unread("fichier_tronque", Source(path=self.tree.path), "sans </html>"))
        elif open_table or self.scanner.ends_in_a_tag:
            self.ready.append(Unread("fichier_tronque", Source(), "la fin manque dans un tableau ou une balise"))


def _parts(stream: BinaryIO, encoding: Encoding, meta: dict[str, str], limits: Limits) -> Iterator[Part]:
    return naming_rectificatif(parts_of(stream, encoding, HtmlFlow(limits)), meta)


def _metadata(stream: BinaryIO, encoding: Encoding) -> dict[str, str]:
    text = next(text_chunks(stream, encoding), "")[:_NOTICE]
    said = {"forme": "html"}
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:  # nothing that lxml takes for a page
        return said
    words = decoded(_joined(root, "//text()[not(parent::script or parent::style)]"))
    title = decoded(_joined(root, "(//h1)[1]//text()") or _joined(root, "(//title)[1]//text()"))
    address = _joined(root, "(//link[@rel='canonical'])[1]/@href")
    said |= {"titre": title, "url": address}
    said |= printed_notice(words)
    if found := _ELI.search(text):
        said["eli"] = found[0]
    if found := _ID.search(address) or _ID.search(text):
        said["id"] = found[0]
    said |= said_by_title(title)
    return {key: value for key, value in said.items() if value}


def _joined(root: etree._Element, path: str) -> str:
    """The texts an XPath finds, as lxml gives them; '' for none."""
    found = root.xpath(path)
    return " ".join(map(str, found)).strip() if isinstance(found, list) else ""
