"""Files that end before their end, or whose text is elsewhere: refused by name, unless a person declares them whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.extract import check_whole, read
from pipeline.extract.cells import read_cells
from pipeline.extract.csv import read_csv
from pipeline.extract.html import read_html
from pipeline.extract.markdown import read_markdown
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.tsv import read_tsv
from pipeline.extract.xml import read_xml
from tests.extract.jorf_made import article, jorf_text, table

Reader = Callable[[bytes], Reading]

ROWS = [["Zone", "Loyer"], *([f"Z{n}", f"{n} 500"] for n in range(1, 40))]
XML = jorf_text(article(table(ROWS), "1"))
HTML = b"<!DOCTYPE html><html><body><h1>Annexe</h1>" + table(ROWS).encode() + b"<p>Fin.</p></body></html>\n"
MARKDOWN = "# Annexe\n\nPréambule.\n\n".encode() + table(ROWS).encode()


def read_bytes(data: bytes, reader: Reader) -> int:
    """The rows of a whole file; ExtractError for one that is not."""
    reading = reader(data)
    check_whole(reading)
    return sum(grid.n_rows for grid in reading.grids)


@pytest.mark.parametrize(("data", "reader"), [(XML, read_xml), (HTML, read_html), (MARKDOWN, read_markdown)])
def test_the_whole_file_is_read(data: bytes, reader: Reader) -> None:
    assert read_bytes(data, reader) == 40


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize(("data", "reader"), [(XML, read_xml), (HTML, read_html), (MARKDOWN, read_markdown)])
def test_half_a_file_is_no_document(data: bytes, reader: Reader, share: float) -> None:
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(data[: int(len(data) * share)], reader)


@pytest.mark.parametrize("end", [b"<td", b"<td>Lo", b"</t", b"</table>", b"<!-- "])
def test_a_page_cut_at_any_kind_of_place_is_seen(end: bytes) -> None:
    at = HTML.rindex(b"<td") if end != b"</table>" else HTML.index(b"<p>Fin")
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(HTML[:at] + end, read_html)


def test_a_fragment_that_closes_what_it_opens_is_whole() -> None:
    assert read_bytes(table(ROWS).encode(), read_html) == 40


def test_a_fragment_that_ends_in_its_table_is_cut() -> None:
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(table(ROWS).encode()[:-30], read_html)


def test_a_person_may_declare_a_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(HTML.removesuffix(b"</html>\n"))
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read(path, "html")
    assert read(path, "html", complete=True).grids[0].n_rows == 40


@pytest.mark.parametrize("reader", [read_cells, read_tsv, read_csv, read_markdown])
def test_a_text_cut_inside_a_character_is_not_whole(reader: Reader) -> None:
    with pytest.raises(ExtractError, match="caractère coupé"):
        read_bytes("ANNEXE\nIsère\tDrôme\nSaint-Étienne\té".encode()[:-1], reader)


@pytest.mark.parametrize(
    "content",
    [
        "<STRUCT><LIEN_ART id='JORFARTI000000000001' num='1'/></STRUCT>",
        "<STRUCT><SECTION_TA><TITRE_TA>Annexes</TITRE_TA><LIEN_ART id='x'/></SECTION_TA></STRUCT>",
    ],
)
def test_a_text_whose_articles_are_in_other_files_is_named(content: str) -> None:
    data = f"<TEXTE><ID>JORFTEXT000099990001</ID><VISAS><CONTENU><p>La ministre,</p></CONTENU></VISAS>{content}</TEXTE>"
    with pytest.raises(ExtractError, match="articles de ce texte sont dans d'autres fichiers"):
        read_bytes(data.encode(), read_xml)


def test_the_version_file_of_a_text_has_no_articles() -> None:
    data = b"<TEXTE_VERSION><VISAS><CONTENU><p>La ministre,</p></CONTENU></VISAS></TEXTE_VERSION>"
    with pytest.raises(ExtractError, match="articles de ce texte"):
        read_bytes(data, read_xml)


LIST = "# Annexe\n\nPréambule.\n\n## 01-Ain\n\nCessy, Challex, Chevry, Collonges"
SHEET = "zone;loyer;année\n" + "A;1 500;2026\n" * 5


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (LIST, read_markdown),
        (LIST + ",", read_markdown),
        (LIST + " et Divonne-les-", read_markdown),
        ("# Annexe\n\n| zone | loyer |\n|---|---|\n| A | 1 500 |\n| B | 1 7", read_markdown),
        (SHEET + "A;1 5", read_csv),
        ("Zone\tLoyer\t\nA\t1 500\t\nB\t1 5", read_tsv),
    ],
)
def test_a_text_that_stops_in_its_last_line_is_cut(text: str, reader: Reader) -> None:
    with pytest.raises(ExtractError, match="la dernière ligne s'arrête"):
        read_bytes(text.encode(), reader)


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (LIST + ".", read_markdown),
        (LIST + "\n", read_markdown),
        ("# Annexe\n\nFait à Paris.\n\nMarie DURAND", read_markdown),
        ("# Annexe\n\n| zone | loyer |\n|---|---|\n| A | 1 500 |", read_markdown),
        (SHEET + "B;1 700;2026", read_csv),
        (SHEET + "B;1 700\n", read_csv),
    ],
)
def test_a_text_without_its_last_line_end_may_be_whole(text: str, reader: Reader) -> None:
    read_bytes(text.encode(), reader)
