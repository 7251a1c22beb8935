"""The grids of an act against what its datasets expect: one table may feed two, and none is left without a word."""

from __future__ import annotations

from typing import Any

from pipeline.contract.dataset import Dataset, Expect, Ignore
from pipeline.datasets.toolkit import take
from pipeline.documents.model import Act, Relation
from pipeline.extract.model import Cell, Grid, Reading, Source, Unread
from tests.warehouse.made import seuils

ANNEX = Expect("annexe", headers=("zone", "prix"))
FORM = Ignore("modèle de lettre", "formulaire", headers=("zone", "prix"))


def grid(*rows: tuple[str, ...], line: int = 1, **changes: Any) -> Grid:
    cells = [
        Cell(r, c, text, Source(line=line + r, start=9 * c, end=9 * c + len(text)), header=r == 0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return Grid(len(rows), len(rows[0]), tuple(cells), Source(line=line), **changes)


PRICES = grid(("Zone", "Prix maximum"), ("A", "4 100"))
COLOURS = grid(("Couleur", "Nombre"), ("rouge", "3"), line=9)


def dataset(name: str, *inventory: Expect | Ignore) -> Dataset:
    return seuils(name, inventory=inventory)


def test_a_grid_goes_to_each_dataset_that_expects_it() -> None:
    found = take(Reading((PRICES,)), [dataset("a", ANNEX), dataset("b", ANNEX)])
    assert found.found == {"a": {"annexe": (PRICES,)}, "b": {"annexe": (PRICES,)}}
    assert (found.missing, found.unknown, list(found.observations)) == ({"a": (), "b": ()}, [], [])


def test_a_grid_that_one_dataset_reads_is_not_ignored_though_another_ignores_it() -> None:
    for order in ((ANNEX, FORM), (FORM, ANNEX)):
        found = take(Reading((PRICES,)), [dataset("a", order[0]), dataset("b", order[1])])
        assert found.ignored == []
        assert [grids for grids in found.found.values() if grids] == [{"annexe": (PRICES,)}]


def test_a_grid_that_none_reads_is_ignored_for_the_reason_declared() -> None:
    found = take(Reading((PRICES,)), [dataset("a", FORM), dataset("b", FORM)])
    assert found.ignored == [(PRICES, "a", "formulaire")]
    assert found.unknown == []


def test_the_first_item_that_matches_is_the_one() -> None:
    found = take(Reading((PRICES,)), [dataset("a", FORM, ANNEX)])
    assert found.ignored == [(PRICES, "a", "formulaire")]
    assert found.missing == {"a": ("annexe",)}


def test_a_grid_that_nobody_knows_is_an_error_with_its_headers_and_place() -> None:
    found = take(Reading((PRICES, COLOURS)), [dataset("a", ANNEX)])
    assert found.unknown == [COLOURS]
    (said,) = found.observations
    assert (said.rule, said.severity, said.source) == ("tableau_inconnu", "error", COLOURS.source)
    assert said.message == "tableau que le jeu de données ne connaît pas (couleur | nombre)"


def test_an_expected_grid_that_is_missing_is_named_unless_it_is_optional() -> None:
    optional = Expect("annexe I", under="annexe i", optional=True)
    found = take(Reading(()), [dataset("a", ANNEX, optional)])
    assert found.missing == {"a": ("annexe",)}
    assert list(found.observations) == []


def test_an_optional_grid_of_a_document_that_leaves_passages_out_is_said_with_the_place() -> None:
    optional = Expect("annexe I", under="annexe i", optional=True)
    prose = Expect("liste", under="liste", optional=True, or_prose=True)
    cut = Reading((PRICES,), unread=(Unread("passage_omis", Source(line=30)), Unread("image_non_lue", Source(line=31))))
    (said,) = take(cut, [dataset("a", ANNEX, optional, prose)]).observations
    assert (said.rule, said.severity, said.subject) == ("annexe_non_reproduite", "warning", "annexe I")
    assert said.message == "annexe I : non reproduite dans ce document (ligne 30)"


def test_headers_are_all_of_them_and_in_order() -> None:
    for rows in ((("Zone",), ("A",)), (("Prix", "Zone"), ("1", "A")), (("Zone", "Prix", "Note"), ("A", "1", "x"))):
        assert take(Reading((grid(*rows),)), [dataset("a", ANNEX)]).found == {"a": {}}


def test_a_grid_is_told_by_the_path_above_it_and_by_what_it_holds() -> None:
    under = Expect("annexe", under="annexe ii")
    form = Ignore("lettre", "formulaire", containing="soussigne")
    annex, other = grid(("a", "b"), under=("Annexe II",)), grid(("a", "b"), under=("Annexe I",))
    letter = grid(("a", "je soussigné"))
    found = take(Reading((annex, other, letter)), [dataset("a", under, form)])
    assert found.found == {"a": {"annexe": (annex,)}}
    assert (found.unknown, found.ignored) == ([other], [(letter, "a", "formulaire")])


def act(title: str, relation: Relation | None = None) -> Act:
    return Act("A1", title, relation=relation)


def test_what_the_act_does_to_another_one_tells_two_tables_with_the_same_titles_apart() -> None:
    amending = Expect(
        "annexe", headers=ANNEX.headers, relation=r"modifie a1987 partielle|modifiant l'arrete du 29 juillet 1987"
    )
    own = [dataset("a", amending)]
    declared = act("Arrêté relatif aux prix", Relation("modifie", "A1987", "partielle"))
    assert take(Reading((PRICES,)), own, declared).found["a"] == {"annexe": (PRICES,)}
    titled = act("Arrêté modifiant l'arrêté du 29 juillet 1987")
    assert take(Reading((PRICES,)), own, titled).found["a"] == {"annexe": (PRICES,)}
    other = take(Reading((PRICES,)), own, act("Arrêté relatif aux loyers"))
    assert (other.unknown, other.missing) == ([PRICES], {"a": ("annexe",)})
    assert "mais acte « arrete relatif aux loyers »" in other.observations[0].message


def test_what_a_grid_holds_may_speak_against_it() -> None:
    few = Expect("annexe", headers=ANNEX.headers, content=lambda grid: "trop de lignes" if grid.n_rows > 2 else "")
    long = grid(("Zone", "Prix maximum"), ("A", "4 100"), ("B1", "2 750"), line=20)
    found = take(Reading((PRICES, long)), [dataset("a", few)])
    assert (found.found["a"], found.unknown) == ({"annexe": (PRICES,)}, [long])
    assert "mais trop de lignes" in found.observations[0].message
