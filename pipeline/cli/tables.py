"""`annexes tables`: what the reader makes of any one file, before anything is declared of it. Needs no project."""

from __future__ import annotations

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import terminal
from pipeline.cli.common import err, out
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.extract.model import Grid, Reading, Source


# Columns of text where the output is no terminal.
PIPED_WIDTH = 200
WIDEST_TITLE = 40
# What the drawing puts between two columns.
BETWEEN = 3


class Shape(StrEnum):
    """How tables are written."""

    table = "table"
    csv = "csv"
    json = "json"


class Merged(StrEnum):
    """What stands under a merged cell."""

    once = "once"
    repeat = "repeat"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Bring documents in")(tables)


def tables(
    file: Annotated[
        Path,
        typer.Argument(help="A PDF, XML, HTML, a sheet, a .docx, .md or .txt.", exists=True, dir_okay=False),
    ],
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Only these tables, as the list numbers them.", metavar="[N]...")
    ] = None,
    output: Annotated[Shape, typer.Option("--format", "-f", help="How tables are written.")] = Shape.table,
    merged: Annotated[
        Merged, typer.Option(help="The text of a merged cell: where it begins, or on every row and column it covers.")
    ] = Merged.once,
    target: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Write FILE-N.csv (or .json) of each table into this folder.", file_okay=False
        ),
    ] = None,
) -> None:
    """List the tables of a file as they are read, or print them: each with its place. Nothing is kept.

    What could not be read (a scanned page) and what was mended is said on standard error.
    Examples: `annexes tables a.pdf`, `annexes tables a.pdf 2 --format csv`, `annexes tables a.pdf -f csv --out csv/`
    """
    reading = read_tables(file)
    chosen = tables_numbered(file, reading, numbers or ())
    _say(file, reading)
    if target is not None:
        _write(chosen, output, merged, target, file.stem)
    elif output is Shape.json:
        out(_as_json({n: _described(n, grid) for n, grid in chosen.items()}))
    elif output is Shape.csv:
        if len(chosen) > 1:
            said = _("{file}: {count} tables: choose one, or give --out DIR")
            raise AnnexesError(said.format(file=file, count=len(chosen)), USAGE)
        for grid in chosen.values():
            out(_as_csv(grid, merged))
    elif numbers:
        for n, grid in chosen.items():
            out(f"{_title(n, grid)}\n{_drawn(_rows(grid, merged), grid.header_rows)}")
    else:
        out(_listed(chosen) if chosen else f"{file} : aucun tableau")


def tables_numbered(file: Path, reading: Reading, numbers: Sequence[int]) -> dict[int, Grid]:
    """The tables of these numbers, all without any. Raises AnnexesError for a number that is none."""
    grids = dict(enumerate(reading.grids, start=1))
    missing = [n for n in numbers if n not in grids]
    if missing:
        held = _("the file has {count}").format(count=len(grids)) if grids else _("the file has none")
        said = _("{file}: no table {numbers}: {held}")
        raise AnnexesError(said.format(file=file, numbers=", ".join(map(str, missing)), held=held), USAGE)
    return {n: grids[n] for n in numbers or grids}


def read_tables(file: Path) -> Reading:
    """What the reader makes of a file. Raises AnnexesError."""
    from pipeline.documents.media import HEAD, MediaError, tell
    from pipeline.extract import read
    from pipeline.extract.model import ExtractError

    try:
        with file.open("rb") as stream:
            media = tell(file.name, stream.read(HEAD))
        return read(file, media, complete=True)
    except (MediaError, ExtractError) as error:
        raise AnnexesError(f"{file} : {error}") from error
    except OSError as error:
        raise AnnexesError(f"{file} : {error.strerror or error}") from error


def _say(file: Path, reading: Reading) -> None:
    """How the file was read, what is missing from the reading, place by place, and how often what was mended."""
    if told := reading.meta.get("lecture"):
        err(f"{file} : {told}")
    lacking: dict[str, list[Source]] = {}
    for unread in reading.unread:
        lacking.setdefault(unread.detail or unread.kind, []).append(unread.source)
    for why, sources in lacking.items():
        err(f"{file}, {_places(sources)} : {why}")
    for sign in reading.signs:
        err(f"{file}, {sign.source.label} : à vérifier : {sign.kind}" + (f" ({sign.detail})" if sign.detail else ""))
    for what, kinds in (
        ("réparations", Counter(repair.kind for repair in reading.repairs)),
        ("hors des tableaux et du texte", Counter(aside.reason for aside in reading.asides)),
    ):
        if kinds:
            err(f"{file} : {what} : " + ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items())))


