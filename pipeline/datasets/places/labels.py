"""Printed labels of the places sheet told by kind: region, département, commune, count, total, with their notes.

What a cell alone may be; its neighbours on the line decide in `lines`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Indel

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, squeeze
from pipeline.cleaning.values import UnreadableError
from pipeline.extract.tsv import plain
from pipeline.gazetteer import CommuneKind, Gazetteer, Match, normalise

# Parts of communes have official codes too: a site may stand in a delegated or an associated commune.
KINDS: tuple[CommuneKind, ...] = ("COM", "COMD", "COMA")
# A département printed with its code may be misspelt: this likeness of the names still confirms the code.
_LIKENESS = 0.85
_NOTE = re.compile(r"^(?P<label>.*?)\s*\((?P<note>[^()]*)\)$")
_CODE = re.compile(r"[0-9]{2,3}|2[abAB]")
_TOTAL = re.compile(r"(total|totaux|ensemble)\b")
_DIGIT = re.compile(r"[0-9]")

Spelling = Literal["exact", "altered", "contradicted"]


@dataclass(frozen=True)
class Label:
    """A printed label apart from its marks and notes."""

    text: str
    code: str | None = None
    """The département code in brackets behind it, as printed."""
    uncertain: bool = False
    """Followed by "(?)"."""
    several: bool = False
    """Followed by "(plusieurs dispositifs…)"."""


@dataclass(frozen=True)
class DepartementLabel:
    """A printed département: the codes it may mean (two when its code contradicts its name, none when unknown)."""

    codes: tuple[str, ...]
    spelling: Spelling
    official: str = ""


def parse(printed: str) -> Label:
    """A label without bold marks and without the notes behind it; brackets that are no note stay in the text."""
    text, code, uncertain, several = squeeze(plain(printed)), None, False, False
    while found := _NOTE.match(text):
        note = fold(found["note"])
        if note == "?":
            uncertain = True
        elif note.startswith("plusieurs dispositifs"):
            several = True
        elif code is None and _CODE.fullmatch(note):
            code = note.upper()
        else:
            break
        text = found["label"]
    return Label(text, code, uncertain, several)


def count(printed: str) -> int | None:
    """A whole number printed alone, bold or not; None for any other text."""
    try:
        return values.count(plain(printed))
    except UnreadableError:
        return None


def is_damaged_count(printed: str) -> bool:
    """A text with digits that is no number and no label with its code: '2O6', '12 places'."""
    label = parse(printed)
    return label.code is None and count(printed) is None and bool(_DIGIT.search(label.text))


def is_total(printed: str) -> bool:
    return bool(_TOTAL.match(fold(plain(printed))))


# A sheet repeats its labels, and every cell is asked more than once which kind it is.
@lru_cache(maxsize=1024)
def region_codes(printed: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The codes of the régions a label names: one, or two for "Occitanie (Nouvelle-Aquitaine)".

    None for any other label, and for "Guadeloupe (971)", which its code makes a département.
    """
    label = parse(printed)
    text = label.text
    if label.code:
        return ()
    if region := gazetteer.find_region(text):
        return (region.code,)
    names = [part for part in re.split(r"[()/]", text) if part.strip()]
    found = [gazetteer.find_region(name) for name in names]
    return tuple(region.code for region in found if region) if len(names) > 1 and all(found) else ()


@lru_cache(maxsize=1024)
def departement(printed: str, gazetteer: Gazetteer) -> DepartementLabel | None:
    """A label read as a département: by its name, by its code, by both; None when it is neither, or a commune printed
    with the code of its département.

    A code that its name contradicts gives the codes of both: only the communes beside it can tell.
    """
    label = parse(printed)
    by_name = gazetteer.find_departement(label.text)
    by_code = gazetteer.departement(label.code) if label.code else None
    if label.code is None:
        return DepartementLabel((by_name.code,), "exact", by_name.nom) if by_name else None
    if by_name and by_code and by_name.code == by_code.code:
        return DepartementLabel((by_code.code,), "exact", by_code.nom)
    if by_name is None and by_code and _alike(label.text, by_code.nom):
        return DepartementLabel((by_code.code,), "altered", by_code.nom)
    if by_name is None and by_code and communes(label, by_code.code, gazetteer):
        return None
    codes = tuple(d.code for d in (by_name, by_code) if d)
    return DepartementLabel(codes, "contradicted", " ou ".join(d.nom for d in (by_name, by_code) if d))


def _alike(a: str, b: str) -> bool:
    return Indel.normalized_similarity(normalise(a), normalise(b)) >= _LIKENESS


def communes(label: Label, departement_code: str | None, gazetteer: Gazetteer) -> tuple[Match, ...]:
    """The communes and parts of communes that bear the name, in a département or (None) anywhere.

    A commune hides the part of it that bears its name.
    """
    matches = gazetteer.lookup(label.text, departement_code, KINDS).matches
    whole = {match.commune.code for match in matches if match.commune.kind == "COM"}
    return tuple(m for m in matches if m.commune.kind == "COM" or m.commune.rattachement not in whole)
