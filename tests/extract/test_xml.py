"""DILA XML: what a text says of itself, where its tables stand, and the parts it does not reproduce."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lxml import etree

from pipeline.extract.model import ExtractError, Grid, Heading, Reading
from pipeline.extract.xml import read_xml, xml_metadata
from tests.extract.golden_xml import make
from tests.extract.jorf_made import article, jorf_text, section, table

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "jorf_xml"

ROWS = [["Zone", "Plafond<br/>\n  de<br/>\n loyer"], ["A", "1 200"], ["B1", "900"], ["C", ""]]


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the sample {name} of the DILA is not beside this checkout")
    return path.read_bytes()


def texts(grid: Grid) -> list[list[str]]:
    """The cells printed in each row, blank where a position has no cell of its own."""
    return [[cell.text if (cell := grid.own(r, c)) else "" for c in range(grid.n_cols)] for r in range(grid.n_rows)]


def one_grid(reading: Reading) -> Grid:
    (grid,) = reading.grids
    return grid


# Shape without the header row, as facts of the two arrêtés; then how the header is written.
@pytest.mark.parametrize(
    ("name", "shapes", "deduced"),
    [
        ("JORFTEXT000053398028.xml", [(76, 7), (64, 6)], 0),
        ("JORFTEXT000054245373.xml", [(183, 7), (538, 6)], 2),
    ],
)
def test_annex_tables_of_real_texts_come_out_whole(name: str, shapes: list[tuple[int, int]], deduced: int) -> None:
    reading = read_xml(sample(name))
    assert [(grid.n_rows - grid.header_rows, grid.n_cols) for grid in reading.grids] == shapes
    assert [grid.header_rows for grid in reading.grids] == [1, 1]
    assert all(len(grid.cells) == grid.n_rows * grid.n_cols for grid in reading.grids)
    assert [repair.kind for repair in reading.repairs] == ["entete_deduit"] * deduced
    assert not reading.unread
    assert reading.grids[0].headers[3] == "Date de début de la période de reconnaissance"
    assert "ANNEXE I" in reading.grids[0].under
    assert "ANNEXE I" not in reading.grids[1].under


@pytest.mark.parametrize("name", ["JORFTEXT000053398028.xml", "JORFTEXT000054245373.xml"])
def test_paths_and_offsets_of_real_cells_find_the_element_that_prints_them(name: str) -> None:
    data = sample(name)
    text, tree = data.decode(), etree.fromstring(data)
    cells = [cell for grid in read_xml(data).grids for cell in grid.cells]
    for cell in random.Random(7).sample(cells, 60):
        (element,) = tree.xpath(cell.source.path)
        assert "".join("".join(element.itertext()).split()) == "".join(cell.text.split())
        assert text[cell.source.offset :].startswith(f"<{element.tag}")
        assert element.sourceline == cell.source.line


def test_a_text_says_who_it_is() -> None:
    assert xml_metadata(jorf_text(article("<p>x</p>"), title="Arrêté &eacute;tendu du 1er février 2030")) == {
        "forme": "texte",
        "id": "JORFTEXT000099990001",
        "eli": "https://www.legifrance.gouv.fr/eli/arrete/2030/2/1/ABCD3000001A/jo/texte",
        "url": "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000099990001",
        "nature": "ARRETE",
        "num_parution": "0031",
        "num_sequence": "12",
        "nor": "ABCD3000001A",
        "publie_le": "2030-02-06",
        "signe_le": "2030-02-01",
        "titre": "Arrêté étendu du 1er février 2030",
    }


def test_the_year_2999_is_no_date() -> None:
    assert "publie_le" not in xml_metadata(jorf_text(article("<p>x</p>"), published="2999-01-01"))


def test_headings_lead_to_the_table() -> None:
    annex = article("<p><br/>ANNEXE II<br/>Plafonds par zone</p>" + table(ROWS))
    reading = read_xml(jorf_text(article("<p>Les plafonds sont en annexe.</p>", "1er"), section("Annexes", annex)))
    assert [b.text for b in reading.blocks if isinstance(b, Heading)] == [
        "Article 1er",
        "Annexes",
        "ANNEXE II",
        "Plafonds par zone",
    ]
    grid = one_grid(reading)
    assert grid.under == ("Annexes", "ANNEXE II", "Plafonds par zone")
    assert grid.title == "Plafonds par zone"


def test_breaks_that_wrap_are_spaces_and_empty_cells_are_kept() -> None:
    grid = one_grid(read_xml(jorf_text(article(table(ROWS)))))
    assert texts(grid) == [["Zone", "Plafond de loyer"], ["A", "1 200"], ["B1", "900"], ["C", ""]]
    assert grid.own(3, 1) is not None
    assert grid.headers == ("Zone", "Plafond de loyer")


def test_a_header_of_plain_cells_is_told_by_what_stands_below() -> None:
    rows = [["Commune", "Plafond 2030"], ["Ambérieu", "1 200"], ["Bourg", "900"], ["Oyonnax", "850 €"]]
    reading = read_xml(jorf_text(article(table(rows, header="td"))))
    assert one_grid(reading).header_rows == 1
    assert [repair.kind for repair in reading.repairs] == ["entete_deduit"]


@pytest.mark.parametrize(
    "rows",
    [
        [["Ain", "Ambérieu"], ["Ain", "Bourg"], ["Ain", "Oyonnax"], ["Aisne", "Laon"]],  # nothing but words
        [["Ain", "120"], ["Aisne", "130"], ["Allier", "140"], ["Ardèche", "150"]],  # figures from the first row
        [["Ain", "non communiqué"], ["Ain", "130"], ["Ain", "140"], ["Ain", "150"]],  # a label comes back
        [["Commune", "Plafond"], ["Bourg", "900"]],  # too little to tell
    ],
)
def test_a_first_row_that_may_be_data_is_left_as_data(rows: list[list[str]]) -> None:
    assert one_grid(read_xml(jorf_text(article(table(rows, header="td"))))).header_rows == 0


def test_several_tables_of_one_article_are_several_grids() -> None:
    reading = read_xml(jorf_text(article(table(ROWS) + "<p>et</p>" + table(ROWS[:2]))))
    assert [grid.n_rows for grid in reading.grids] == [4, 2]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Vous pouvez consulter le tableau dans le JO n° 108 du 9 mai 2030, texte n° 4.", "tableau_non_reproduit"),
        ("Vous pouvez consulter le tableau dans le fac-similé du JO.", "tableau_non_reproduit"),
        ("Annexe non reproduite.", "annexe_non_reproduite"),
        ("Les annexes au présent arrêté ne sont pas reproduites.", "annexe_non_reproduite"),
        ("(1) L'annexe peut être consultée sur le site du ministère.", "annexe_non_reproduite"),
        ("Le présent arrêté et son annexe seront publiés au Bulletin officiel.", "annexe_non_reproduite"),
        ("(...)", "annexe_non_reproduite"),
    ],
)
def test_a_table_that_is_not_there_is_named(line: str, kind: str) -> None:
    reading = read_xml(jorf_text(section("Annexe", article(f"<p>ANNEXE I</p><p>{line}</p>"))))
    assert [(part.kind, part.detail) for part in reading.unread] == [(kind, line)]
    assert line in [paragraph.text for paragraph in reading.paragraphs]
    assert not reading.grids


@pytest.mark.parametrize(
    "line",
    [
        "Le présent arrêté sera publié au Journal officiel de la République française.",
        "Les communes sont recensées en annexe I du présent arrêté.",
        "Le tableau de l'annexe II est remplacé par le tableau suivant :",
        "(...)",
    ],
)
def test_an_ordinary_sentence_hides_no_table(line: str) -> None:
    assert not read_xml(jorf_text(article(f"<p>{line}</p>", "2"))).unread


def test_dots_inside_an_annex_that_is_printed_are_no_gap() -> None:
    content = "<p>ANNEXE I</p><p>Les plafonds sont les suivants :</p><p>(...)</p>"
    assert not read_xml(jorf_text(article(content + table(ROWS)))).unread


def test_a_table_whose_tags_are_escaped_is_a_gap() -> None:
    (gap,) = read_xml(jorf_text(article("<p>&lt;table&gt;&lt;tr&gt;&lt;td&gt;A&lt;/td&gt;</p>"))).unread
    assert (gap.kind, gap.detail) == ("tableau_non_reproduit", "tableau dont les balises sont échappées")


def test_a_table_whose_only_words_are_that_it_is_missing_is_no_grid() -> None:
    reading = read_xml(jorf_text(article(table([["Tableau non reproduit"]]))))
    assert not reading.grids
    assert [part.kind for part in reading.unread] == ["tableau_non_reproduit"]


def test_a_table_without_a_word_is_no_grid() -> None:
    reading = read_xml(jorf_text(article("<table><tr><td/><td/></tr></table>")))
    assert not reading.grids
    assert [part.kind for part in reading.unread] == ["tableau_non_reproduit"]


@pytest.mark.parametrize(
    "text",
    [
        {"title": "Arrêté du 1er février 2030 fixant des plafonds (rectificatif)"},
        {"nor": "ABCD3000001Z"},
        {"rect": "<p>Au lieu de : « 900 », lire : « 910 ».</p>"},
    ],
)
def test_a_rectificatif_in_prose_is_named(text: dict[str, str]) -> None:
    reading = read_xml(jorf_text(article("<p>Page 12, zone B1.</p>"), **text))
    assert [part.kind for part in reading.unread] == ["rectificatif_en_prose"]
    assert reading.unread[0].source.path


def test_an_image_is_a_gap() -> None:
    (gap,) = read_xml(jorf_text(article('<p>Carte<img src="carte.png"/></p>'))).unread
    assert (gap.kind, gap.detail) == ("image_non_lue", "image carte.png")


def test_a_single_article_is_read_with_the_name_of_its_text() -> None:
    reading = read_xml(sample("JORFARTI000030611298.xml"))
    assert reading.meta["nor"] == "AFSZ1511210A"
    assert reading.paragraphs[0].under == ("Article 3",)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("JORFTEXT000030611441_struct.xml", "structure"), ("JORFCONT000054245240.xml", "sommaire")],
)
def test_files_without_a_text_say_what_they_are(name: str, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason):
        read_xml(sample(name))


def test_another_xml_is_refused() -> None:
    with pytest.raises(ExtractError, match="rss"):
        read_xml(b"<rss><channel/></rss>")


def test_a_whole_text_reads_as_its_golden_file() -> None:
    assert make.dumped(read_xml(make.text())) == make.GOLDEN.read_text(encoding="utf-8")
