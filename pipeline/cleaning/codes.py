"""Official codes as printed: SIREN and département. Codes are text; a code that is not wholly one is refused."""

from __future__ import annotations

import re

from pipeline.cleaning.errors import UnreadableError
from pipeline.cleaning.labels import squeeze

_SIREN = re.compile(r"[0-9]{3}[ \u00a0\u202f]?[0-9]{3}[ \u00a0\u202f]?[0-9]{3}")
_DEPARTEMENT = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[ABab]|97[1-8]")

SIREN_GOOD = ("200071751", "200 071 751", "217500016")
SIREN_BAD = ("", "200071752", "20007175", "2000717511", "20007175O", "20007175100012")
DEPARTEMENT_GOOD = ("01", "2A", "2b", "95", "974")
DEPARTEMENT_BAD = ("", "1", "00", "96", "20", "979", "O1")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, used by INSEE for SIREN)."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if i % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def siren(text: str) -> str:
    """Nine digits with a right check digit. Raises UnreadableError."""
    printed = text.strip()
    if not _SIREN.fullmatch(printed):
        raise UnreadableError("siren_illisible", f"« {squeeze(text)} » n'a pas neuf chiffres")
    digits = re.sub(r"[^0-9]", "", printed)
    if not luhn(digits):
        raise UnreadableError("siren_cle_fausse", f"« {squeeze(text)} » ne vérifie pas la clé de Luhn")
    return digits


def departement(text: str) -> str:
    """A département code of metropolitan France or overseas, Corsica in two ('2A', '2B'). Raises UnreadableError."""
    printed = text.strip()
    if not _DEPARTEMENT.fullmatch(printed) or printed == "20":
        raise UnreadableError("code_departement_inconnu", f"« {squeeze(text)} » n'est pas un code de département")
    return printed.upper()
