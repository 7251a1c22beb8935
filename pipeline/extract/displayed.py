"""A stored value of a spreadsheet as its reader sees it: number formats, dates, leading zeros, in French.

What XLSX keeps apart from the value and ODS writes out itself. A format that is not understood shows the plain number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from pipeline.cleaning.values import MONTHS

# The formats that a file names by number only (ECMA-376, 18.8.30), those of a French reader where they depend on one.
BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "dd/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm",
    19: "h:mm:ss",
    20: "h:mm",
    21: "h:mm:ss",
    22: "dd/mm/yyyy h:mm",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "h:mm:ss",
    47: "mm:ss",
    48: "0.0E+0",
    49: "@",
}
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  (dates of a sheet have no zone)
_LAST_SERIAL = 2_958_466
_ROUNDED_BELOW = Decimal(10) ** 20
_THIN = "\u202f"
_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<date>[yY]+|[dD]+|[mM]+|[hH]+|[sS]+|AM/PM|am/pm|A/P)"
    r"|(?P<number>[#0?](?:[#0?,. \u00a0\u202f]*[#0?,.])?(?:E[+-][0#]+)?|\.[0#?]+)|(?P<percent>%)|(?P<literal>.)",
    re.S,
)
_SHORT_MONTHS = ("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc")


def displayed(value: float, code: str, *, since_1904: bool = False) -> str:
    """A number under a format code: '01' for 1 under '00', '16/11/2025' for a date, '8 861' for 8861 under '#,##0'."""
    tokens, is_date = _tokens(_section(code, value))
    if is_date:
        return _as_date(value, tokens, since_1904=since_1904)
    if not any(kind == "number" for kind, _ in tokens):
        return general(value) if not tokens or code.lower() in ("general", "standard", "@") else _literal(tokens)
    shown = _as_number(abs(value) if ";" in code else value, tokens)
    return shown.strip()


def general(value: float) -> str:
    """A number without a format: whole if it is, else with as many digits as a sheet shows, after a comma."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.11g}".replace(".", ",")


def _section(code: str, value: float) -> str:
    """The section of a format for positive numbers, negative ones, or zero."""
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code) if ";" in code and len(code) < 500 else [code]
    if len(parts) > 2 and value == 0:
        return parts[2]
    return parts[1] if len(parts) > 1 and value < 0 else parts[0]


@lru_cache(maxsize=256)
def _tokens(section: str) -> tuple[tuple[tuple[str, str], ...], bool]:
    """(kind, text) of each token, and whether the format is one of a date or an hour."""
    if section.lower() in ("general", "standard", ""):
        return (), False
    found: list[tuple[str, str]] = []
    for match in _TOKENS.finditer(section[:500]):
        kind = match.lastgroup or ""
        text = match[kind] if kind else ""
        if kind == "bracket":
            if text.lower() in ("h", "hh", "m", "mm", "s", "ss"):
                found.append(("date", text))
            elif text.startswith("$"):
                found.append(("literal", text[1:].partition("-")[0]))
        elif kind in ("quoted", "escaped"):
            found.append(("literal", text))
        elif kind:
            found.append((kind, text))
    return tuple(found), any(kind == "date" for kind, _ in found)


def _literal(tokens: tuple[tuple[str, str], ...]) -> str:
    return "".join(text for kind, text in tokens if kind in ("literal", "percent")).strip()


def _as_number(value: float, tokens: tuple[tuple[str, str], ...]) -> str:
    printed = "".join(text for kind, text in tokens if kind == "number")
    pattern = re.sub(r"[ \u00a0\u202f]", ",", printed)
    if "E" in pattern:
        return f"{value:.2E}".replace(".", ",")
    number = Decimal(repr(float(value)))
    if any(kind == "percent" for kind, _ in tokens):
        number *= 100
    scaled = pattern.rstrip(",")  # each comma at the end divides by a thousand
    number = number.scaleb(-3 * (len(pattern) - len(scaled)))
    whole, _, decimals = scaled.partition(".")
    least = sum(sign == "0" for sign in decimals)
    if abs(number) < _ROUNDED_BELOW:
        number = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    digits, _, after = f"{abs(number):f}".partition(".")
    after = after.rstrip("0").ljust(least, "0") if decimals else ""
    digits = digits.lstrip("0").rjust(sum(sign == "0" for sign in whole), "0")
    if "," in whole:
        digits = _grouped(digits)
    sign = "-" if number < 0 else ""
    shown = sign + (digits or ("0" if not after else "")) + ("," + after if after else "")
    out: list[str] = []
    for kind, text in tokens:
        if kind == "number":
            out.append(shown)
            shown = ""
        elif kind in ("literal", "percent"):
            out.append(text)
    return "".join(out)


def _grouped(digits: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    return _THIN.join([*groups, *(digits[i : i + 3] for i in range(head, len(digits), 3))])


def _as_date(value: float, tokens: tuple[tuple[str, str], ...], *, since_1904: bool) -> str:
    if not 0 <= value < _LAST_SERIAL:
        return general(value)
    # The first sheets took 1900 for a leap year: before March of it, their days are one too many.
    days = value + 1 if not since_1904 and value < 60 else value
    moment = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(days * 86_400))
    out: list[str] = []
    hours = False
    for rank, (kind, text) in enumerate(tokens):
        if kind == "date":
            seconds_follow = next((t for k, t in tokens[rank + 1 :] if k == "date"), "").lower().startswith("s")
            out.append(_date_part(text.lower(), moment, minutes=hours or seconds_follow))
            hours = text.lower().startswith("h")
        elif kind in ("literal", "number"):
            out.append(text)
    return "".join(out).strip()


def _date_part(text: str, moment: datetime, *, minutes: bool) -> str:
    day: date = moment.date()
    letter, length = text[0], len(text)
    if letter == "y":
        return f"{day.year:04}" if length > 2 else f"{day.year % 100:02}"
    if letter == "d":
        return str(day.day) if length == 1 else f"{day.day:02}" if length == 2 else ""
    if letter == "m" and not (minutes and length <= 2):
        if length > 2:
            return MONTHS[day.month - 1] if length > 3 else _SHORT_MONTHS[day.month - 1]
        return f"{day.month:0{length}}"
    number = {"m": moment.minute, "h": moment.hour, "s": moment.second}.get(letter)
    return f"{number:0{min(length, 2)}}" if number is not None else ""
