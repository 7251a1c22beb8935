"""Every line of meta.provenance of the shipped documents, held against the originals: the cited words are on the cited
line, or the passage is declared as ours; and what a copy has not is listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.cleaning.labels import squeeze
from pipeline.documents.decisions import read_questions
from pipeline.documents.declaration import read_document
from pipeline.documents.model import Passage
from pipeline.extract.markdown import plain
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests.shipped import ROOT

Ask = Callable[[str], list[tuple[Any, ...]]]

ORIGINALS = {
    "BOI-8A-2-09": ("bulletin.md", "boi_8a-2-09.md.txt"),
    "JORFTEXT000042056679": ("annexe.txt", "arrete_2020-06-15_premier_quartile.txt"),
    "places-regionales": ("places.tsv", "places_regionales.tsv.txt"),
}


@pytest.fixture(scope="module")
def ask(shipped: Settings) -> Iterator[Ask]:
    with connect(shipped) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@cache
def flat(text: str) -> str:
    """Without marks of Markdown, cells of tables one behind the other."""
    return squeeze(plain(text.replace("|", " ").replace("\t", " ")))


def cited(lines: list[str], first: int, last: int | None) -> str:
    return flat(" ".join(lines[first - 1 : last or first]))


def letters(text: str) -> str:
    return "".join(text.split())


def test_cited_words_are_on_the_cited_line_of_the_original(ask: Ask, seeds: Path) -> None:
    lines = {d: (seeds / name).read_text(encoding="utf-8").split("\n") for d, (_, name) in ORIGINALS.items()}
    wrong: list[tuple[object, ...]] = []
    checked: Counter[tuple[str, str]] = Counter()
    said_at = cache(lambda document, line, last: cited(lines[document], line, last))
    for dataset, document, role, line, last, printed, count in ask(
        "SELECT dataset, document, role, line, last_line, printed, count(*) FROM meta.provenance "
        "WHERE line IS NOT NULL GROUP BY ALL"
    ):
        checked[dataset, role] += count
        said = said_at(document, line, last)
        # A name cut by a page break is cited whole, from the line of its head to that of its tail.
        there = letters(flat(printed)) in letters(said) if last else flat(printed) in said
        if role == "compose":
            there = bool(said)
        if not there:
            wrong.append((dataset, line, printed, said[:80]))
    assert wrong == []
    assert sum(checked.values()) > 100_000
    assert {dataset for dataset, _ in checked} == {
        *("plafonds_plus", "premier_quartile", "prix_psla", "regles", "taux_tva_logement", "zonage_abc"),
        *("zonage_abc_effets", "places_regions", "places_sites"),
    }
    assert {d for d, role in checked if role == "compose"} == {
        "prix_psla",
        "regles",
        "taux_tva_logement",
        "zonage_abc_effets",
    }


def test_words_of_ours_stand_in_a_declared_passage(ask: Ask) -> None:
    (outside,) = ask(
        "SELECT count(*) FROM meta.provenance c WHERE typeset_line IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "meta.passages p WHERE p.rendition_no = c.rendition_no AND p.nature = 'compose' "
        "AND c.typeset_line BETWEEN p.first_line AND p.last_line)"
    )
    assert outside == (0,)


def test_rates_and_amounts_of_ours_are_printed_on_the_line_they_cite(ask: Ask, seeds: Path) -> None:
    lines = (seeds / ORIGINALS["BOI-8A-2-09"][1]).read_text(encoding="utf-8").split("\n")
    asked = ask(
        "SELECT line, printed FROM meta.provenance WHERE dataset = 'taux_tva_logement' AND line IS NOT NULL "
        "AND colonne LIKE 'taux_%' UNION ALL SELECT ligne, citation FROM regles"
    )
    assert [(line, words) for line, words in asked if words not in lines[line - 1]] == []
    assert len(asked) > 60


def covers(passages: tuple[Passage, ...], line: int) -> bool:
    return any(p.covers(line) for p in passages)


@pytest.mark.parametrize("name", ORIGINALS)
def test_what_the_copy_has_not_is_listed_and_nothing_else_is(name: str, seeds: Path) -> None:
    file, original = ORIGINALS[name]
    document = read_document(ROOT / "raw" / name)
    rendition = next(r for r in document.renditions if r.file == file)
    whole = (seeds / original).read_text(encoding="utf-8").split("\n")
    ours = [*[""] * rendition.line_offset, *document.path(rendition).read_text(encoding="utf-8").split("\n")]
    said, held = dict(enumerate(map(str.strip, whole), 1)), dict(enumerate(map(str.strip, ours), 1))
    differ = {n for n in said.keys() | held.keys() if said.get(n, "") != held.get(n, "")}
    written = {n for n in differ if held.get(n)}
    assert {n for n in written if not covers(rendition.typeset, n)} == set()
    absent = {n for n in differ if said.get(n)} - {n for n in written if n not in range(28, 85)}
    assert {n for n in absent if not covers(rendition.omitted, n)} == set()
    kept = {n for n in said if said[n] and said[n] == held.get(n)}
    assert {n for n in kept if covers(rendition.omitted, n) or covers(rendition.typeset, n)} == set()


@pytest.mark.parametrize("name", ORIGINALS)
def test_relations_between_acts_quote_the_original(name: str, seeds: Path) -> None:
    lines = (seeds / ORIGINALS[name][1]).read_text(encoding="utf-8").split("\n")
    links = [link for act in read_document(ROOT / "raw" / name).acts for link in act.link]
    assert [link for link in links if link.line and link.citation not in lines[link.line - 1]] == []


@pytest.mark.parametrize("name", ORIGINALS)
def test_questions_quote_the_original(name: str, seeds: Path) -> None:
    lines = (seeds / ORIGINALS[name][1]).read_text(encoding="utf-8").split("\n")
    asked = read_questions(ROOT / "raw" / name)
    assert [q for q in asked if q.printed not in lines[q.line - 1]] == []


def test_findings_print_only_what_was_read(ask: Ask) -> None:
    """Of the copies of this project: words that a finding says are printed stand in the file, where it says a line."""
    wrong: list[tuple[object, ...]] = []
    texts = {
        r.file: (r.line_offset, document.path(r).read_text(encoding="utf-8").split("\n"))
        for document in (read_document(ROOT / "raw" / name) for name in ORIGINALS)
        for r in document.renditions
        if r.media != "pdf"
    }
    for rule, file, place, printed in ask(
        "SELECT rule, rendition, place, printed FROM meta.findings WHERE printed <> '' AND rendition <> ''"
    ):
        if file not in texts or not place.startswith("ligne"):
            continue
        offset, lines = texts[file]
        numbers = [int(word) for word in place.split() if word.isdigit()]
        said = cited(lines, numbers[0] - offset, numbers[-1] - offset)
        if not all(letters(flat(part)) in letters(said) for part in printed.split(" | ")):
            wrong.append((rule, place, printed, said[:60]))
    assert wrong == []
