"""Files that end before their end, or whose text is elsewhere: refused by name, unless a person declares them whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.documents.model import Media
from pipeline.extract import read
from pipeline.extract.model import ExtractError
from tests.extract.jorf_made import article, jorf_text, table

ROWS = [["Zone", "Loyer"], *([f"Z{n}", f"{n} 500"] for n in range(1, 40))]
XML = jorf_text(article(table(ROWS), "1"))
HTML = b"<!DOCTYPE html><html><body><h1>Annexe</h1>" + table(ROWS).encode() + b"<p>Fin.</p></body></html>\n"
MARKDOWN = "# Annexe\n\nPréambule.\n\n".encode() + table(ROWS).encode()


def read_bytes(tmp_path: Path, data: bytes, media: Media, *, complete: bool = False) -> int:
    path = tmp_path / "a"
    path.write_bytes(data)
    return sum(grid.n_rows for grid in read(path, media, complete=complete).grids)


@pytest.mark.parametrize(("data", "media"), [(XML, "xml"), (HTML, "html"), (MARKDOWN, "markdown")])
def test_the_whole_file_is_read(tmp_path: Path, data: bytes, media: Media) -> None:
    assert read_bytes(tmp_path, data, media) == 40


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize(("data", "media"), [(XML, "xml"), (HTML, "html"), (MARKDOWN, "markdown")])
def test_half_a_file_is_no_document(tmp_path: Path, data: bytes, media: Media, share: float) -> None:
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(tmp_path, data[: int(len(data) * share)], media)


@pytest.mark.parametrize("end", [b"<td", b"<td>Lo", b"</t", b"</table>", b"<!-- "])
def test_a_page_cut_at_any_kind_of_place_is_seen(tmp_path: Path, end: bytes) -> None:
    at = HTML.rindex(b"<td") if end != b"</table>" else HTML.index(b"<p>Fin")
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(tmp_path, HTML[:at] + end, "html")


def test_a_fragment_that_closes_what_it_opens_is_whole(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, table(ROWS).encode(), "html") == 40


def test_a_fragment_that_ends_in_its_table_is_cut(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="n'est pas entier"):
        read_bytes(tmp_path, table(ROWS).encode()[:-30], "html")


def test_a_person_may_declare_a_file_whole(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, HTML.removesuffix(b"</html>\n"), "html", complete=True) == 40


@pytest.mark.parametrize("media", ["cells", "tsv", "csv", "markdown"])
def test_a_text_cut_inside_a_character_is_not_whole(tmp_path: Path, media: Media) -> None:
    with pytest.raises(ExtractError, match="caractère coupé"):
        read_bytes(tmp_path, "ANNEXE\nIsère\tDrôme\nSaint-Étienne\té".encode()[:-1], media)


@pytest.mark.parametrize(
    "content",
    [
        "<STRUCT><LIEN_ART id='JORFARTI000000000001' num='1'/></STRUCT>",
        "<STRUCT><SECTION_TA><TITRE_TA>Annexes</TITRE_TA><LIEN_ART id='x'/></SECTION_TA></STRUCT>",
    ],
)
def test_a_text_whose_articles_are_in_other_files_is_named(tmp_path: Path, content: str) -> None:
    data = f"<TEXTE><ID>JORFTEXT000099990001</ID><VISAS><CONTENU><p>La ministre,</p></CONTENU></VISAS>{content}</TEXTE>"
    with pytest.raises(ExtractError, match="articles de ce texte sont dans d'autres fichiers"):
        read_bytes(tmp_path, data.encode(), "xml")


def test_the_version_file_of_a_text_has_no_articles(tmp_path: Path) -> None:
    data = b"<TEXTE_VERSION><VISAS><CONTENU><p>La ministre,</p></CONTENU></VISAS></TEXTE_VERSION>"
    with pytest.raises(ExtractError, match="articles de ce texte"):
        read_bytes(tmp_path, data, "xml")
