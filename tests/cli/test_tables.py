"""`annexes tables`: any one file, outside any project; what it holds, where, and what could not be read."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.inside import Done, exit_code
from tests.extract.pdf.corpus.paper import Page, write
from tests.extract.pdf.corpus.tables import KINDS, make

ROWS = [("01", "Ain", f"Communauté {n}", f"{n:09d}", f"{100 * n}") for n in range(1, 60)]
HTML = """<!DOCTYPE html><html><body><h2>Plafonds</h2>
<table><tr><th>Zone</th><th>Prix</th></tr><tr><td rowspan="2">A</td><td>4 000</td></tr><tr><td>5 000</td></tr></table>
<p>Texte.</p><table><tr><th>Code</th></tr><tr><td>01</td></tr></table></body></html>"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command in a folder that is no project."""

    def run(*words: str) -> Done:
        capsys.readouterr()
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("ANNEXES_ROOT", raising=False)
        monkeypatch.setattr(sys, "argv", ["annexes", "tables", *words])
        code = exit_code()
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = tmp_path / "page.html"
    path.write_text(HTML, encoding="utf-8")
    return path.name


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_tables_are_listed_with_their_place_size_and_headers(run, page: str) -> None:
    done = run(page)
    assert done.code == 0
    first, second = (line.split() for line in done.out.splitlines() if line[1:2].isdigit())
    assert first[0] == "1"
    assert first[-6:] == ["3", "2", "Plafonds", "Zone", "|", "Prix"]
    assert second[-3:] == ["1", "Plafonds", "Code"]


def test_one_table_as_csv_its_merged_cells_once_or_repeated(run, page: str) -> None:
    assert rows(run(page, "1", "-f", "csv").out) == [["Zone", "Prix"], ["A", "4 000"], ["", "5 000"]]
    repeated = run(page, "1", "-f", "csv", "--merged", "repeat").out
    assert rows(repeated) == [["Zone", "Prix"], ["A", "4 000"], ["A", "5 000"]]


def test_a_table_is_drawn_for_people(run, page: str) -> None:
    done = run(page, "2")
    assert done.out.startswith("Tableau 2 · ")
    assert [line.split() for line in done.out.splitlines() if line.strip(" ─")][1:] == [["Code"], ["01"]]


def test_json_says_where_each_cell_is_printed(run, tmp_path: Path) -> None:
    sheet = make(ROWS, KINDS["ruled"])
    assert sheet.pages > 1
    (tmp_path / "annexe.pdf").write_bytes(sheet.pdf)
    done = run("annexe.pdf", "-f", "json")
    (table,) = json.loads(done.out)
    assert (table["lignes"], table["lignes_entete"], table["colonnes"]) == (60, 1, 5)
    assert table["lieu"] == f"p. 1 à {sheet.pages}"
    last = table["cellules"][-1]
    assert (last["ligne"], last["colonne"], last["texte"], last["page"]) == (59, 4, "5900", sheet.pages)
    assert len(last["cadre_points"]) == 4
    assert "réparations : entete_repete" in done.err


def test_each_table_in_a_file_of_its_own(run, page: str, tmp_path: Path) -> None:
    done = run(page, "-f", "csv", "--out", "dehors/csv")
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "dehors/csv").iterdir()) == ["page-1.csv", "page-2.csv"]
    assert rows((tmp_path / "dehors/csv/page-2.csv").read_text(encoding="utf-8")) == [["Code"], ["01"]]


def test_pages_without_text_are_said_once(run, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(write([Page() for _ in range(3)]))
    done = run("scan.pdf")
    assert (done.code, done.out) == (0, "scan.pdf : aucun tableau\n")
    assert done.err == "scan.pdf, p. 1 à 3 : page sans texte : à transcrire\n"


def test_pages_without_text_among_others_are_named_one_by_one(run, tmp_path: Path) -> None:
    printed = Page()
    printed.text(60, 90, "Une page de texte.", 9)
    pages = [Page(), printed, Page(), Page(), printed, Page()]
    (tmp_path / "scan.pdf").write_bytes(write(pages))
    assert run("scan.pdf").err == "scan.pdf, p. 1, 3 à 4 et 6 : page sans texte : à transcrire\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["7"], 2, "pas de tableau 7 : le fichier en a 2"),
        (["-f", "csv"], 2, "2 tableaux : en choisir un"),
        (["--out", "x"], 2, "ajouter --format csv"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(
    run, page: str, words: list[str], code: int, said: str
) -> None:
    done = run(page, *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7\ngarbage", "PDF lisible"),
        ("b.pdf", b"texte", "n'en est pas un"),
        ("c.bin", b"\0\1", "inconnu"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(
    run, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run(name)
    assert done.code == 1
    assert done.err.startswith(f"{name} : ")
    assert said in done.err


def test_a_whole_process_reads_a_file_outside_any_project(page: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "tables", page, "2", "-f", "csv"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Code\n01\n", "")
