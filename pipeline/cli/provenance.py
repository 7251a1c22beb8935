"""`annexes why` and `annexes cite`: where a published value comes from, as text, picture of the page or reference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.common import declared, err, out, project, typed_day, typed_moment, warehouse
from pipeline.errors import AnnexesError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset
    from pipeline.documents.decisions import Correction
    from pipeline.extract.model import Source
    from pipeline.products.lookup import Found, Question
    from pipeline.products.why import Cited, Explained, Explanation, KeyVersion, ReadingOf


class Citation(StrEnum):
    """How a reference is written."""

    plain = "plain"
    bibtex = "bibtex"


_HOW = {
    "imprime": "tel qu'imprimé",
    "lu": "lu",
    "deduit": "déduit par référentiel",
    "departement_entier": "par « l'ensemble des communes du département »",
    "reste": "par « le reste du territoire »",
    "corrige": "corrigé",
    "reconnu": "reconnu sur l'image de la page, et confirmé par un contrôle",
}
_ROLES = {
    "publie": "fichier publié",
    "extrait": "extrait d'un autre fichier",
    "compose": "composé par ce projet à partir des chiffres",
}

DatasetName = Annotated[
    str, typer.Argument(metavar="DATASET", help="A published table: `annexes datasets` lists them.")
]
Words = Annotated[
    list[str],
    typer.Argument(metavar="KEY=VALUE...", help="Values of any columns; codes are text, and 'column=' means NULL."),
]
AsOf = Annotated[
    date | None,
    typer.Option(parser=typed_day, metavar="DAY", help="What was in force that day, instead of the latest edition."),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        parser=typed_moment,
        metavar="MOMENT",
        help="As this warehouse knew it at that moment (UTC), a day or 28/11/2026 14:30; with --as-of.",
    ),
]
Limit = Annotated[int, typer.Option(help="Rows shown at most.", min=1)]
Columns = Annotated[list[str] | None, typer.Option("--column", "-c", help="Only this column; may be repeated.")]
Picture = Annotated[
    Path | None,
    typer.Option(help="Draw the page of a PDF with the cell framed, to this PNG file.", dir_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Where a value comes from")(why)
    app.command(rich_help_panel="Where a value comes from")(cite)


def why(
    dataset: DatasetName,
    words: Words,
    column: Columns = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Limit = 5,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Show where the values of a row come from: printed words, their neighbours, file and role, rules, versions.

    Example: `annexes why premier_quartile siren=200071751`

    As it was: `annexes why premier_quartile siren=200071751 --as-of 2020-12-01 --column seuil_euros_par_uc_an`
    """
    from pipeline.products.lookup import check_columns
    from pipeline.refresh.review import corrections_of, reader

    settings, columns = project(), column or []
    reading_of = reader(settings)
    asked = _question(dataset, words, as_of, known_at)
    with warehouse(settings) as connection:
        check_columns(asked.dataset, columns)
        found, whole = _explained(connection, asked, limit, reading_of)
    explanations = [explanation.only(columns) for explanation in whole]
    if as_json:
        out(json.dumps([as_data(e) for e in explanations], ensure_ascii=False, indent=1, default=str))
    else:
        told = (as_text(asked.dataset, e, corrections_of(settings, e.version["document"])) for e in explanations)
        out("\n\n".join(told))
    _say_rest(found)
    if picture is not None:
        err(draw(settings, whole[0], columns, reading_of, picture))


def cite(
    dataset: DatasetName,
    words: Words,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Limit = 5,
    form: Annotated[Citation, typer.Option("--format", "-f", help="A sentence, or a BibTeX entry.")] = Citation.plain,
) -> None:
    """Print a reference fit for a report: act, NOR, Journal officiel, annex, place, address, version, date of access.

    What the source does not print is called so, never filled in.

    Example: `annexes cite premier_quartile siren=200071751 --format bibtex`
    """
    from pipeline.products import cite as citing
    from pipeline.refresh.review import annex_of, reader

    settings = project()
    asked = _question(dataset, words, as_of, known_at)
    write = citing.bibtex if form is Citation.bibtex else citing.plain
    with warehouse(settings) as connection:
        found, explanations = _explained(connection, asked, limit, reader(settings))
        for explanation in explanations:
            version = explanation.version
            annex = annex_of(settings, version["document"], version["act_id"])
            out(write(citing.reference(connection, asked.dataset, explanation, annex)))
    _say_rest(found)


