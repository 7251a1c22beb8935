"""What a person does with the pages: search, open, click a figure, see where it is printed, move in time, ask."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.products import cite
from pipeline.products.lookup import Question, find
from pipeline.products.why import explain
from pipeline.refresh.review import annex_of
from pipeline.settings import Settings
from pipeline.site.source import opened
from tests.site.project import ACT, HOSTILE, TITLE

pytestmark = pytest.mark.browser
KINDS = (
    "index.html",
    "jeux.html",
    "jeux/premier_quartile.html",
    "actes.html",
    f"actes/{ACT}.html",
    "cartes.html",
    "nouveautes.html",
    "mentions.html",
    "valeur.html?v=1&l=1&c=nom_epci",
    "lignes.html?v=1",
    "commune.html?c=93066&le=2020-12-01",
    "epci.html?s=200040350",
)


def show(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".attente", state="detached")


def test_a_search_answers_while_one_types_and_opens_the_commune(page: Any, folder: Path) -> None:
    show(page, f"{folder.as_uri()}/index.html")
    page.keyboard.press("Tab")
    page.fill("#q", "saint den")
    page.wait_for_selector("#q-liste li")
    titles = page.locator("#q-liste li").all_inner_texts()
    assert any("Saint-Denis" in title and "93" in title for title in titles)
    page.fill("#q", "saint-denis (93)")
    page.wait_for_selector("#q-liste li:nth-child(2):last-child")  # L'Île-Saint-Denis is the other
    page.keyboard.press("Enter")
    page.wait_for_selector(".fiche section")
    assert page.inner_text("h1") == "Saint-Denis"


def test_a_figure_opens_the_page_with_its_cell_framed(page: Any, folder: Path, project: Settings) -> None:
    show(page, f"{folder.as_uri()}/jeux/premier_quartile.html")
    figure = page.locator("td.n a").nth(1)
    printed = figure.inner_text()
    figure.click()
    page.wait_for_selector(".cadre:not(.voisin)")
    assert printed.split()[0] in page.inner_text("h1")
    name = page.get_attribute(".page-image img", "src")
    drawn = (folder / name).read_bytes()
    assert drawn.startswith(b"\x89PNG")
    assert _printed_in_frame(page, project, name).replace("€", "").split() == printed.split()
    assert _ink(drawn, _frame(page)) > 20
    assert page.inner_text("mark").replace("€", "").split() == printed.split()


def test_a_value_is_cited_as_the_command_does(page: Any, folder: Path, project: Settings) -> None:
    with opened(project) as source:
        dataset = source.datasets["premier_quartile"]
        found = find(source.connection, Question(dataset, {"siren": "200071751"}), 1)
        explained = explain(source.connection, dataset, found.rows[0], source.reading_of)
        annex = annex_of(project, ACT, ACT)
        expected = cite.reference(source.connection, dataset, explained, annex)
    show(page, f"{folder.as_uri()}/valeur.html?v=1&l={explained.row['row_no']}&c=siren")
    assert page.inner_text("#reference") == cite.plain(expected)
    assert page.text_content("details pre") == cite.bibtex(expected)


def _frame(page: Any) -> dict[str, float]:
    """Where the frame stands on its picture, as shares of its width and height."""
    return page.evaluate(
        """() => {
      const f = document.querySelector('.cadre:not(.voisin)').getBoundingClientRect();
      const i = document.querySelector('.page-image img').getBoundingClientRect();
      return {x0: (f.left - i.left) / i.width, x1: (f.right - i.left) / i.width,
              y0: (f.top - i.top) / i.height, y1: (f.bottom - i.top) / i.height};
    }"""
    )


def _printed_in_frame(page: Any, project: Settings, name: str) -> str:
    """The text that the PDF itself has under the frame."""
    import pypdfium2

    frame, number = _frame(page), int(name.rpartition("/")[2].removesuffix(".png"))
    with pypdfium2.PdfDocument(project.raw / ACT / "annexe.pdf") as document:
        sheet = document[number - 1]
        width, height = sheet.get_size()
        box = (frame["x0"] * width, (1 - frame["y1"]) * height, frame["x1"] * width, (1 - frame["y0"]) * height)
        return str(sheet.get_textpage().get_text_bounded(*box))


def _ink(png: bytes, frame: dict[str, float]) -> int:
    """Dark points of the picture inside the frame, its border left out."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("L")
    w, h = picture.size
    inside = (frame["x0"] * w + 8, frame["y0"] * h + 8, frame["x1"] * w - 8, frame["y1"] * h - 8)
    return sum(picture.crop(tuple(map(int, inside))).histogram()[:100])


