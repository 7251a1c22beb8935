"""Rows as the command hands them over: columns by position, NULL told from empty, each format whole."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli.rows import Output, rendered, unique, write
from pipeline.errors import AnnexesError
from tests.products.test_xlsx import workbook


def rows(*columns: tuple[str, list[object]]) -> pa.Table:
    return pa.Table.from_arrays([pa.array(values) for _, values in columns], names=[name for name, _ in columns])


TWINS = rows(("a", [1]), ("a", [2]), ("b", [3]))
MIXED = rows(
    ("code", ["01", None, ""]),
    ("nom", ["CA du Douaisis [c.A.D.]", "[/b]", 'un "mot", deux']),
    ("jour", [date(2020, 6, 15), None, None]),
    ("taux", [Decimal("5.50"), None, None]),
    ("noms", [["a", "b"], None, []]),
    ("vrai", [True, False, None]),
)


def test_columns_of_one_name_keep_their_values() -> None:
    assert rendered(TWINS, Output.csv) == "a,a,b\n1,2,3\n"
    assert json.loads(rendered(TWINS, Output.json)) == [{"a": 1, "a_1": 2, "b": 3}]
    assert [line.split() for line in rendered(TWINS, Output.table).split("\n")[:3:2]] == [
        ["a", "a", "b"],
        ["1", "2", "3"],
    ]
    assert rendered(TWINS, Output.record).split("\n")[1:3] == [" a  1", " a  2"]


def test_files_of_columns_of_one_name(tmp_path: Path) -> None:
    write(TWINS, Output.parquet, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").to_pydict() == {"a": [1], "a_1": [2], "b": [3]}
    write(TWINS, Output.xlsx, tmp_path / "x.xlsx")
    assert workbook(tmp_path / "x.xlsx")["résultat"] == [("a", "a", "b"), (1, 2, 3)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["a", "a"], ["a", "a_1"]), (["a", "a_1", "a"], ["a", "a_1", "a_2"]), (["a", "A"], ["a", "A_1"])],
)
def test_names_are_made_to_differ(names: list[str], expected: list[str]) -> None:
    assert unique(names) == expected


def test_null_is_told_from_empty() -> None:
    text = rendered(MIXED, Output.csv)
    assert text.split("\n")[2:4] == [",[/b],,,,false", '"","un ""mot"", deux",,,[],']
    assert [row[0] for row in csv.reader(io.StringIO(text))] == ["code", "01", "", ""]
    assert [line.split("   ")[0].strip() for line in rendered(MIXED, Output.table).split("\n")[2:5]] == [
        "01",
        "NULL",
        "",
    ]


def test_bracketed_text_is_shown_as_it_is() -> None:
    for output in (Output.table, Output.record, Output.csv, Output.json):
        assert "CA du Douaisis [c.A.D.]" in rendered(MIXED, output, 80)
        assert "[/b]" in rendered(MIXED, output, 80)


def test_what_is_left_out_is_said() -> None:
    wide = rows(*((f"une_colonne_{n}", ["x" * 30]) for n in range(10)))
    assert rendered(wide, Output.table, 80).rstrip().endswith("colonnes sur 10 ; toutes : --format record")
    long = rows(("n", list(range(1500))))
    assert rendered(long, Output.table, 80).rstrip().endswith("1000 lignes sur 1500 ; toutes : --format csv")
    assert rendered(long, Output.csv).count("\n") == 1501
    assert "aucune ligne" in rendered(rows(("n", [])), Output.table)


def test_a_long_json_is_one_array() -> None:
    assert len(json.loads(rendered(rows(("n", list(range(12_000)))), Output.json))) == 12_000
    assert json.loads(rendered(rows(("n", [])), Output.json)) == []


@pytest.mark.parametrize("output", [Output.parquet, Output.xlsx])
def test_a_binary_format_is_not_put_on_a_terminal(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(AnnexesError, match="ne s'affiche pas") as refused:
        write(TWINS, output, None)
    assert refused.value.code == 2


def test_data_on_a_terminal_drive_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    escape = rows(("x", ["\x1b[31m"]))
    write(escape, Output.csv, None)
    assert capsys.readouterr().out == "x\n\x1b[31m\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    write(escape, Output.csv, None)
    assert capsys.readouterr().out == "x\n␛[31m\n"
