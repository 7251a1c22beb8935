"""What becomes of broken and hostile files: a clear refusal, or a reading that says what it lacks; then the next file.

Time and memory are held by limits lower than the defaults; the default ones are measured in benchmarks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.pdf.limits import MIB, Limits
from pipeline.extract.pdf.worker import read_pdf
from tests.extract.pdf.corpus.damaged import BAD, good

TIGHT = Limits(memory_bytes=640 * MIB, cpu_seconds=4, wall_seconds=30)

# What the refusal says.
REFUSED = {
    "empty": "vide",
    "not_a_pdf": "pas un PDF",
    "garbage": "pas un PDF lisible",
    "truncated": "pas un PDF lisible",
    "encrypted_with_password": "mot de passe",
    "flate_bomb": "page 1 : .*(mémoire|temps de calcul)",
    "exponential_forms": "page 1 : .*(mémoire|temps de calcul)",
    "five_million_characters": "page 1 : .*(mémoire|temps de calcul)",
    "form_that_draws_itself": "page 1 : .*(mémoire|temps de calcul)",
}
# What the reading says it has not read.
UNREAD = {
    "cyclic_page_tree": "page_illisible",
    "page_tree_10_000_deep": "page_illisible",
    "a_billion_pages": "page_sans_texte",
    "nested_arrays": "page_sans_texte",
    "nested_states": "page_sans_texte",
    "a_million_rectangles": "hors_limites",
    "dense_grid": "page_sans_texte",
    "without_text": "page_sans_texte",
    "far_away": "page_sans_texte",
}


def read_bytes(folder: Path, data: bytes, limits: Limits = TIGHT) -> Reading:
    path = folder / "file.pdf"
    path.write_bytes(data)
    return read_pdf(path, limits)


def test_every_bad_file_has_its_expectation() -> None:
    assert set(BAD) == {*REFUSED, *UNREAD, "encrypted_with_empty_password"}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason_and_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExtractError, match=REFUSED[name]) as caught:
        read_bytes(tmp_path, BAD[name]())
    assert caught.value.remedy


@pytest.mark.parametrize("name", UNREAD)
def test_read_and_says_what_is_missing(tmp_path: Path, name: str) -> None:
    reading = read_bytes(tmp_path, BAD[name]())
    assert {unread.kind for unread in reading.unread} == {UNREAD[name]}
    assert not reading.grids


def test_an_empty_password_opens(tmp_path: Path) -> None:
    (grid,) = read_bytes(tmp_path, BAD["encrypted_with_empty_password"]()).grids
    assert [cell.text for cell in grid.cells] == ["Code", "Nom", "01", "Ain", "02", "Aisne"]


@pytest.mark.parametrize("name", ["flate_bomb", "exponential_forms", "encrypted_with_password"])
def test_the_next_file_still_reads(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExtractError):
        read_bytes(tmp_path, BAD[name]())
    assert len(read_bytes(tmp_path, good()).grids) == 1


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(file_bytes=1000), "plus que les"),
        (Limits(pages=0), "1 pages, plus que les 0 admises"),
        (Limits(result_bytes=100), "dépasse"),
        (Limits(wall_seconds=0), "délai dépassé"),
    ],
)
def test_each_limit_refuses_a_good_file_beyond_it(tmp_path: Path, limits: Limits, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason):
        read_bytes(tmp_path, good(), limits)


@pytest.mark.parametrize("limits", [Limits(page_chars=100), Limits(page_edges=10), Limits(page_objects=10)])
def test_a_page_beyond_its_limits_is_declared(tmp_path: Path, limits: Limits) -> None:
    reading = read_bytes(tmp_path, good(), limits)
    assert [(unread.kind, unread.source.page) for unread in reading.unread] == [("hors_limites", 1)]
