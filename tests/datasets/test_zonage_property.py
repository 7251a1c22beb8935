"""The whole annex of the bulletin, damaged line by line: fewer communes have a zone, and none has a wrong one."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

import pytest

from tests.conftest import ROOT
from tests.datasets.zonage_made import FRANCE, ReadAnnex, communes_of, read_annex

Blocks = list[str]
Damage = Callable[[Blocks, random.Random], Blocks]


@cache
def annex() -> tuple[str, ...]:
    """The blocks of the shipped annex, the one-cell table that is the heading of zone C as one of them."""
    text = (ROOT / "raw" / "BOI-8A-2-09" / "bulletin.md").read_text(encoding="utf-8")
    return tuple(block.strip("\n") for block in text[text.index("\n## ANNEXE") :].split("\n\n") if block.strip())


@cache
def sound() -> ReadAnnex:
    return read_annex(*annex())


def _at(blocks: Blocks, heading: bool) -> list[int]:
    return [i for i, b in enumerate(blocks) if i and b.startswith(("#", "**", "|")) == heading]


def without_a_heading(blocks: Blocks, rng: random.Random) -> Blocks:
    i = rng.choice(_at(blocks, heading=True))
    return blocks[:i] + blocks[i + 1 :]


def without_a_zone(blocks: Blocks, rng: random.Random) -> Blocks:
    i = rng.choice([i for i in _at(blocks, heading=True) if "Zone" in blocks[i]])
    return blocks[:i] + blocks[i + 1 :]


def without_a_list(blocks: Blocks, rng: random.Random) -> Blocks:
    i = rng.choice(_at(blocks, heading=False))
    return blocks[:i] + blocks[i + 1 :]


def cut_short(blocks: Blocks, rng: random.Random) -> Blocks:
    i = rng.choice(_at(blocks, heading=False))
    return [*blocks[:i], blocks[i][: rng.randrange(1, len(blocks[i]))]]


def a_heading_twice(blocks: Blocks, rng: random.Random) -> Blocks:
    i, j = rng.choices(_at(blocks, heading=True), k=2)
    return [*blocks[:j], blocks[i], *blocks[j:]]


def headings_exchanged(blocks: Blocks, rng: random.Random) -> Blocks:
    i, j = rng.sample(_at(blocks, heading=True), 2)
    exchanged = list(blocks)
    exchanged[i], exchanged[j] = blocks[j], blocks[i]
    return exchanged


def a_full_stop_in_a_list(blocks: Blocks, rng: random.Random) -> Blocks:
    i = rng.choice([i for i in _at(blocks, heading=False) if blocks[i].count(",") > 5])
    names = blocks[i].split(", ")
    k = rng.randrange(1, len(names))
    return [*blocks[:i], ", ".join(names[:k]) + ".", ", ".join(names[k:]), *blocks[i + 1 :]]


@pytest.mark.parametrize(
    "damage",
    [
        without_a_heading,
        without_a_zone,
        without_a_list,
        cut_short,
        a_heading_twice,
        headings_exchanged,
        a_full_stop_in_a_list,
    ],
)
def test_damage_never_gives_a_wrong_zone(damage: Damage) -> None:
    published = read_annex(*damage(list(annex()), random.Random(20091014)))
    assert len(published.rows) == communes_of(FRANCE)
    assert not published.unbalanced
    assert not published.failed_checks
    sure = {code: row["zone"] for code, row in published.rows.items() if row["reserve"] != "liste_non_terminee"}
    wrong = [code for code, zone in sure.items() if zone not in (None, sound().zone(code))]
    assert wrong == []
