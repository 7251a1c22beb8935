"""Tables as statistical offices print them: units, titles over the body, headers on a ground, gaps between groups."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tests.extract.pdf.printed import tables_of
from tests.extract.pdf.producers import Sheet, every_producer

XS = (60.0, 220.0, 300.0, 380.0)
LABELS = ("Zone", "2018", "2019", "2020")
BODY = [
    ["Centre", "1 204", "1 310", "1 402"],
    ["Littoral", "830", "792", "845"],
    ["Montagne", "412", "431", "440"],
    ["Plaine", "655", "601", "590"],
]


def row(sheet: Sheet, top: float, texts: Sequence[str], xs: Sequence[float] = XS) -> None:
    for x, text in zip(xs, texts, strict=True):
        sheet.text(x, top, text, 9)


@every_producer
def test_a_unit_below_the_labels_spans_the_columns_it_is_centred_on(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    row(sheet, 86, LABELS)
    sheet.text(285, 102, "(en milliers)", 9)
    for k, texts in enumerate(BODY):
        row(sheet, 120 + 14 * k, texts)
    for y in (76, 107, 170):
        sheet.line(60, y, 410, y)
    (found,) = tables_of(sheet.save(tmp_path / "unit.pdf"))
    assert found == [list(LABELS), ["", "(en milliers)", None, None], *BODY]


@every_producer
def test_rows_below_a_gap_go_on_with_the_table(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    row(sheet, 86, LABELS)
    for k, texts in enumerate([*BODY, *BODY]):
        row(sheet, 100 + 12 * k + (16 if k > 3 else 0), texts)
    assert tables_of(sheet.save(tmp_path / "gap.pdf")) == [[list(LABELS), *BODY, *BODY]]


@every_producer
def test_a_source_between_two_tables_parts_them(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for top in (86.0, 190.0):
        row(sheet, top, LABELS)
        for k, texts in enumerate(BODY):
            row(sheet, top + 16 + 14 * k, texts)
        for y in (top - 2, top + 13, top + 72):
            sheet.line(60, y, 410, y)
        sheet.text(60, top + 76, "Source : ministère chargé du logement.", 8)
    assert tables_of(sheet.save(tmp_path / "source.pdf")) == [[list(LABELS), *BODY]] * 2


@every_producer
def test_a_header_parted_from_its_rows_by_a_little_white_is_theirs(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    edges = (56.0, 216.0, 296.0, 376.0, 440.0)
    for k in range(5):
        top = 84 + 14 * k + (5 if k else 0)
        for a, b in pairwise(edges):
            sheet.fill((a, top, b, top + 14), 0.8 if k == 0 else 0.93)
    row(sheet, 94, LABELS)
    for k, texts in enumerate(BODY):
        row(sheet, 113 + 14 * k, texts)
    assert tables_of(sheet.save(tmp_path / "white.pdf")) == [[list(LABELS), *BODY]]


@every_producer
def test_an_upright_rule_that_begins_below_a_label_does_not_cut_it(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    for y in (84, 112, 168):
        sheet.line(56, y, 440, y)
    for x in (56, 216, 440):
        sheet.line(x, 84, x, 168)
    for x in (296, 376):
        sheet.line(x, 98, x, 168)
    sheet.text(285, 95, "Logements commencés", 9)
    row(sheet, 109, LABELS)
    for k, texts in enumerate(BODY):
        row(sheet, 124 + 13 * k, texts)
    (found,) = tables_of(sheet.save(tmp_path / "below.pdf"))
    assert found[0][1:] == ["Logements commencés", None, None]
    assert found[1][1:] == list(LABELS[1:])
    assert found[-4:] == BODY


@every_producer
def test_a_ground_holds_a_header_of_several_rows(tmp_path: Path, producer: type[Sheet]) -> None:
    sheet = producer()
    sheet.fill((56, 80, 440, 108), 0.8)
    for k in (1, 3):
        sheet.fill((56, 94 + 14 * k, 440, 108 + 14 * k), 0.93)
    for y in (80, 108, 164):
        sheet.line(56, y, 440, y)
    for x in (56, 440):
        sheet.line(x, 80, x, 164)
    xs = (60.0, 180.0, 250.0, 320.0, 390.0)
    labels, body = [*LABELS, "2021"], [[*texts, "318"] for texts in BODY]
    row(sheet, 90, labels, xs)
    sheet.text(270, 106, "(en milliers)", 9)
    for k, texts in enumerate(body):
        row(sheet, 118 + 14 * k, texts, xs)
    (found,) = tables_of(sheet.save(tmp_path / "ground.pdf"))
    assert found == [labels, ["", "(en milliers)", None, None, None], *body]
