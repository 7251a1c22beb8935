"""French printed values: numbers, amounts, percentages, official codes, dates.

Nothing is coerced: text that is not wholly one value is refused with the reason. Every parser has its own good and
bad examples, which the tests run. Labels are in `labels`.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from pipeline.cleaning.labels import fold, shown


class UnreadableError(ValueError):
    """`rule` names the parser, `reason` says in French what is wrong with the printed text."""

    def __init__(self, rule: str, reason: str) -> None:
        self.rule, self.reason = rule, reason
        super().__init__(reason)


# Thousands are cut by one space of French typesetting: plain, no-break, figure, thin or narrow no-break.
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_WHOLE = re.compile(rf"[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+|[0-9]+")
_EUROS = re.compile(rf"(?P<n>{_WHOLE.pattern})(?:,(?P<cents>[0-9]{{2}}))?{_SPACE}?(?:€|euros?)?", re.IGNORECASE)
_DECIMAL_EUROS = re.compile(
    rf"(?P<n>{_WHOLE.pattern})(?:,(?P<cents>[0-9]{{1,2}}))?{_SPACE}?(?:€|euros?)?", re.IGNORECASE
)
_DECIMAL = re.compile(rf"(?P<sign>-?)(?P<n>{_WHOLE.pattern})(?P<decimals>(?:,[0-9]+)?)")
_PERCENT = re.compile(rf"(?P<n>[0-9]{{1,3}}(?:,[0-9]{{1,4}})?){_SPACE}?%")
_PLUS = re.compile(rf"\+{_SPACE}?")
# An amending act prints its new table between « and »: they stand in the first and in the last cell.
_OPENING, _CLOSING = re.compile(r"\A\s*«[\s\u00a0\u202f]*"), re.compile(r"[\s\u00a0\u202f]*»\s*\Z")
_FIGURE_LINE = re.compile(rf"(?:{_WHOLE.pattern})(?:,[0-9]+)?{_SPACE}?(?:€|euros?|%)?", re.IGNORECASE)

COUNT_GOOD = ("0", "267", "4 773", "12\u00a0808", "1\u202f000\u202f000", "« 12", "4 773 »")
COUNT_BAD = ("", "2.5", "2,5", "26l", "1 00", "-3", "12 34", "²", "١٢", "1  000", "21\n150", "+ 3", "»12", "12\u200b3")
EUROS_GOOD = ("8 861 €", "10\u00a0260\u202f€", "4 100", "18955 euros", "9168€", "8 861,00 €", "8861,00", "« 6 710 € »")
EUROS_BAD = (
    *("8 86l €", "€", "8 861 $", "8,5 €", "8 861 € €", "environ 8 861 €", "8 861,50 €", "8 861,0 €", "8 861\n9 000"),
    *("+ 6 710", "6 710 F", "8861\u00ad€"),
)
INCREMENT_GOOD = ("+ 6 710", "+6 710 €", "6 710", "« + 6 710 »")
INCREMENT_BAD = ("", "+", "- 6 710", "+ + 6 710", "+ 6 710,50 €", "+ 6\n710")
DECIMAL_EUROS_GOOD = ("8,50 €", "12,5", "1 234,56 €", "8 861 €", "0,3 euro")
DECIMAL_EUROS_BAD = ("", "8.50 €", "8,567 €", "€", "1 23,50", "8,50\n9,50")
DECIMAL_GOOD = ("12,5", "1 234,567", "267", "-0,3", "« 12,50 »")
DECIMAL_BAD = ("", "12.5", "12,", ",5", "1 23,5", "12,5\n13,5", "12,5 €", "--1")
PERCENT_GOOD = ("19,6 %", "8\u00a0%", "5,5%")
PERCENT_BAD = ("19.6 %", "19,6", "%", "19,6 pour cent")


def unquoted(text: str) -> str:
    """The text without the « that opens, or the » that closes, the table of an amending act; ends trimmed."""
    return _CLOSING.sub("", _OPENING.sub("", text)).strip()


def _whole(text: str) -> int:
    return int(re.sub(_SPACE, "", text))


def _why_not(text: str, kind: str) -> str:
    """Why a text is no number: what is seen in it, where something is; French."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and sum(bool(_FIGURE_LINE.fullmatch(line.strip())) for line in lines) > 1:
        return f"« {shown(text)} » : {len(lines)} nombres l'un sous l'autre dans une cellule"
    if not text.strip():
        return f"« {shown(text)} » : cellule vide, {kind} attendu"
    return f"« {shown(text)} » n'est pas {kind}"


def count(text: str) -> int:
    """A whole number printed alone. Raises UnreadableError."""
    printed = unquoted(text)
    if not _WHOLE.fullmatch(printed):
        raise UnreadableError("nombre_illisible", _why_not(text, "un nombre entier"))
    return _whole(printed)


def euros(text: str) -> int:
    """Whole euros, with or without the sign; cents where they are zero. Raises UnreadableError."""
    match = _EUROS.fullmatch(unquoted(text))
    if not match:
        raise UnreadableError("montant_illisible", _why_not(text, "un montant entier en euros"))
    if match["cents"] not in (None, "00"):
        raise UnreadableError("montant_illisible", f"« {shown(text)} » a des centimes, un montant entier est attendu")
    return _whole(match["n"])


def decimal_euros(text: str) -> Decimal:
    """An amount in euros with or without cents, comma decimal: '8,5 €' → Decimal('8.50'). Raises UnreadableError."""
    match = _DECIMAL_EUROS.fullmatch(unquoted(text))
    if not match:
        raise UnreadableError("montant_illisible", _why_not(text, "un montant en euros"))
    return (_whole(match["n"]) + Decimal(f"0.{match['cents'] or '0'}")).quantize(Decimal("0.01"))


