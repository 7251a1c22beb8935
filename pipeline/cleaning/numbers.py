"""French printed numbers: counts, euros, percentages. Nothing is coerced: text that is not wholly one is refused.

Every parser has its own good and bad examples, which the tests run.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.cleaning.errors import UnreadableError
from pipeline.cleaning.labels import squeeze

# Thousands are cut by one space of French typesetting: plain, no-break, figure, thin or narrow no-break.
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_WHOLE = re.compile(rf"[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+|[0-9]+")
_EUROS = re.compile(rf"(?P<n>{_WHOLE.pattern}){_SPACE}?(?:€|euros?)?", re.IGNORECASE)
_PERCENT = re.compile(rf"(?P<n>[0-9]{{1,3}}(?:,[0-9]{{1,4}})?){_SPACE}?%")

COUNT_GOOD = ("0", "267", "4 773", "12\u00a0808", "1\u202f000\u202f000")
COUNT_BAD = ("", "2.5", "2,5", "26l", "1 00", "-3", "12 34", "²", "١٢", "1  000")
EUROS_GOOD = ("8 861 €", "10\u00a0260\u202f€", "4 100", "18955 euros", "9168€")
EUROS_BAD = ("8 86l €", "€", "8 861 $", "8,5 €", "8 861 € €", "environ 8 861 €")
PERCENT_GOOD = ("19,6 %", "8\u00a0%", "5,5%")
PERCENT_BAD = ("19.6 %", "19,6", "%", "19,6 pour cent")


def _whole(text: str) -> int:
    return int(re.sub(_SPACE, "", text))


def count(text: str) -> int:
    """A whole number printed alone. Raises UnreadableError."""
    if not _WHOLE.fullmatch(text.strip()):
        raise UnreadableError("nombre_illisible", f"« {squeeze(text)} » n'est pas un nombre entier")
    return _whole(text.strip())


def euros(text: str) -> int:
    """Whole euros, with or without the sign. Raises UnreadableError."""
    match = _EUROS.fullmatch(text.strip())
    if not match:
        raise UnreadableError("montant_illisible", f"« {squeeze(text)} » n'est pas un montant entier en euros")
    return _whole(match["n"])


def percent(text: str) -> Decimal:
    """A percentage with its sign, comma decimal: '19,6 %' → Decimal('19.6'). Raises UnreadableError."""
    match = _PERCENT.fullmatch(text.strip())
    if not match:
        raise UnreadableError("taux_illisible", f"« {squeeze(text)} » n'est pas un taux en pour cent")
    return Decimal(match["n"].replace(",", "."))
