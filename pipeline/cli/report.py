"""`annexes report`: the letter to a publisher about what its documents print."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import Refusal, err, out, project

if TYPE_CHECKING:
    from pipeline.products.letter import Letter
    from pipeline.settings import Settings


class Form(StrEnum):
    """How the letter is written."""

    md = "md"
    html = "html"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Deal with what was refused")(report)


def report(
    document: Annotated[
        list[str] | None,
        typer.Option("--document", "-d", help="Only this document; may be repeated.", metavar="ID"),
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Only this publisher, as document.toml names it.")] = None,
    form: Annotated[Form, typer.Option("--format", "-f", help="Markdown, or one HTML page.")] = Form.md,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A file; a folder when there are several publishers: one file each."),
    ] = None,
) -> None:
    """Write the anomaly report of a publisher, in French, fit to be sent: where, printed, expected, why, how to answer.

    It tells only what the publisher can answer: contradictions, gaps, spellings; not our own repairs. References are
    the ids of `annexes findings`. The documents are taken as last read.

    Example: `annexes report --document BOI-8A-2-09 --format html --out bulletin.html`
    """
    from pipeline.products import letter as report_text

    found = _letters(project(), document or [])
    if publisher is not None:
        names = ", ".join(f"« {letter.publisher} »" for letter in found) or "aucun"
        found = [letter for letter in found if letter.publisher == publisher]
        if not found:
            raise Refusal(f"rien à signaler à « {publisher} » ; éditeurs concernés : {names}", code=2)
    if not found:
        out("Rien à signaler.")
        return
    write = report_text.page if form is Form.html else report_text.markdown
    if target is None:
        if form is Form.html and len(found) > 1:
            raise Refusal("plusieurs éditeurs : en choisir un (--publisher) ou donner un dossier (--out)", code=2)
        out("\n".join(write(letter) for letter in found))
    elif len(found) == 1 and not target.is_dir():
        target.write_text(write(found[0]), encoding="utf-8")
        err(f"{target} : {found[0].total} points pour {found[0].publisher}")
    else:
        _write_each(found, {letter.publisher: write(letter) for letter in found}, form, target)


def _write_each(found: list[Letter], texts: dict[str, str], form: Form, folder: Path) -> None:
    if folder.is_file():
        raise Refusal(f"{folder} est un fichier, et il y a {len(found)} éditeurs : donner un dossier", code=2)
    folder.mkdir(parents=True, exist_ok=True)
    for letter in found:
        path = folder / f"{_slug(letter.publisher)}.{form.value}"
        path.write_text(texts[letter.publisher], encoding="utf-8")
        err(f"{path} : {letter.total} points pour {letter.publisher}")


def _letters(settings: Settings, only: list[str]) -> list[Letter]:
    from pipeline.contract.findings import Finding
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.products.letter import letters
    from pipeline.products.why import CellContext, around_label
    from pipeline.refresh import publish, review
    from pipeline.refresh.state import documents

    known = documents(settings)
    for name in only:
        if name not in known:
            raise Refusal(f"{name} : aucun dossier raw/{name} ; documents : {', '.join(known) or 'aucun'}", code=2)
    read = []
    for name in only or known:
        try:
            read.append(read_document_leniently(settings.raw / name)[0])
        except DocumentError as error:
            err(str(error))
    reading_of = review.reader(settings)

    def around_of(finding: Finding) -> CellContext | None:
        reading = reading_of(finding.document, finding.rendition) if finding.rendition else None
        return around_label(reading, finding.place, finding.printed) if reading else None

    outcomes = publish.outcomes(settings)
    if not outcomes:
        raise Refusal("aucun document n'a encore été lu ; lancer `annexes refresh`")
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    rules = {document.id: review.corrections_of(settings, document.id) for document in read}
    return list(letters(read, findings, rules, around_of, datetime.now(UTC).date()))


def _slug(name: str) -> str:
    """A file name out of a publisher's name: ASCII letters and digits, hyphens between."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "editeur"