def _question(dataset: str, words: Sequence[str], as_of: date | None, known_at: datetime | None) -> Question:
    from pipeline.products.lookup import Question, conditions

    where = conditions(words)
    return Question(declared(dataset), where, as_of, known_at)


def _explained(
    connection: DuckDBPyConnection, question: Question, limit: int, reading_of: ReadingOf
) -> tuple[Found, list[Explanation]]:
    from pipeline.products.lookup import find
    from pipeline.products.why import explain

    found = find(connection, question, limit)
    return found, [explain(connection, question.dataset, row, reading_of) for row in found.rows]


def _say_rest(found: Found) -> None:
    if found.total > len(found.rows):
        err(f"… {found.total - len(found.rows)} lignes de plus ; préciser la clé, ou --limit {found.total}")


def as_text(dataset: Dataset, explanation: Explanation, corrections: Sequence[Correction] = ()) -> str:
    """One block: the key, the act and file, a paragraph a value, what corrections decided, the versions of the key.

    `corrections` are those of the document; the ones that a value cites are told in full."""
    row, version = explanation.row, explanation.version
    key = " ".join(f"{name}={row[name]}" for name in dataset.key)
    lines = [
        f"{dataset.name} {key}",
        f"  acte       {version['title'] or '(aucun : feuille sans acte)'}",
        f"             {_identifiers(version)}",
        f"  document   {version['document']}, {version['rendition']} ({_ROLES[version['role']]})",
        f"  en vigueur {_span(row['valid_from'], row['valid_to'])}",
    ]
    if version["source_url"]:
        lines.append(f"  adresse    {version['source_url']}")
    lines.append("")
    lines += _values(explanation.values, version["rendition"])
    lines += _decisions(explanation, corrections)
    lines += ["", "  versions de cette clé"]
    lines += [f"    {_version(held, row['version_no'])}" for held in explanation.versions]
    return "\n".join(lines)


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The same as JSON values: the row, the version and its act, each value with its cites, the versions of the key."""
    data = asdict(explanation)
    for value in data["values"]:
        for cite in value["cites"]:
            cite["source"] = {name: v for name, v in cite["source"].items() if v is not None}
    return data


def _identifiers(version: Any) -> str:
    act = version["act_id"]
    if not act:
        return f"document {version['document']}"
    nor = f"NOR {version['nor']}" if version["nor"] else "NOR non imprimé"
    published = version["publie_le"]
    said = f"publié le {published:%d/%m/%Y}" if published else "date de publication non imprimée"
    return ", ".join([*([] if act == version["nor"] else [act]), nor, said])


def _values(values: Sequence[Explained], file: str) -> Iterator[str]:
    """Neighbours that rest on the same words are named together, and the words said once."""
    for cites, together in groupby(values, key=lambda value: value.cites):
        for value in together:
            unit = f" {value.unit}" if value.unit and value.value is not None else ""
            yield f"  {value.column} = {_shown(value.value)}{unit}"
        if not cites:
            yield "      aucune citation"
        for (how, rules, whole), same in _grouped(cites).items():
            shared = ", pour toute la version" if whole else ""
            yield f"      {_HOW.get(how, how)}{' : ' + ', '.join(rules) if rules else ''}{shared}"
            yield from (f"        {_cited(cite, file)}" for cite in same if cite.printed or cite.place)


def _decisions(explanation: Explanation, corrections: Sequence[Correction]) -> Iterator[str]:
    cited = {rule for value in explanation.values for cite in value.cites for rule in cite.rules}
    used = [rule for rule in corrections if rule.id in cited]
    if used:
        yield ""
        yield "  corrections appliquées (corrections.toml)"
    for rule in used:
        yield f"    {rule.id} : « {rule.printed} » lu « {rule.should_be} » : {rule.reason}"


def _grouped(cites: Sequence[Cited]) -> dict[tuple[str, tuple[str, ...], bool], list[Cited]]:
    found: dict[tuple[str, tuple[str, ...], bool], list[Cited]] = {}
    for cite in cites:
        found.setdefault((cite.how, cite.rules, cite.whole_version), []).append(cite)
    return found


def _cited(cite: Cited, file: str) -> str:
    elsewhere = f" de {cite.file} ({_ROLES[cite.role]})" if cite.file != file else ""
    if cite.source.typeset is not None and not elsewhere:
        elsewhere = f" ({_ROLES['compose']})"
    place = f"{cite.place}{elsewhere} : " if cite.place else ""
    if cite.around is None:
        return f"{place}« {cite.printed.strip('«» ')} »"
    header = f" [colonne « {cite.around.header} »]" if cite.around.header else ""
    heading = f" sous « {cite.around.heading} »" if cite.around.heading else ""
    return f"{place}{cite.around.line}{header}{heading}"


def _version(held: KeyVersion, shown: int) -> str:
    mark = "→" if held.version_no == shown else " "
    valid = " ; ".join(_span(*span) for span in held.valid)
    differs = ", ".join(f"{name} {_shown(value)}" for name, value in held.differs.items())
    parts = [f"acceptée le {held.accepted_at:%d/%m/%Y}", held.status, valid, differs]
    return f"{mark} {held.version_no} ({held.edition}) : {', '.join(part for part in parts if part)}"


def _shown(value: Any) -> str:
    return "NULL" if value is None else str(value)


def _span(begin: date | None, end: date | None) -> str:
    if begin is None:
        return "sans date d'effet connue"
    return f"du {begin:%d/%m/%Y} " + (f"au {end:%d/%m/%Y} exclu" if end else "sans fin connue")


@dataclass(frozen=True)
class Framed:
    """A place to frame on a page of a file; `note` says what the file is when the values are not read from it."""

    document: str
    file: str
    source: Source
    note: str = ""


def draw(settings: Settings, explained: Explanation, columns: Sequence[str], reading_of: ReadingOf, out: Path) -> str:
    """Write the picture of the first page cited, the cells of `columns` (all: the row) framed; says what it shows.

    When the values are read from a file without pages, the PDF of the same document that prints the same row is shown
    instead, and said. Refuses when there is none.
    """
    from pipeline.extract.model import ExtractError
    from pipeline.extract.pdf import picture

    framed = _framed(explained.only(columns)) or _elsewhere(settings, explained, columns, reading_of)
    if framed is None or framed.source.page is None or framed.source.box is None:
        file = explained.version["rendition"]
        raise AnnexesError(
            f"pas d'image : ces valeurs sont lues dans {file}, qui n'a pas de pages, et aucun PDF de "
            f"{explained.version['document']} n'imprime la même ligne ; `annexes why` donne le lieu"
        )
    path = settings.raw / framed.document / framed.file
    try:
        picture.draw(path, framed.source.page, framed.source.box, out)
    except (ExtractError, OSError) as error:
        raise AnnexesError(f"{framed.file}, {framed.source.label} : {error}") from error
    return f"{out} : {framed.source.label} de {framed.file}{framed.note}"


def _framed(explained: Explanation) -> Framed | None:
    from pipeline.extract.model import joined

    cites = [c for value in explained.values for c in value.cites if c.source.box and not c.whole_version]
    if not cites:
        return None
    first = min(cites, key=lambda c: c.source.page or 0)
    same = [c.source for c in cites if (c.file, c.source.page) == (first.file, first.source.page)]
    return Framed(first.document, first.file, joined(same))


def _elsewhere(
    settings: Settings, explained: Explanation, columns: Sequence[str], reading_of: ReadingOf
) -> Framed | None:
    """The row as a PDF of the same document prints it."""
    from pipeline.cleaning.labels import squeeze
    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.extract.model import joined
    from pipeline.products.picture import same_row

    try:
        document, _ = read_document_leniently(settings.raw / explained.version["document"])
    except DocumentError:
        return None  # the refusal that follows says that no page is at hand
    cites = [c for value in explained.values for c in value.cites if c.printed and c.place and not c.whole_version]
    chosen = {c.printed for value in explained.only(columns).values for c in value.cites}
    for rendition in document.current:
        reading = reading_of(document.id, rendition.file) if rendition.media == "pdf" else None
        row = same_row(reading, {c.printed for c in cites}) if reading else ()
        wanted = [cell.source for cell in row if squeeze(cell.text) in {squeeze(text) for text in chosen}]
        if wanted:
            made = ", composé par ce projet à partir des chiffres" if rendition.role == "typeset" else ""
            note = f" (même ligne{made} ; les valeurs sont lues dans {explained.version['rendition']})"
            return Framed(document.id, rendition.file, joined(wanted), note)
    return None
