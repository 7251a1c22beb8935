"""The département of a first-quartile row: its code and its name as printed, which must agree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.cleaning import values
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.rows import Value
from pipeline.extract.model import Cell
from pipeline.gazetteer import Departement, EpciYear, Gazetteer, normalise

# Republications print both in one cell, "01 - Ain"; overseas the code is cut after two figures, "97 - -Guadeloupe".
_WITH_NAME = re.compile(r"(?P<code>[0-9]{1,3}|2[ABab])\s*-\s*-?\s*(?P<name>\D.*)")
CUT = "code de département tronqué"


@dataclass(frozen=True)
class Official:
    """The official places of the edition's year. `epci` is None for a year that is not held: never another one's."""

    year: int
    gazetteer: Gazetteer
    epci: EpciYear | None


def departement_of(code: Cell, name: Cell, official: Official) -> tuple[Departement, Value]:
    """The département and the value of its code. A cut overseas code is completed from the name it must begin.

    Raises UnreadableError when the code is none of the year, or is that of another département than the name says.
    """
    match = _WITH_NAME.fullmatch(code.text.strip())
    printed = match["code"] if match else code.text
    label = name.text.strip().removeprefix("-").strip()
    if match and normalise(match["name"]) != normalise(label):
        raise _contradiction(code, name, f"imprimé avec « {match['name']} »")
    if printed == "97" and (named := official.gazetteer.find_departement(label)) and named.code.startswith(printed):
        return named, Value(named.code, (code, name), "resolved", (CUT,))
    found = official.gazetteer.departement(values.departement(printed))
    if found is None:
        reason = f"« {code.text} » n'est pas un département de {official.year}"
        raise UnreadableError("code_departement_inconnu", reason)
    if normalise(label) != normalise(found.nom):
        raise _contradiction(code, name, f"code de « {found.nom} »")
    return found, Value(found.code, (code,), "parsed" if match else "printed")


def _contradiction(code: Cell, name: Cell, why: str) -> UnreadableError:
    return UnreadableError("departement_contradictoire", f"« {code.text} » ({why}) pour « {name.text} »")
