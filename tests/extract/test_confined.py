"""Files of every format are read in a confined child: what one does there costs that file, and only it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import extract
from pipeline.extract import read
from pipeline.extract.model import Aside, Cell, ExtractError, Grid, Heading, Paragraph, Reading, Repair, Source, Unread
from pipeline.extract.packing import pack, unpack

READING = Reading(
    (
        Heading(1, "Annexe", Source(line=1), ("Titre",)),
        Grid(
            2,
            2,
            (
                Cell(0, 0, "a", Source(page=1, box=(0.0, 1.0, 2.0, 3.0)), header=True),
                Cell(1, 0, "b", Source(path="/TEXTE", offset=7), 1, 2),
            ),
            Source(line=2, last_line=3, start=0, end=4),
            "titre",
            ("Annexe",),
            unit="euros",
        ),
        Paragraph("suite", Source(line=4)),
        Grid(0, 0, ()),
    ),
    (Repair("k", Source(line=1), "x", "y"),),
    (Unread("u", Source(page=2), "d"),),
    (Aside("r", "t", Source(line=9)),),
    {"producer": "p"},
)


def test_a_reading_is_packed_and_unpacked_whole() -> None:
    assert unpack(pack(READING)) == READING


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.tsv"
    path.write_text("a\tb\n1\t2\n", encoding="utf-8")
    return path


def read_by(monkeypatch: pytest.MonkeyPatch, file: Path, reader: str) -> Reading:
    monkeypatch.setitem(extract._FROM_BYTES, "tsv", f"tests.extract.hostile:{reader}")
    return read(file, "tsv")


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        ("abort", r"s'est arrêtée \(SIGABRT\)"),
        ("compute_for_ever", r"temps de calcul dépassé \(1 s\)"),
        ("take_memory", "mémoire dépassée"),
        ("misunderstand", "IndexError: no such cell"),
    ],
)
def test_what_a_file_does_to_its_reader_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, file: Path, reader: str, reason: str
) -> None:
    monkeypatch.setattr(extract, "CPU_SECONDS", 1)
    monkeypatch.setattr(extract, "WALL_FOR_CPU", 100)
    with pytest.raises(ExtractError, match=f"^lecture impossible : .*{reason}") as caught:
        read_by(monkeypatch, file, reader)
    assert caught.value.remedy


def test_a_reader_that_waits_for_ever_is_late(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setattr(extract, "CPU_SECONDS", 1)
    monkeypatch.setattr(extract, "WALL_FOR_CPU", 1)
    with pytest.raises(ExtractError, match=r"délai dépassé \(1 s\)"):
        read_by(monkeypatch, file, "sleep_for_long")


def test_a_refusal_of_the_reader_comes_as_it_is(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    with pytest.raises(ExtractError) as caught:
        read_by(monkeypatch, file, "refuse")
    assert str(caught.value) == "vide (le reprendre)"
    assert caught.value.source.line == 3


def test_a_file_is_read_under_limits(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    (held,) = read_by(monkeypatch, file, "limits_in_force").blocks
    assert isinstance(held, Paragraph)
    memory, core, cpu = map(int, held.text.split())
    assert (memory, core) == (extract.MEMORY_BYTES, 0)
    assert extract.CPU_SECONDS <= cpu <= extract.CPU_SECONDS + 2


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.tsv", "tsv")


def test_the_next_file_is_read_after_a_hostile_one(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    with monkeypatch.context() as patched, pytest.raises(ExtractError):
        read_by(patched, file, "abort")
    assert [cell.text for cell in read(file, "tsv").grids[0].cells] == ["a", "b", "1", "2"]
