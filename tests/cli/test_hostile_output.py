"""Text of a document, a title, a file name or a TOML value that is an attack: no escape sequence reaches a terminal, no
element a page, no formula a workbook, whichever command shows it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.site.build import build
from tests.cli.inside import Command
from tests.production import publish, read_document
from tests.refresh import small
from tests.refresh.small import ACT, DATASET, DOCUMENT, PRICES

ESCAPE = "\x1b[31m\x1b]0;titre\x07\x9b2J\u202e"
ELEMENT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://mal.example";"ici")'
# As TOML writes what no TOML text may hold.
_IN_TOML = f"\\u001b[31m\\u001b]0;titre\\u0007\\u009b2J\\u202e{ELEMENT}{FORMULA}".replace('"', '\\"')


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A project whose declarations, cells and findings are all of the three."""
    made = small.project(tmp_path_factory.mktemp("hostile") / "project")
    declared = made.raw / DOCUMENT / "document.toml"
    text = declared.read_text(encoding="utf-8")
    for said in ("Arrêté fixant des prix maximum", "location-accession", "Ministère du logement"):
        assert said in text
        text = text.replace(said, f"{said} {_IN_TOML}")
    declared.write_text(text, encoding="utf-8")
    hostile = f"{FORMULA} {ELEMENT} {ESCAPE}".replace("|", "")
    small.print_prices(made, {**PRICES, hostile: "4 000", "B2": f"{FORMULA}{ELEMENT}{ESCAPE}"})
    read_document(made, DOCUMENT)
    small.print_prices(made, PRICES)
    read_document(made, DOCUMENT)
    (made.raw / DOCUMENT / "findings.toml").write_text(
        f'[[finding]]\nid = "000000000000"\nreason = "{_IN_TOML}"\n', encoding="utf-8"
    )
    folder = made.raw / f"ARR\x1b[31m{ELEMENT.replace('/', '')}"
    folder.mkdir()
    (folder / "document.toml").write_text("[document]\n", encoding="utf-8")
    publish(made)
    return made


@pytest.fixture
def annexes(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(settings, monkeypatch, capsys)


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("status", "--json"),
        ("documents",),
        ("versions",),
        ("findings", "--severity", "info"),
        ("quarantine",),
        ("pending",),
        ("verify",),
        ("config",),
        ("cite", DATASET, "A"),
        ("why", DATASET, "A"),
        ("report", "Ministère"),
        ("sql", "select * from meta.acts"),
        ("sql", "select * from meta.acts", "-f", "record"),
        ("sql", f"select '{ESCAPE}' as a"),
        ("sql", f'select 1 as "{ESCAPE}"'),
        ("sql", f"from nowhere_{ESCAPE}"),
        ("withdraw", "99", "--reason", ESCAPE),
        ("refresh", "-d", ESCAPE),
        ("restore", f"{ESCAPE}.tar.gz"),
        ("tables", ESCAPE),
    ],
)
def test_no_escape_sequence_reaches_a_terminal(annexes: Command, words: tuple[str, ...]) -> None:
    done = annexes(*words)
    for said in (done.out, done.err):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said), said
    assert "Traceback" not in done.err


def test_no_element_of_a_document_reaches_a_page(settings: Settings, tmp_path: Path) -> None:
    build(settings, tmp_path / "site")
    pages = [p for p in (tmp_path / "site").rglob("*") if p.suffix in (".html", ".svg", ".xml")]
    assert len(pages) > 5
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
    assert any("&lt;script&gt;alert" in page.read_text(encoding="utf-8") for page in pages), "shown, and escaped"


def test_no_formula_reaches_a_workbook(annexes: Command, tmp_path: Path) -> None:
    path = tmp_path / "actes.xlsx"
    query = f"select title, '{FORMULA}' as a, '@SUM(1)' as b, '+1' as c from meta.acts where act_id = '{ACT}'"
    done = annexes("sql", query, "-f", "xlsx", "--out", str(path))
    assert done.code == 0, done.err
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)
