"""The parts that XML and HTML share: encodings, the scanner of tags, printed texts, headings by their wording."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from pipeline.extract.html import read_html
from pipeline.extract.limits import Limits, RepairLog
from pipeline.extract.markup.decode import encoding_of, text_chunks
from pipeline.extract.markup.lines import heading_rank, is_rectificatif
from pipeline.extract.markup.scan import Scanner, Tag, attribute
from pipeline.extract.model import ExtractError, Source


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of the bytes, and the kinds of repairs."""
    stream = io.BytesIO(data)
    encoding = encoding_of(stream)
    return "".join(text_chunks(stream, encoding)), [repair.kind for repair in encoding.repairs]


XML = '<?xml version="1.0" encoding="{}"?><a>Isère, Cœur – 12 €</a>'
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">Isère'


@pytest.mark.parametrize(
    ("data", "repairs"),
    [
        (XML.format("UTF-8").encode(), []),
        (XML.format("UTF-8").encode("utf-8-sig"), []),
        (XML.format("UTF-16").encode("utf-16"), []),
        (XML.format("windows-1252").encode("cp1252"), []),
        (XML.format("ISO-8859-1").encode("cp1252"), []),
        (XML.format("UTF-8").encode("cp1252"), ["encodage_errone"]),
        (XML.format("ISO-8859-1").encode(), ["encodage_errone"]),
        (META.format("iso-8859-1").encode("latin-1"), []),
        (META.format("utf-8").encode("latin-1"), ["encodage_errone"]),
        ("Isère".encode(), []),
    ],
)
def test_the_encoding_is_the_one_the_bytes_are_in(data: bytes, repairs: list[str]) -> None:
    text, kinds = decoded(data)
    assert "Isère" in text
    assert kinds == repairs


def test_a_character_cut_by_the_end_of_the_file_is_a_gap() -> None:
    data = "<p>Isère à".encode()[:-1]
    assert decoded(data) == ("<p>Isère ", [])
    assert [gap.kind for gap in read_html(data).unread] == ["fichier_tronque"]


@pytest.mark.parametrize(
    "data",
    [
        "<p>Isère, Ardèche".encode() + "Hérault".encode("latin-1"),
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<meta charset="zlib">x',
        b"\xff\xfe\x00",
    ],
)
def test_a_mixture_or_an_unknown_encoding_is_an_error(data: bytes) -> None:
    with pytest.raises(ExtractError):
        decoded(data)


def in_pieces(text: str, size: int) -> Iterator[str]:
    return (text[i : i + size] for i in range(0, len(text), size))


def scanned(text: str, size: int, *, html: bool) -> list[Tag]:
    return [tag for tag in Scanner(html=html).tags(in_pieces(text, size)) if tag.name]


MARKUP = """<!DOCTYPE html><!-- <b>non</b> --><P class="a > b">un
<br/>deux</P><script>if (a<b) "</p>";</script><td align=left>x<3</td ><![if x]><i>"""


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_tags_are_the_same_however_the_text_is_cut(size: int) -> None:
    tags = scanned(MARKUP, size, html=True)
    names = [("/" if tag.closing else "") + tag.name for tag in tags]
    assert names == ["P", "br", "/P", "script", "td", "/td", "i"]
    assert all(MARKUP[tag.offset] == "<" and tag.line == MARKUP[: tag.offset].count("\n") + 1 for tag in tags)
    assert "".join(tag.text for tag in tags) == "un\ndeuxx<3"


def test_cdata_is_text_in_xml() -> None:
    tags = list(Scanner(html=False).tags(["<a>x<![CDATA[<b> & c]]>y</a>"]))
    assert "".join(tag.text for tag in tags) == "x<b> &amp; cy"


def test_attributes_are_found_however_they_are_quoted() -> None:
    attrs = """ ROWSPAN = '2' colspan=3 title="colspan=9" """
    values = [attribute(attrs, name) for name in ("rowspan", "colspan", "title", "class")]
    assert values == ["2", "3", "colspan=9", None]


@pytest.mark.parametrize(
    ("line", "rank"),
    [
        ("ANNEXES", 0),
        ("ANNEXE", 1),
        ("Annexe II bis", 1),
        ("ANNEXE 3 : plafonds de ressources", 1),
        ("Annexe à l'arrêté du 1er février 2030", 1),
        ("Article 12", 2),
        ("Article 1er", 2),
        ("Tableau n° 3", 3),
        ("Annexe I du présent arrêté est remplacée par les dispositions suivantes.", None),
        ("Les annexes I et II", None),
        ("Article 12 du code de la construction", None),
    ],
)
def test_headings_by_their_wording(line: str, rank: int | None) -> None:
    assert heading_rank(line) == rank


def test_a_rectificatif_is_told_by_its_title_or_its_nor() -> None:
    assert is_rectificatif("Arrêté du 1er février 2030 (rectificatif)", "")
    assert is_rectificatif("", "ABCD3000001Z")
    assert not is_rectificatif("Arrêté du 1er février 2030", "ABCD3000001A")


def test_repairs_past_the_bound_are_counted() -> None:
    log = RepairLog(per_kind=2)
    for offset in range(5):
        log.add("ligne_non_fermee", Source(offset=offset))
    assert [repair.source.offset for repair in log.drain()] == [0, 1]
    assert [repair.before for repair in log.rest()] == ["3 autres réparations de même nature"]


@pytest.mark.parametrize(
    ("limits", "markup"),
    [
        (Limits(file_bytes=10), "<p>plus de dix octets</p>"),
        (Limits(table_cells=3), "<table><tr><td>1<td>2<td>3<td>4</table>"),
        (Limits(blocks=2), "<p>a<p>b<p>c"),
        (Limits(nested_tables=1), "<table><tr><td><table><tr><td>a</table></table>"),
        (Limits(depth=3), "<div><div><div><div>a"),
        (Limits(span_work=9), "<table><tr><td colspan=5>a<td colspan=5>b</table>"),
    ],
)
def test_each_bound_is_an_error_in_french(limits: Limits, markup: str) -> None:
    with pytest.raises(ExtractError):
        read_html(markup.encode(), limits)
