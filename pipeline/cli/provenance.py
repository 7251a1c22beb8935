"""`annexes why` and `annexes cite`: where a published value comes from, for a reader and for a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import Refusal, err, out, project
from pipeline.cli.opened import declared, warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.products.lookup import Found, Question
    from pipeline.products.why import Explanation, ReadingOf


class Citation(StrEnum):
    """How a reference is written."""

    plain = "plain"
    bibtex = "bibtex"


DatasetName = Annotated[
    str, typer.Argument(metavar="DATASET", help="A published table: `annexes datasets` lists them.")
]
Words = Annotated[
    list[str],
    typer.Argument(metavar="KEY=VALUE...", help="Values of any columns; codes are text, and 'column=' means NULL."),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(help="What was in force that day, instead of the latest edition.", formats=["%Y-%m-%d"]),
]
KnownAt = Annotated[
    datetime | None,
    typer.Option(
        help="As this warehouse knew it at that moment (UTC); with --as-of.",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
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
    from pipeline.cli.picture import draw
    from pipeline.cli.provenance_text import as_data, as_text
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


def _question(dataset: str, words: Sequence[str], as_of: datetime | None, known_at: datetime | None) -> Question:
    from pipeline.products.lookup import LookupFailure, Question, conditions

    try:
        where = conditions(words)
    except LookupFailure as failure:
        raise Refusal(str(failure), code=2) from failure
    return Question(declared(dataset), where, as_of.date() if as_of else None, known_at)


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
