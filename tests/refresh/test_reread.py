"""What a value was read from, looked at again: staged if it is there, else extracted, else said to be gone."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.refresh import review
from pipeline.settings import Settings

SHEET = "places-regionales"


def test_a_file_that_is_not_staged_is_extracted_with_the_lines_of_the_original(
    make_project: Callable[..., Settings],
) -> None:
    reading = review.reader(make_project(SHEET))(SHEET, "places.tsv")
    assert reading is not None
    assert reading.grids[0].at(0, 0).source.line == 3  # two empty lines stood above it


def test_what_is_gone_has_no_reading(make_project: Callable[..., Settings]) -> None:
    settings = make_project(SHEET)
    assert review.reader(settings)(SHEET, "autre.tsv") is None
    assert review.reader(settings)("INCONNU", "places.tsv") is None
    (settings.raw / SHEET / "places.tsv").unlink()
    assert review.reader(settings)(SHEET, "places.tsv") is None


def test_the_annex_is_the_heading_that_document_toml_names(make_project: Callable[..., Settings]) -> None:
    settings = make_project("BOI-8A-2-09", SHEET)
    assert review.annex_of(settings, "BOI-8A-2-09", "LOGU0907602A") == "Annexe 2"
    assert review.annex_of(settings, "BOI-8A-2-09", "ECEL0930010J") == ""
    assert review.annex_of(settings, SHEET, None) == ""


def test_corrections_that_cannot_be_read_are_none(make_project: Callable[..., Settings]) -> None:
    settings = make_project(SHEET)
    assert [rule.id for rule in review.corrections_of(settings, SHEET)] == ["fontanil"]
    (settings.raw / SHEET / "corrections.toml").write_text("[[correction]", encoding="utf-8")
    assert review.corrections_of(settings, SHEET) == ()
