"""Brings the French catalogue of the command up to date with the code, and compiles it: `python -m scripts.catalogue`.

New texts come in empty, at the end of pipeline/locale/fr/LC_MESSAGES/annexes.po, for a person to translate; texts that
the code has no more go. Exit code 1 when some wait for their translation. Needs Babel (extra `dev`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from pipeline.cli import app, usage
from pipeline.language import CATALOGUES, DOMAIN

PACKAGE = Path(__file__).parent.parent / "pipeline"
PO = CATALOGUES / "fr" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "translated": None}


def messages() -> Iterator[str]:
    """Every text of the program that follows the locale: help and errors of usage, then those marked in the code."""
    yield from usage.messages(typer.main.get_command(app))
    for _, _, text, _, _ in extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS):
        assert isinstance(text, str)
        yield text


def updated(held: Catalog) -> Catalog:
    """The catalogue of what the code says today, with the translations held."""
    made = Catalog(
        locale="fr",
        header_comment="# The texts of the command in French, for those who run it where the locale is French.",
        project="annexes",
        version="1",
        charset="utf-8",
        creation_date=held.creation_date,  # a date that changed at each run would be a change to commit
        revision_date=held.creation_date,
        fuzzy=False,
    )
    for text in dict.fromkeys(messages()):
        before = held.get(text)
        made.add(text, string=before.string if before else "")
    return made


def missing(catalogue: Catalog) -> list[str]:
    """The texts without a translation."""
    return [str(each.id) for each in catalogue if each.id and not (each.string and all(each.string))]


def fields(text: str) -> set[str]:
    """The names that a text leaves to be filled in."""
    return set(re.findall(r"\{\w*\}", text))


def read() -> Catalog:
    """The catalogue in the repository."""
    with PO.open("rb") as stream:
        return read_po(stream, locale="fr")


def main() -> int:
    made = updated(read())
    with PO.open("wb") as stream:
        write_po(stream, made, width=100)
    with MO.open("wb") as stream:
        write_mo(stream, made)
    for text in missing(made):
        print(f"not translated: {text}", file=sys.stderr)
    return 1 if missing(made) else 0


if __name__ == "__main__":
    sys.exit(main())