def test_the_slider_shows_what_was_held_each_day(page: Any, folder: Path) -> None:
    show(page, f"{folder.as_uri()}/commune.html?c=93066&le=2020-12-01")
    section = page.locator("section", has=page.locator("h2", has_text="Premier quartile"))
    assert "Seuil 2020" in section.inner_text()
    page.focus("#curseur")
    page.keyboard.press("End")
    assert section.inner_text().count("Non détenu") == 1
    assert "Seuil 2020" not in section.inner_text()
    assert "le=2020-12-01" not in page.url


def test_a_commune_stands_in_the_region_of_the_day(page: Any, folder: Path) -> None:
    show(page, f"{folder.as_uri()}/commune.html?c=01004&le=2009-12-15")
    assert page.inner_text("#region").strip(" ·") == "Rhône-Alpes"
    page.focus("#curseur")
    page.keyboard.press("End")
    assert page.inner_text("#region").strip(" ·") == "Auvergne-Rhône-Alpes"


def test_a_cell_and_a_title_that_hold_markup_are_shown_as_printed(page: Any, folder: Path) -> None:
    for kind in KINDS:
        show(page, f"{folder.as_uri()}/{kind}")
        assert page.evaluate(
            "window.pris === undefined && !document.querySelector('main img[src=x], main script:not([type])')"
        )
    show(page, f"{folder.as_uri()}/valeur.html?v=1&l=1&c=nom_epci")
    assert page.inner_text("h1") == HOSTILE
    show(page, f"{folder.as_uri()}/actes/{ACT}.html")
    assert TITLE in page.inner_text("main")


def test_a_query_runs_and_its_address_reopens_it(page: Any, address: str) -> None:
    show(page, f"{address}sql.html")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("select siren, seuil_euros_par_uc_an from premier_quartile order by 2 limit 3")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#sql-lignes tbody tr")
    assert page.locator("#sql-lignes tbody tr").count() == 3
    assert page.locator("#sql-courbe svg").count() >= 1
    first = page.inner_text("#sql-lignes tbody")
    show(page, address + page.get_attribute("#lien", "href"))
    page.wait_for_selector("#sql-lignes tbody tr")
    assert page.inner_text("#sql-lignes tbody") == first


def test_a_cell_of_an_answer_is_shown_as_text(page: Any, address: str) -> None:
    show(page, f"{address}sql.html?q=select%20%27%3Cscript%3Ewindow.pris%3D1%3C%2Fscript%3E%27%20as%20%22%3Cb%3Ex%22")
    page.wait_for_selector("#sql-lignes td")
    assert page.inner_text("#sql-lignes td") == "<script>window.pris=1</script>"
    assert page.evaluate("window.pris === undefined")


def test_the_pages_reckon_the_file_of_a_key_as_the_program_does(page: Any, folder: Path) -> None:
    show(page, f"{folder.as_uri()}/index.html")
    for key in ("", "200040350|01", "Évry|œuvre"):
        assert page.evaluate("(key) => annexes.somme(key)", key) == zlib.crc32(key.encode())


@pytest.mark.parametrize(
    ("width", "scheme", "kinds"),
    [
        (390, "dark", KINDS),
        (1100, "light", [k for k in KINDS if k.partition("?")[0] in ("index.html", "cartes.html", "commune.html")]),
    ],
)
def test_nothing_serious_hinders_a_keyboard_or_a_screen_reader(
    page: Any, folder: Path, address: str, width: int, scheme: str, kinds: Sequence[str]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (extra browser)")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    found = {}
    for kind in (*(f"{folder.as_uri()}/{kind}" for kind in kinds), f"{address}sql.html?q=from%20prix_psla"):
        show(page, kind)
        grave = [
            v
            for v in axe.Axe().run(page, options={"preload": False}).response["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        if grave:
            found[kind] = [(v["id"], v["nodes"][0]["html"][:160]) for v in grave]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[kind] = [*found.get(kind, []), ("wider than the screen", "")]
    assert found == {}
