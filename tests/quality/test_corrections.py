"""Corrections applied to cells and to names of an enumeration; guards that fail."""

from __future__ import annotations

from dataclasses import replace

from pipeline.documents.decisions import Correction, Where
from pipeline.extract.model import Cell, Grid, Paragraph, Reading, Repair, Source
from pipeline.quality.corrections import apply

RULE = Correction("fontanil", "Fontanil", "Fontanil-Cornillon", "nom usuel", "applied")


def cell(row: int, col: int, text: str, *, header: bool = False) -> Cell:
    return Cell(row, col, text, Source(line=row + 1, start=10 * col, end=10 * col + len(text)), header=header)


GRID = Grid(
    n_rows=3,
    n_cols=2,
    cells=(
        cell(0, 0, "Département", header=True),
        cell(0, 1, "Commune", header=True),
        cell(1, 0, "Isère (38)"),
        cell(1, 1, "Fontanil"),
        cell(2, 0, "Ain (01)"),
        cell(2, 1, "Péronnas"),
    ),
    under=("Annexe 1",),
)
READING = Reading((GRID,))


def test_the_cell_is_replaced_and_keeps_its_place() -> None:
    corrected = apply(READING, [RULE])
    changed = corrected.reading.grids[0].at(1, 1)
    assert changed == replace(cell(1, 1, "Fontanil"), text="Fontanil-Cornillon")
    assert corrected.by_source == {changed.source: RULE}
    assert corrected.reading.repairs == (Repair("correction", changed.source, "Fontanil", "Fontanil-Cornillon"),)
    (observation,) = corrected.observations
    assert (observation.rule, observation.severity, observation.subject) == ("correction_appliquee", "info", "fontanil")
    assert (observation.printed, observation.expected) == ("Fontanil", "Fontanil-Cornillon")


def test_the_reading_given_is_left_as_it_is() -> None:
    apply(READING, [RULE])
    assert READING.grids[0].at(1, 1) == cell(1, 1, "Fontanil")


def test_a_proposal_is_shown_and_changes_nothing() -> None:
    corrected = apply(READING, [replace(RULE, status="proposed")])
    assert corrected.reading == READING
    assert [o.rule for o in corrected.observations] == ["correction_proposee"]


def test_the_place_may_be_narrowed() -> None:
    for where in (Where(line=2), Where(column="commune"), Where(column=2), Where(headings="annexe 1")):
        assert apply(READING, [replace(RULE, where=where)]).by_source
    for where in (
        Where(line=3),
        Where(column="Département"),
        Where(column=1),
        Where(headings="annexe 2"),
        Where(page=1),
    ):
        assert not apply(READING, [replace(RULE, where=where)]).by_source


def failure(rule: Correction) -> str:
    corrected = apply(READING, [rule])
    assert corrected.reading == READING
    (observation,) = corrected.observations
    assert (observation.rule, observation.severity) == ("correction_sans_objet", "error")
    return observation.message


def test_the_guard_fails_when_the_source_no_longer_says_so() -> None:
    assert "n'est imprimé nulle part" in failure(replace(RULE, printed="Fontanille"))
    assert "mais ligne 2" in failure(replace(RULE, where=Where(line=3)))
    assert "imprimé 1 fois à cet endroit, 2 attendu" in failure(replace(RULE, expect=2))


def test_two_rules_on_one_cell_are_both_left() -> None:
    corrected = apply(READING, [RULE, replace(RULE, id="autre", should_be="Fontanil-le-Haut")])
    assert corrected.reading == READING
    *_, contrary = corrected.observations
    assert (contrary.rule, contrary.severity, contrary.subject) == ("corrections_contraires", "error", "autre")
    assert (contrary.source, contrary.printed) == (cell(1, 1, "Fontanil").source, "Fontanil")
    message = "« Fontanil » : les corrections « fontanil » et « autre » se contredisent, aucune n'est appliquée"
    assert contrary.message == message


PROSE = Paragraph("01-Ain : Arbent, Belley, Bel-Air ; Oyonnax.", Source(line=40, start=0, end=43))
NAME = Correction("belley", "Belley", "Belley-sur-Ain", "lecture optique", "applied", Where(line=40))


def test_a_name_of_an_enumeration_is_corrected_when_it_is_cut() -> None:
    corrected = apply(Reading((PROSE,)), [NAME])
    piece = Cell(1, 0, "Belley", PROSE.source.piece(17, 23))
    assert corrected.piece(piece) == replace(piece, text="Belley-sur-Ain")
    assert corrected.rule_of(corrected.piece(piece)) == NAME
    assert corrected.piece(replace(piece, text="Oyonnax")).text == "Oyonnax"
    assert corrected.piece(replace(piece, source=Source(line=41))).text == "Belley"
    assert [o.rule for o in corrected.observations] == ["correction_appliquee"]


def test_a_name_inside_a_longer_name_is_not_the_name() -> None:
    corrected = apply(Reading((PROSE,)), [replace(NAME, printed="Bel")])
    assert [o.rule for o in corrected.observations] == ["correction_sans_objet"]


def test_a_name_printed_more_often_than_declared_is_left() -> None:
    twice = replace(PROSE, text="01-Ain : Arbent, Belley, Bel-Air ; Belley.")
    corrected = apply(Reading((twice,)), [NAME])
    (observation,) = corrected.observations
    assert (observation.rule, corrected.in_prose) == ("correction_sans_objet", ())
    assert "imprimé 2 fois à cet endroit, 1 attendu" in observation.message
    assert [o.rule for o in apply(Reading((twice,)), [replace(NAME, expect=2)]).observations] == [
        "correction_appliquee"
    ]


def test_the_same_name_on_another_page_is_not_corrected() -> None:
    """Pages have no lines: the page alone says which paragraph a name was cut from."""
    here, there = (replace(PROSE, source=Source(page=n, box=(50, 100, 500, 120))) for n in (3, 4))
    corrected = apply(Reading((here, there)), [replace(NAME, where=Where(page=3))])
    assert [o.rule for o in corrected.observations] == ["correction_appliquee"]
    assert corrected.piece(Cell(1, 0, "Belley", here.source)).text == "Belley-sur-Ain"
    assert corrected.piece(Cell(1, 0, "Belley", there.source)).text == "Belley"
