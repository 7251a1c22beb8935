"""The notice that Légifrance and the Journal officiel print at the head of a text: NOR, issue, rank, day of
publication, and what its title says. Pages and PDF files print the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.cleaning.titles import kind_and_day
from pipeline.cleaning.values import UnreadableError, day

_DATE = r"(?P<day>[0-9]{1,2}(?:er)?)\s+(?P<month>[a-zéûA-ZÉÛ]+)\s+(?P<year>[0-9]{4})"
_NOR = re.compile(r"\bNOR\s*:\s*([A-Z]{3,4}[0-9]{6,8}[A-Z])\b")
_ISSUE = re.compile(rf"\b(?:JORF|Journal officiel)\s+n[°ºo]\s*(?P<issue>[0-9]{{1,4}})\s+du\s+{_DATE}", re.I)
_RUNNING_HEAD = re.compile(rf"{_DATE}\s+JOURNAL OFFICIEL DE LA R[ÉE]PUBLIQUE FRAN[ÇC]AISE", re.I)
_RANK = re.compile(r"\bTexte\s+(?:n[°ºo]\s*)?([0-9]{1,4})(?:\s+sur\s+[0-9]{1,4})?\b", re.I)
_SIGNED = re.compile(rf"\bdu\s+{_DATE}", re.I)
_FILE = re.compile(r"joe_(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})_(?P<issue>[0-9]{4})_(?P<rank>[0-9]{4})")
_AFTER_TITLE = re.compile(
    r"\s*(?:NOR\b|ELI\b|Vu\b|VU\b|Publics concernés|L[ae] (?:ministre|secrétaire|préf|directe|Premier|garde)|"
    r"Les ministres|Par arrêté|Article |Art\. |ANNEXE|$)"
)
_TITLE_LINES = 10
_WRAPPED = re.compile("[\u00ad\u0002\ufffe]$")


def printed_notice(words: str) -> dict[str, str]:
    """What the words of a notice say: nor, num_sequence (rank in the issue), num_parution, publie_le (ISO)."""
    said: dict[str, str] = {}
    for key, pattern in (("nor", _NOR), ("num_sequence", _RANK)):
        if found := pattern.search(words):
            said[key] = found[1]
    if issue := _ISSUE.search(words):
        said["num_parution"] = issue["issue"].zfill(4)
    if published := issue or _RUNNING_HEAD.search(words):
        said["publie_le"] = _iso(published)
    return {key: value for key, value in said.items() if value}


def said_by_title(title: str) -> dict[str, str]:
    """The day of signature and the nature that a title says: signe_le (ISO), nature (its first word)."""
    found = _SIGNED.search(title)
    return {"signe_le": _iso(found), "nature": title.split()[0].upper()} if found else {}


def page_notice(text: str) -> dict[str, str]:
    """What the text of a first page says, lines as printed; titre is the first title of a legal text with its day."""
    title = next(_titles(text.splitlines()), "")
    return {**printed_notice(" ".join(text.split())), **({"titre": title, **said_by_title(title)} if title else {})}


def said_by_name(name: str) -> dict[str, str]:
    """What the name says that the Journal officiel gives its files: publie_le, num_parution, num_sequence."""
    found = _FILE.match(name)
    if not found:
        return {}
    published = f"{found['year']}-{found['month']}-{found['day']}"
    return {"publie_le": published, "num_parution": found["issue"], "num_sequence": found["rank"].lstrip("0")}


def _titles(lines: list[str]) -> Iterator[str]:
    for start, line in enumerate(lines):
        if not kind_and_day(line)[0]:
            continue
        title = ""
        for part in lines[start : start + _TITLE_LINES]:
            if title and _AFTER_TITLE.match(part):
                break
            wrapped = _WRAPPED.search(title)
            title = title[:-1] + part.strip() if wrapped else f"{title} {part.strip()}".strip()
        if kind_and_day(title)[1]:
            yield title


def _iso(found: re.Match[str]) -> str:
    """An ISO date from the groups of a French one; '' where it is no day of the calendar."""
    try:
        return day(f"{found['day']} {found['month']} {found['year']}").isoformat()
    except UnreadableError:
        return ""
