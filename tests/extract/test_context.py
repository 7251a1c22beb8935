"""What surrounds a table: its annexe, what introduces it, the unit of its figures; kept with the staged reading."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.extract import reading_parquet
from pipeline.extract.context import annex_title, with_context
from pipeline.extract.html import read_html
from pipeline.extract.markdown import read_markdown
from pipeline.extract.model import Grid, Reading

ROWS = "<tr><td>1</td><td>11 000</td></tr><tr><td>2</td><td>14 500</td></tr><tr><td>3</td><td>17 250</td></tr>"


def grids(body: str) -> tuple[Grid, ...]:
    return with_context(read_html(f"<html><body>{body}</body></html>".encode())).grids


def table(*labels: str, rows: str = ROWS) -> str:
    return "<table><tr>" + "".join(f"<th>{label}</th>" for label in labels) + f"</tr>{rows}</table>"


def test_two_tables_of_the_same_titles_are_told_by_their_annexes() -> None:
    body = f"<h2>Annexe I</h2>{table('Rang', 'Plafond')}<h2>Article Annexe II</h2>{table('Rang', 'Plafond')}"
    assert [grid.annex for grid in grids(body)] == ["Annexe I", "Annexe II"]


@pytest.mark.parametrize(
    ("printed", "annex"),
    [
        ("A N N E X E I", "ANNEXE I"),
        ("Annexe n° 3 : barème", "Annexe n° 3 : barème"),
        ("ARTICLE ANNEXE 2", "ANNEXE 2"),
        ("Les annexes sont remplacées", ""),
        ("Dispositions annexes", ""),
    ],
)
def test_an_annexe_is_named_however_it_is_spaced(printed: str, annex: str) -> None:
    assert annex_title(printed) == annex


def test_a_plain_line_opens_an_annexe_and_a_sentence_does_not() -> None:
    rows = "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    text = f"ANNEXE II{rows}Annexe I est remplacee par celle-ci.{rows}"
    assert [grid.annex for grid in with_context(read_markdown(text.encode())).grids] == ["ANNEXE II", "ANNEXE II"]


def test_an_annexe_ends_where_another_text_begins() -> None:
    body = f"<h1>Annexe</h1>{table('a', 'b')}<h1>Arrêté du 3 mars 2031</h1>{table('a', 'b')}"
    assert [grid.annex for grid in grids(body)] == ["Annexe", ""]


def test_an_article_of_an_annexe_stands_in_it() -> None:
    assert grids(f"<h1>Annexe II</h1><h2>Article 1</h2>{table('a', 'b')}")[0].annex == "Annexe II"


def test_the_sentences_before_a_table_introduce_it_and_no_other() -> None:
    body = f"<p>Loyers des logements anciens.</p>{table('a', 'b')}<p>Suite.</p>{table('a', 'b')}"
    assert [grid.intro for grid in grids(body)] == ["Loyers des logements anciens.", "Suite."]


def test_the_caption_is_the_tables_own_and_the_title_may_be_the_line_above() -> None:
    own = "<table><caption>Barème</caption><tr><th>a<th>b</tr><tr><td>x<td>1</table>"
    above = "<p><b>Titre</b></p><table><tr><th>a<th>b</tr><tr><td>x<td>1</table>"
    assert [(g.caption, g.title) for g in (*grids(own), *grids(above))] == [("Barème", "Barème"), ("", "Titre")]


@pytest.mark.parametrize(
    ("labels", "above", "unit"),
    [
        (("Rang", "Plafond<br>(en francs)"), "", "francs"),
        (("Rang", "Plafond (en euros)"), "<p>Les montants en francs sont convertis.</p>", "euros"),
        (("Rang", "Loyer (€/m²)"), "", "euros par m²"),
        (("Rang", "Loyer en euros par mètre carré"), "", "euros par m²"),
        (("Rang", "Crédits (en milliers d'euros)"), "", "milliers d'euros"),
        (("Rang", "Crédits (k€)"), "", "milliers d'euros"),
        (("Rang", "Part (en %)"), "", "%"),
        (("Rang", "Plafond"), "<p>Montants exprimés en francs.</p>", "francs"),
        (("Rang (en %)", "Plafond (en euros)"), "", "% ; euros"),
        (("Rang", "Plafond"), "<p>Communes situées en France.</p>", ""),
        (("Rang", "Plafond (f)"), "", "francs"),
    ],
)
def test_the_unit_is_that_of_the_nearest_words(labels: tuple[str, ...], above: str, unit: str) -> None:
    assert grids(above + table(*labels))[0].unit == unit


def test_signs_behind_the_numbers_are_the_unit_where_no_words_say_it() -> None:
    rows = "<tr><td>Ain</td><td>8 100 €</td></tr><tr><td>Lot</td><td>7 200 €</td></tr>"
    assert grids(table("Nom", "Seuil", rows=rows))[0].unit == "euros"


def test_the_context_is_kept_with_the_staged_reading(tmp_path: Path) -> None:
    body = f"<h2>Annexe I</h2><p>En francs.</p><table><caption>Barème</caption>{ROWS}</table>"
    reading = with_context(read_html(f"<html><body>{body}</body></html>".encode()))
    reading_parquet.save(reading, tmp_path / "a.parquet")
    assert reading_parquet.load(tmp_path / "a.parquet") == reading
    assert reading.grids[0].caption == "Barème"


def test_a_reading_staged_before_grids_had_a_context_still_loads(tmp_path: Path) -> None:
    reading = with_context(read_html(f"<html><body><h2>Annexe I</h2>{table('a', 'b')}</body></html>".encode()))
    reading_parquet.save(reading, tmp_path / "new.parquet")
    former = pq.read_table(tmp_path / "new.parquet").drop_columns(["context"])
    pq.write_table(former, tmp_path / "old.parquet")
    loaded: Reading = reading_parquet.load(tmp_path / "old.parquet")
    assert [(g.annex, g.unit, g.cells) for g in loaded.grids] == [("", "", reading.grids[0].cells)]
    assert json.dumps(loaded.meta) == json.dumps(reading.meta)