def decimal(text: str) -> Decimal:
    """A number with or without decimals, comma decimal: '12,5' → Decimal('12.5'). Raises UnreadableError."""
    match = _DECIMAL.fullmatch(unquoted(text))
    if not match:
        raise UnreadableError("nombre_illisible", _why_not(text, "un nombre"))
    return Decimal(f"{match['sign']}{_whole(match['n'])}{match['decimals'].replace(',', '.')}")


def increment(text: str) -> int:
    """Whole euros to add to another amount, with or without "+" before them. Raises UnreadableError."""
    printed = unquoted(text)
    try:
        return euros(_PLUS.sub("", printed, count=1) if _PLUS.match(printed) else printed)
    except UnreadableError as error:
        raise UnreadableError(error.rule, _why_not(text, "une augmentation entière en euros")) from error


def percent(text: str) -> Decimal:
    """A percentage with its sign, comma decimal: '19,6 %' → Decimal('19.6'). Raises UnreadableError."""
    match = _PERCENT.fullmatch(text.strip())
    if not match:
        raise UnreadableError("taux_illisible", f"« {shown(text)} » n'est pas un taux en pour cent")
    return Decimal(match["n"].replace(",", "."))


_SIREN = re.compile(rf"(?P<siren>[0-9]{{3}}{_SPACE}?[0-9]{{3}}{_SPACE}?[0-9]{{3}})(?P<nic>{_SPACE}?[0-9]{{5}})?")
_DEPARTEMENT = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[ABab]|97[1-8]")

_COMMUNE = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-8]|2[AB])[0-9]{3}")
_ZONE = re.compile(r"A ?bis|A|B1|B2|C", re.IGNORECASE)

COMMUNE_GOOD = ("01004", "2A004", "2b033", "97411", " 75056 ")
COMMUNE_BAD = ("", "1004", "00001", "2C004", "010042", "O1004", "99001")
ZONE_GOOD = ("A", "a bis", "Abis", "B1", "b2", "C")
ZONE_BAD = ("", "D", "B", "B 1", "A, B1", "zone A")
SIREN_GOOD = ("200071751", "200 071 751", "217500016", "20007175100016", "200 071 751 00016")
SIREN_BAD = ("", "200071752", "20007175", "2000717511", "20007175O", "20007175100012", "20007175200016")
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
    """Nine digits with a right check digit, alone or as the first nine of a SIRET whose own is right too. Raises
    UnreadableError."""
    match = _SIREN.fullmatch(text.strip())
    if not match:
        raise UnreadableError("siren_illisible", f"« {shown(text)} » n'a ni les neuf chiffres d'un SIREN ni quatorze")
    digits = re.sub(r"[^0-9]", "", match["siren"])
    if not luhn(digits):
        raise UnreadableError("siren_cle_fausse", f"« {shown(text)} » ne vérifie pas la clé de Luhn")
    if match["nic"] and not luhn(re.sub(r"[^0-9]", "", match[0])):
        raise UnreadableError("siren_cle_fausse", f"« {shown(text)} » : le SIRET ne vérifie pas la clé de Luhn")
    return digits


def commune(text: str) -> str:
    """The INSEE code of a commune: five digits, or 2A and 2B with three. Raises UnreadableError."""
    printed = text.strip().upper()
    if not _COMMUNE.fullmatch(printed):
        raise UnreadableError("code_commune_inconnu", f"« {shown(text)} » n'est pas un code de commune de l'INSEE")
    return printed


def zone(text: str) -> str:
    """A zone of the zoning ABC, as it is written: Abis, A, B1, B2, C. Raises UnreadableError."""
    if not _ZONE.fullmatch(text):
        raise UnreadableError("zone_inconnue", f"« {text} » n'est pas une zone")
    return "Abis" if text.lower().endswith("bis") else text.upper()


def departement(text: str) -> str:
    """A département code of metropolitan France or overseas, Corsica in two ('2A', '2B'). Raises UnreadableError."""
    printed = text.strip()
    if not _DEPARTEMENT.fullmatch(printed) or printed == "20":
        raise UnreadableError("code_departement_inconnu", f"« {shown(text)} » n'est pas un code de département")
    return printed.upper()


MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS = tuple(map(fold, MONTHS))
# The month is written out, or stands between two separators of one kind; a year of two digits says no century.
_IN_WORDS = re.compile(rf"(?P<day>1er|[0-9]{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<year>[0-9]{{4}})")
_IN_DIGITS = re.compile(r"(?P<day>[0-9]{1,2})(?P<sep>[/.-])(?P<month>[0-9]{1,2})(?P=sep)(?P<year>[0-9]{4})")

DAY_GOOD = ("16/11/2025", "1/2/2025", "29.04.2024", "29-04-2024", "1er janvier 2025", "5\u00a0Août 2025")
DAY_BAD = ("", "31/02/2025", "16/11/25", "2025-11-16", "16/11-2025", "00/01/2025", "32 mars 2025", "1er brumaire 2025")


def day(text: str) -> date:
    """One day, the day before the month: '16/11/2025', '1er janvier 2025'. Raises UnreadableError."""
    folded = fold(text)
    found = _IN_DIGITS.fullmatch(folded) or _IN_WORDS.fullmatch(folded)
    if found:
        month = found["month"]
        number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
        try:
            return date(int(found["year"]), number, int(found["day"].removesuffix("er")))
        except ValueError as error:
            raise _unreadable(text) from error
    raise _unreadable(text)


def _unreadable(text: str) -> UnreadableError:
    return UnreadableError("date_illisible", f"« {shown(text)} » n'est pas une date du calendrier (jour, mois, année)")


def day_in_words(day: date) -> str:
    """'1er novembre 2026', '15 juin 2020'."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"
