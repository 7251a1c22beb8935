"""`annexes export`, `fiche`, `report`: what others are handed: files, a page on a commune, a letter to a publisher."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import err, out, project, typed_day, unknown_document
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _

if TYPE_CHECKING:
    from pipeline.products.letter import Letter
    from pipeline.settings import Settings


class Page(StrEnum):
    """How a page or a letter is written."""

    md = "md"
    html = "html"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Hand data on")(export)
    app.command(rich_help_panel="Look")(fiche)
    app.command(rich_help_panel="Deal with what was refused")(report)


def export(
    target: Annotated[
        Path, typer.Argument(help="The folder to write, made if needed.", metavar="DIR", file_okay=False)
    ],
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", help="Only this table or mart; may be repeated.", metavar="NAME"),
    ] = None,
    xlsx: Annotated[
        bool,
        typer.Option("--xlsx", help="Also xlsx/TABLE.xlsx: codes as text, dates as dates, a sheet on the columns."),
    ] = False,
    on: Annotated[
        date | None,
        typer.Option("--le", parser=typed_day, metavar="DAY", help="What was in force that day, as 15/06/2009."),
    ] = None,
    history: Annotated[
        bool, typer.Option("--historique", help="Every version of the datasets, with its days and what was known when.")
    ] = False,
) -> None:
    """Write each published table and mart as Parquet and CSV, with a Frictionless data package.

    datapackage.json names the files, their sources and licences, and describes each column (type, unit, constraints,
    key); TABLE.schema.json is the Table Schema alone. Check them with `frictionless validate DIR/datapackage.json`.
    Example: `annexes export /tmp/annexes --dataset premier_quartile --xlsx`
    """
    from pipeline.datasets import all_datasets
    from pipeline.products.export import export as write

    if on is not None and history:
        raise AnnexesError(_("--le and --historique: one or the other"), USAGE)
    files = write(project(), all_datasets(), target, datetime.now(UTC), dataset or (), xlsx, on, history)
    tables = len({file.table for file in files})
    out(f"{target} : {tables} tables, {len(files)} fichiers, {sum(f.bytes for f in files) / 1e6:.1f} Mo")


def fiche(
    commune: Annotated[
        str, typer.Argument(help="Name, name with its département (“Saint-Denis (93)”), or INSEE code.")
    ],
    le: Annotated[
        date, typer.Option("--le", parser=typed_day, metavar="DAY", help="The day, as 15/06/2009 or 2009-06-15.")
    ],
    page: Annotated[Page, typer.Option("--format", "-f", help="How the page is written.")] = Page.md,
    out_file: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.", dir_okay=False)] = None,
) -> None:
    """Write one page, in French, of all that is held on a commune at a day, each figure with its source.

    What is not held is said. A name of several communes lists them, and the exit code is 2.
    Example: `annexes fiche Annecy --le 2009-12-15`
    """
    from pipeline.products import pages
    from pipeline.products.fiche.sections import fiche as made
    from pipeline.warehouse.access import connect

    with connect(project()) as connection:
        found = made(connection, commune, le)
    text = pages.html(found) if page is Page.html else pages.markdown(found)
    if out_file is None:
        out(text)
    else:
        out_file.write_text(text, encoding="utf-8")


def report(
    document: Annotated[
        list[str] | None,
        typer.Option("--document", "-d", help="Only this document; may be repeated.", metavar="ID"),
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Only this publisher, as document.toml names it.")] = None,
    form: Annotated[Page, typer.Option("--format", "-f", help="Markdown, or one HTML page.")] = Page.md,
    target: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A file; a folder when there are several publishers: one file each."),
    ] = None,
    annexes: Annotated[
        bool, typer.Option("--annexes", help="Also what can wait: past ten questions, and spellings of a copy.")
    ] = False,
) -> None:
    """Write the anomaly report of an authority, in French, fit to be sent: where, printed, why, how to answer.

    It tells only what the publisher can answer: contradictions, gaps, spellings; not our own repairs. References are
    the ids of `annexes findings`. The documents are taken as last read.

    Example: `annexes report --document BOI-8A-2-09 --format html --out bulletin.html`
    """
    from pipeline.products import letter as report_text

    found = _letters(project(), document or [])
    if publisher is not None:
        names = ", ".join(f"« {letter.publisher} »" for letter in found) or _("none")
        found = [letter for letter in found if letter.publisher == publisher]
        if not found:
            said = _("nothing to report to “{publisher}”; publishers concerned: {names}")
            raise AnnexesError(said.format(publisher=publisher, names=names), USAGE)
    if not found:
        out("Rien à signaler.")
        return
    write = partial(report_text.page if form is Page.html else report_text.markdown, annexes=annexes)
    if target is None:
        if form is Page.html and len(found) > 1:
            raise AnnexesError(_("several publishers: choose one (--publisher) or give a folder (--out)"), USAGE)
        out("\n".join(write(letter) for letter in found))
    elif len(found) == 1 and not target.is_dir():
        target.write_text(write(found[0]), encoding="utf-8")
        err(f"{target} : {found[0].total} points pour {found[0].publisher}")
    else:
        _write_each(found, {letter.publisher: write(letter) for letter in found}, form, target)


def _write_each(found: list[Letter], texts: dict[str, str], form: Page, folder: Path) -> None:
    if folder.is_file():
        said = _("{folder} is a file, and there are {count} publishers: give a folder")
        raise AnnexesError(said.format(folder=folder, count=len(found)), USAGE)
    folder.mkdir(parents=True, exist_ok=True)
    for letter in found:
        path = folder / f"{_slug(letter.publisher)}.{form.value}"
        path.write_text(texts[letter.publisher], encoding="utf-8")
        err(f"{path} : {letter.total} points pour {letter.publisher}")


def _letters(settings: Settings, only: list[str]) -> list[Letter]:
    from pipeline.contract.findings import Finding
    from pipeline.documents.decisions import read_questions
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.products.letter import letters
    from pipeline.products.why import CellContext, around_label
    from pipeline.refresh import publish, review
    from pipeline.refresh.state import documents

    known = documents(settings)
    for name in only:
        if name not in known:
            raise unknown_document(name, known)
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

    noticed = [outcome.findings for outcome in publish.outcomes(settings)]
    if not noticed:
        raise AnnexesError("aucun document n'a encore été lu ; lancer `annexes refresh`")
    findings = [finding for found in noticed for finding in found]
    rules = {document.id: review.corrections_of(settings, document.id) for document in read}
    asked = {document.id: read_questions(document.folder) for document in read}
    return list(letters(read, findings, rules, around_of, datetime.now(UTC).date(), asked))


def _slug(name: str) -> str:
    """A file name out of a publisher's name: ASCII letters and digits, hyphens between."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "editeur"