def _places(sources: Sequence[Source]) -> str:
    """Where, pages one after the other as a range: 'p. 1 à 3, 7 et 12'."""
    pages = sorted({source.page for source in sources if source.page is not None})
    if not pages:
        return ", ".join(source.label for source in sources)
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][-1] + 1:
            ranges[-1].append(page)
        else:
            ranges.append([page])
    shown = [str(r[0]) if len(r) == 1 else f"{r[0]} à {r[-1]}" for r in ranges]
    return "p. " + " et ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def _listed(grids: dict[int, Grid]) -> str:
    """One line a table, titles and headers cut to what a line holds."""
    head = ("n°", "lieu", "lignes", "colonnes", "titre", "en-têtes")
    rows = [
        (str(n), _place(grid), str(grid.n_rows), str(grid.n_cols), _cut(_heading(grid), WIDEST_TITLE), grid.headers)
        for n, grid in grids.items()
    ]
    taken = sum(max(len(row[c]) for row in [head, *rows]) + BETWEEN for c in range(5))
    room = max((terminal.width() or PIPED_WIDTH) - taken - BETWEEN, len(head[5]))
    return _drawn([head, *((*row[:5], _cut(" | ".join(row[5]), room)) for row in rows)], 1)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _title(n: int, grid: Grid) -> str:
    parts = (f"Tableau {n}", _place(grid), f"{grid.n_rows} lignes, {grid.n_cols} colonnes", _heading(grid))
    return " · ".join(part for part in parts if part)


def _heading(grid: Grid) -> str:
    return grid.title or (grid.under[-1] if grid.under else "")


def _place(grid: Grid) -> str:
    """Where the table begins and, when it goes over several pages, where it ends."""
    pages = [cell.source.page for cell in grid.cells if cell.source.page is not None]
    if pages and min(pages) != max(pages):
        return f"p. {min(pages)} à {max(pages)}"
    return f"p. {pages[0]}" if pages else grid.source.label


def _rows(grid: Grid, merged: Merged) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for r, row in enumerate(grid.rows()):
        texts = (
            "" if cell is None or (merged is Merged.once and (cell.row, cell.col) != (r, c)) else cell.text
            for c, cell in enumerate(row)
        )
        rows.append(tuple(texts))
    return rows


def _drawn(rows: list[tuple[str, ...]], header_rows: int) -> str:
    """Rows drawn for people, the header rows parted from the others by a line."""
    columns = len(rows[0]) if rows else 0
    drawn, shown = terminal.table(rows, [False] * columns, terminal.width(), header_rows)
    if shown == columns:
        return drawn
    return f"{drawn}\n " + _("{shown} columns of {count}; all: --format csv").format(shown=shown, count=columns)


def _as_csv(grid: Grid, merged: Merged) -> str:
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(_rows(grid, merged))
    return buffer.getvalue()


def _described(n: int, grid: Grid) -> dict[str, Any]:
    cells = [
        {
            "ligne": cell.row,
            "colonne": cell.col,
            "hauteur": cell.row_span,
            "largeur": cell.col_span,
            "entete": cell.header,
            "texte": cell.text,
            "lieu": cell.source.label,
            "page": cell.source.page,
            "cadre_points": cell.source.box,
        }
        for cell in grid.cells
    ]
    size = {"lignes": grid.n_rows, "lignes_entete": grid.header_rows, "colonnes": grid.n_cols}
    return {"numero": n, "titre": _heading(grid), "lieu": _place(grid), **size, "cellules": cells}


def _as_json(described: dict[int, dict[str, Any]]) -> str:
    return json.dumps(list(described.values()), ensure_ascii=False, indent=1)


def _write(grids: dict[int, Grid], output: Shape, merged: Merged, target: Path, stem: str) -> None:
    if output is Shape.table:
        raise AnnexesError(_("--out writes CSV or JSON: add --format csv or --format json"), USAGE)
    target.mkdir(parents=True, exist_ok=True)
    for n, grid in grids.items():
        path = target / f"{stem}-{n}.{output}"
        text = _as_csv(grid, merged) if output is Shape.csv else _as_json({n: _described(n, grid)})
        path.write_text(text, encoding="utf-8")
        out(f"{path} : {_title(n, grid)}")
