"""Lists whose separators are damaged, read by the zoning dataset: is every printed commune still in its zone, or said?

The lists are those of a real annex as printed, with its OCR errors (the golden file of the zoning of 2009). All lists
are damaged at once, each in one place or in all places; the rest of the country is zone C.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks.resolver.exchanged import GOLDEN
from pipeline.datasets.zonage.communes import decide, rows_of
from pipeline.datasets.zonage.lists import placed, read_annex
from pipeline.extract.markdown import read_markdown
from pipeline.gazetteer import Gazetteer

Labels = Sequence[tuple[str, str]]
"""The printed names of one list, in order, with the code each stands for."""

REPLACED = {
    "lost": " ",
    "lost with its space": "",
    "full stop": ". ",
    "semicolon": "; ",
    "middle dot": " · ",
    "slash": " / ",
    "tab": "\t",
    "line break": "\n",
    "et": " et ",
    "hyphen": " - ",
    "colon": " : ",
}
AROUND: Mapping[str, Callable[[str], str]] = {
    "note": lambda name: f"{name} (en partie)",
    "call of a note": lambda name: f"{name} (1)",
    "lead-in": lambda name: f"communes du littoral : {name}",
}


def printed_lists() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(zone, département) → its printed names with their codes, in printed order."""
    found: defaultdict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
    with GOLDEN.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["portee"] == "commune":
                rank = int(row["rang_impression"])
                found[row["zone"], row["code_departement"]].append((rank, row["libelle_imprime"], row["code_commune"]))
    return {key: [(label, code) for _, label, code in sorted(found[key])] for key in sorted(found)}


def damaged(labels: Labels, kind: str, draw: random.Random, everywhere: bool) -> tuple[str, set[str]]:
    """One list as text, damaged in one place or in all, and the codes of the names that touch the damage."""
    places = list(range(1, len(labels)))
    hit = set(places) if everywhere else set(draw.sample(places, min(1, len(places))))
    text, touched = "", set()
    for i, (label, code) in enumerate(labels):
        here = i in hit
        if i:
            text += REPLACED.get(kind, ", ") if here else ", "
        if here:
            touched |= {code, labels[i - 1][1]} if kind in REPLACED else {code}
        text += AROUND[kind](label) if here and kind in AROUND else label
    return text + ".", touched


def tally_separators(gazetteer: Gazetteer, kind: str, seed: int, everywhere: bool = False) -> Counter[str]:
    """Outcomes of the names that touch the damage ("right", "reserve", "no zone", "wrong zone", "C in silence"), and
    how many printed names of the whole annex fell into the rest without a word ("C in silence, all")."""
    draw = random.Random(seed)
    lists = printed_lists()
    departements = {d.code: d.nom for d in gazetteer.departements}
    blocks: list[str] = []
    touched: dict[str, str] = {}
    current = ""
    for (zone, departement), labels in lists.items():
        if zone != current:
            current = zone
            blocks.append(f"## Zone {zone}")
        text, codes = damaged(labels, kind, draw, everywhere)
        blocks += [f"## {departement}-{departements[departement]}", text]
        touched |= dict.fromkeys(codes, zone)
    rows = _rows([*blocks, "## Zone C", "Le reste du territoire national."], gazetteer)
    counts = Counter(_outcome(*rows[code], zone) for code, zone in touched.items())
    named = [code for labels in lists.values() for _, code in labels]
    counts["C in silence, all"] = sum(1 for code in named if rows[code] == ("C", None))
    return counts


def _rows(blocks: Sequence[str], gazetteer: Gazetteer) -> dict[str, tuple[object, object]]:
    """Code → (zone, reserve) as the dataset gives them."""
    annex = read_annex(read_markdown("\n\n".join(blocks).encode()), gazetteer)
    lists, _ = placed(annex)
    decided = decide(lists, gazetteer, lambda cell: cell)
    rows = rows_of(replace(annex, lists=lists), decided, gazetteer)
    return {str(row["code_commune"].value): (row["zone"].value, row["reserve"].value) for row in rows}


def _outcome(zone: object, reserve: object, expected: str) -> str:
    if zone == expected:
        return "reserve" if reserve else "right"
    if zone is None:
        return "no zone"
    return "C in silence" if zone == "C" and reserve is None else "wrong zone"
