"""Every printed piece meets exactly one fate: ledgers that do not balance, and what each piece is counted as."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.rows import LedgerLine, Observation
from pipeline.extract.model import Aside, Cell, Grid, Reading, Source
from pipeline.quality.ledger import Fates, close
from tests.quality.made import cell

HEADER = (cell(0, 0, "zone", header=True), cell(0, 1, "prix", header=True))
CELLS = (cell(1, 0, "A"), cell(1, 1, "4 100"), cell(2, 0, "B1"), cell(2, 1, "2 750"))


def reading(*cells: Cell, asides: tuple[Aside, ...] = ()) -> Reading:
    return Reading((Grid(3, 2, cells),), asides=asides)


def closed(read: Reading, fates: Fates) -> tuple[list[LedgerLine], list[Observation]]:
    return close(read, fates, "D1", "annexe.xml", {"prix": "A1"})


def line(fate: str, cells: int, reason: str = "", dataset: str = "prix", edition: str = "A1") -> LedgerLine:
    return LedgerLine("D1", "annexe.xml", dataset, edition, fate, reason, cells)  # type: ignore[arg-type]


def published(*cells: Cell) -> Fates:
    return Fates(published={c.source: "prix" for c in cells})


def test_cells_that_values_cite_are_published_and_the_header_is_ignored() -> None:
    lines, wrong = closed(reading(*HEADER, *CELLS), published(*CELLS))
    assert wrong == []
    assert lines == [line("ignored", 2, "entete", "", ""), line("published", 4)]


def test_a_cell_that_nothing_reads_is_an_error_with_its_place() -> None:
    lines, wrong = closed(reading(*HEADER, *CELLS), published(*CELLS[:3]))
    (error,) = wrong
    assert (error.rule, error.severity, error.source) == ("cellule_sans_destin", "error", CELLS[3].source)
    assert (error.subject, error.printed) == ("2 750", "2 750")
    assert error.message == "« 2 750 » (ligne 3) : imprimé, ni publié, ni écarté, ni ignoré"
    assert line("published", 3) in lines


def test_a_cell_that_is_published_and_ignored_is_an_error_with_its_place() -> None:
    fates = published(*CELLS)
    fates.ignore([CELLS[2]], "prix", "note")
    lines, wrong = closed(reading(*CELLS), fates)
    (error,) = wrong
    assert (error.rule, error.severity, error.source) == ("cellule_a_deux_destins", "error", CELLS[2].source)
    assert error.message == "« B1 » (ligne 3) : publié et ignoré à la fois"
    assert lines == [line("published", 4)]


def test_a_header_that_a_value_cites_is_published_and_not_ignored_too() -> None:
    lines, wrong = closed(reading(*HEADER, *CELLS), published(*CELLS, HEADER[1]))
    assert wrong == []
    assert lines == [line("ignored", 1, "entete", "", ""), line("published", 5)]


def test_a_header_that_is_refused_stays_refused() -> None:
    fates = published(*CELLS)
    fates.quarantined[HEADER[0].source] = ("prix", "zone_inconnue")
    lines, wrong = closed(reading(*HEADER, *CELLS), fates)
    assert wrong == []
    assert line("quarantined", 1, "zone_inconnue") in lines


def test_a_cell_of_a_refused_row_that_another_row_cites_is_published() -> None:
    fates = published(*CELLS[:3])
    fates.quarantined.update({c.source: ("prix", "montant_illisible") for c in CELLS[2:]})
    lines, wrong = closed(reading(*CELLS), fates)
    assert wrong == []
    assert lines == [line("published", 3), line("quarantined", 1, "montant_illisible")]


def test_a_refused_cell_that_is_ignored_too_counts_as_refused() -> None:
    fates = Fates(quarantined={c.source: ("prix", "montant_illisible") for c in CELLS})
    fates.ignore([CELLS[0]], "prix", "note")
    lines, wrong = closed(reading(*CELLS), fates)
    assert (lines, wrong) == ([line("quarantined", 4, "montant_illisible")], [])


def test_the_first_reason_to_ignore_a_cell_is_the_one_said() -> None:
    fates = Fates()
    fates.ignore(CELLS, "prix", "note")
    fates.ignore(CELLS, "prix", "entete")
    assert closed(reading(*CELLS), fates) == ([line("ignored", 4, "note")], [])


def test_an_empty_cell_needs_no_fate() -> None:
    assert closed(reading(cell(1, 0, "")), Fates()) == ([], [])


def test_what_extraction_set_aside_is_counted_under_its_reason() -> None:
    head = Aside("titre_courant", "JOURNAL OFFICIEL", Source(page=1, box=(0, 0, 9, 9)))
    lines, wrong = closed(reading(*CELLS, asides=(head,)), published(*CELLS))
    assert wrong == []
    assert lines == [line("ignored", 1, "titre_courant", "", ""), line("published", 4)]


def test_what_was_set_aside_and_is_published_all_the_same_is_an_error() -> None:
    note = Aside("note", "4 100", Source(line=9))
    fates = published(*CELLS)
    fates.published[note.source] = "prix"
    _, wrong = closed(reading(*CELLS, asides=(note,)), fates)
    assert [(o.rule, o.printed) for o in wrong] == [("cellule_a_deux_destins", "4 100")]


def test_the_names_of_an_enumeration_need_a_fate_too() -> None:
    name = Source(line=40, start=9, end=15)
    fates = published(*CELLS)
    fates.pieces[name] = "Belley"
    _, wrong = closed(reading(*CELLS), fates)
    assert [(o.rule, o.printed) for o in wrong] == [("cellule_sans_destin", "Belley")]


MARKS = st.sets(st.sampled_from(["published", "quarantined", "ignored"]))


@given(st.lists(st.tuples(st.booleans(), MARKS), max_size=8))
def test_lines_and_errors_account_for_every_piece_once(pieces: list[tuple[bool, set[str]]]) -> None:
    """Whatever readers did: a piece is in one line of the ledger or is an error; two fates are an error besides."""
    cells = tuple(cell(n, 0, f"t{n}", header=header) for n, (header, _) in enumerate(pieces))
    fates = Fates()
    for each, (_, marks) in zip(cells, pieces, strict=True):
        if "published" in marks:
            fates.published[each.source] = "prix"
        if "quarantined" in marks:
            fates.quarantined[each.source] = ("prix", "r")
        if "ignored" in marks:
            fates.ignored[each.source] = ("prix", "note")
    lines, wrong = close(Reading((Grid(8, 1, cells),)), fates, "D1", "f", {})
    counted = sum(each.cells for each in lines)
    without = {o.printed for o in wrong if o.rule == "cellule_sans_destin"}
    twice = {o.printed for o in wrong if o.rule == "cellule_a_deux_destins"}
    assert counted + len(without) == len(cells)
    assert without == {c.text for c, (header, marks) in zip(cells, pieces, strict=True) if not marks and not header}
    assert twice == {c.text for c, (_, marks) in zip(cells, pieces, strict=True) if {"published", "ignored"} <= marks}
    assert len(wrong) == len(without) + len(twice)
