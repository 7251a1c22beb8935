"""Words into ruled cells."""

from __future__ import annotations

from pipeline.extract.pdf.lattice import fill, page_table
from pipeline.extract.pdf.lattice_split import split
from pipeline.extract.pdf.words import Word
from tests.extract.pdf.printed import lattices, ruled, texts, words

XS, YS = [0.0, 60.0, 160.0, 220.0], [0.0, 20.0, 40.0, 60.0]


def filled(*printed: tuple[float, float, str]) -> list[list[str]]:
    (lattice,) = lattices(ruled(XS, YS))
    return texts(page_table(fill(lattice, words(*printed))[0]))


def test_a_word_belongs_to_the_cell_where_it_begins() -> None:
    assert filled((2, 5, "01"), (62, 5, "Ain"), (162, 45, "8861"))[0] == ["01", "Ain", ""]


def test_text_too_long_for_its_cell_stays_whole() -> None:
    rows = filled((62, 5, "CA du Bassin de Bourg en Bresse"), (62, 25, "CC Ain"), (162, 25, "12345"))
    assert rows[0] == ["", "CA du Bassin de Bourg en Bresse", ""]
    assert rows[1] == ["", "CC Ain", "12345"]


def test_overflowing_text_printed_over_its_neighbour_is_not_mixed_with_it() -> None:
    rows = filled((62, 5, "Communauté d'agglomération"), (162, 5, "200071751"), (162, 25, "240100750"))
    assert rows[0] == ["", "Communauté d'agglomération", "200071751"]


def test_a_text_that_touches_its_neighbour_ends_there() -> None:
    # The text fills its cell to the border, where the neighbour's begins: nothing but the operator parts them.
    rows = filled((65, 5, "Syndicat géothermie"), (160, 5, "Réseau"))
    assert rows[0] == ["", "Syndicat géothermie", "Réseau"]


def test_rows_drawn_as_one_string_are_parted_at_the_rules() -> None:
    rows = filled(*[(2, y, f"0{i}          Aisne               9{i}00") for i, y in enumerate((5, 25, 45))])
    assert rows == [[f"0{i}", "Aisne", f"9{i}00"] for i in range(3)]


def test_words_outside_the_table_are_handed_back() -> None:
    (lattice,) = lattices(ruled(XS, YS))
    _, rest = fill(lattice, words((2, 5, "01"), (2, 80, "Note")))
    assert [word.text for word in rest] == ["Note"]


def test_figures_one_below_the_other_between_column_rules_are_rows() -> None:
    (lattice,) = lattices(ruled([0, 100, 200], [0, 20, 100]))
    names = [(2.0, 25.0 + 14 * i, name) for i, name in enumerate(("Ain", "Aisne", "Allier"))]
    values = [(110.0, 25.0 + 14 * i, f"{i}12") for i in range(3)]
    inside: list[Word] = words((2, 5, "Nom"), (110, 5, "Seuil"), *names, *values)
    assert texts(split(fill(lattice, inside)[0], ruled([], []))) == [
        ["Nom", "Seuil"],
        ["Ain", "012"],
        ["Aisne", "112"],
        ["Allier", "212"],
    ]


def test_a_wrapped_name_beside_one_figure_is_one_row() -> None:
    (lattice,) = lattices(ruled([0, 100, 200], [0, 20, 60]))
    inside = words((2, 5, "Nom"), (110, 5, "Seuil"), (2, 25, "CA du"), (2, 37, "Bassin"), (110, 30, "8861"))
    assert texts(split(fill(lattice, inside)[0], ruled([], []))) == [["Nom", "Seuil"], ["CA du Bassin", "8861"]]


RECORDS = (("1", "HISPANIC", "43"), ("2", "BLACK", "88"), ("3", "WHITE", "75"))


def grouped(x: tuple[float, float, float], row: float) -> list[tuple[float, float, str]]:
    return [(at, 25 + row * i, text) for i, record in enumerate(RECORDS) for at, text in zip(x, record, strict=True)]


def test_columns_that_no_rule_parts_are_columns_beside_rows_that_no_rule_parts() -> None:
    (lattice,) = lattices(ruled([0, 120, 200], [0, 20, 80]))
    header = [(20.0, 5.0, "n"), (60.0, 5.0, "group"), (130.0, 5.0, "score")]
    inside = words(*header, *grouped((20.0, 60.0, 130.0), 14))
    assert texts(split(fill(lattice, inside)[0], ruled([], []))) == [["n", "group", "score"], *map(list, RECORDS)]


def test_columns_that_no_rule_parts_are_columns_between_ruled_rows() -> None:
    (lattice,) = lattices(ruled([0, 120, 200], [20.0 * i for i in range(6)]))
    rows = [(x, 5 + 20 * i, text) for i in range(1, 5) for x, text in ((5.0, f"n{i}"), (80.0, f"{i}1"), (130.0, "8"))]
    inside = words((5, 5, "Nom"), (75, 5, "Code"), (130, 5, "Note"), *rows)
    expected = [["Nom", "Code", "Note"], *([f"n{i}", f"{i}1", "8"] for i in range(1, 5))]
    assert texts(split(fill(lattice, inside)[0], ruled([], []))) == expected


def test_a_label_centred_over_columns_that_no_rule_parts_spans_them() -> None:
    (lattice,) = lattices(ruled([0, 120, 200], [0, 20, 80]))
    inside = words((47, 5, "Group"), (130, 5, "Score"), *grouped((20.0, 60.0, 130.0), 14))
    table = split(fill(lattice, inside)[0], ruled([], []))
    assert texts(table)[0] == ["Group", "^", "Score"]
    assert texts(table)[1:] == list(map(list, RECORDS))


def test_names_set_wide_in_a_ruled_column_stay_whole() -> None:
    (lattice,) = lattices(ruled([0, 120, 200], [20.0 * i for i in range(7)]))
    names = ("CA du  Bassin", "CC  Ain", "Métropole de  Lyon", "CU  Arras", "CC de  la  Dombes")
    rows = [(5.0, 25.0 + 20 * i, name) for i, name in enumerate(names)]
    values = [(130.0, 25.0 + 20 * i, "8861") for i in range(5)]
    table = split(fill(lattice, words((5, 5, "Nom"), (130, 5, "Seuil"), *rows, *values))[0], ruled([], []))
    assert table.n_cols == 2


def test_lines_broken_before_the_cell_was_full_are_rows_when_every_cell_has_as_many() -> None:
    labels, values = ("Nature", "Débit", "Exutoire", "Traitement"), ("Eaux pluviales", "10 l/s", "Fossé", "Débourbeur")
    pairs = [
        (x, 25.0 + 14 * i, t)
        for i, pair in enumerate(zip(labels, values, strict=True))
        for x, t in zip((2, 110), pair, strict=True)
    ]
    (lattice,) = lattices(ruled([0, 100, 220], [0, 20, 84]))
    table = split(fill(lattice, words((2, 5, "Rejet"), (110, 5, "n° 2"), *pairs))[0], ruled([], []))
    assert texts(table) == [["Rejet", "n° 2"], *map(list, zip(labels, values, strict=True))]
    # The same lines in a column as narrow as they are: text that was wrapped.
    (lattice,) = lattices(ruled([0, 52, 100], [0, 20, 84]))
    narrow = [(x if x == 2 else 55, y, "Débourbeur" if x == 2 else t[:4]) for x, y, t in pairs]
    assert split(fill(lattice, words((2, 5, "Rejet"), (55, 5, "n° 2"), *narrow))[0], ruled([], [])).n_rows == 2
