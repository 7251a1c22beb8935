"""Tables of annexes that no dataset declares, as printed: the rows of all in one table, schema `grids` with a view for
each, listed in meta.grids.

Which documents they come from is decided by the caller. A merged cell stands once, where it is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pipeline.extract.model import Grid
from pipeline.published import Field
from pipeline.warehouse.catalogue import PrintedGrid
from pipeline.warehouse.ddl import TableSpec, column_comments, comment_on, identifier
from pipeline.warehouse.load import insert_values, load_values
from pipeline.warehouse.writing import run_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = "grids"
LIST = TableSpec(
    "meta",
    "grids",
    "Tableaux d'annexes qu'aucun jeu de données ne lit, gardés tels qu'imprimés dans le schéma grids.",
    (
        Field(
            "table_name",
            "TEXT",
            "Vue du schéma grids ; NULL si le tableau est trop large, ou s'il nomme des personnes.",
        ),
        Field("document", "TEXT", "Identifiant du document archivé (meta.documents)."),
        Field("rendition", "TEXT", "Fichier lu."),
        Field("grid_no", "INTEGER", "Rang du tableau dans le document, à partir de 1."),
        Field("title", "TEXT", "Titre du tableau, s'il en a un."),
        Field("headings", "TEXT", "Titres au-dessus du tableau, du plus large au plus proche."),
        Field("headers", "TEXT", "En-têtes des colonnes, séparés par |."),
        Field("row_count", "INTEGER", "Lignes imprimées, en-têtes compris."),
        Field("column_count", "INTEGER", "Colonnes."),
        Field("place", "TEXT", "Où le tableau commence."),
        Field("grid_id", "INTEGER", "Rang du tableau dans ce fichier (meta.grid_rows)."),
    ),
)
EXCLUDED = TableSpec(
    "meta",
    "grids_excluded",
    "Textes dont les tableaux ne sont pas gardés parce qu'ils portent sur des personnes ; leur titre n'est pas gardé.",
    (
        Field("document", "TEXT", "Identifiant du texte."),
        Field("nature", "TEXT", "Nature que l'éditeur lui donne."),
        Field("reason", "TEXT", "Ce qui le fait reconnaître."),
    ),
)


ROWS = TableSpec(
    "meta",
    "grid_rows",
    "Lignes de tous ces tableaux, telles qu'imprimées ; chaque vue du schéma grids en montre un.",
    (
        Field("grid_id", "INTEGER", "Tableau (meta.grids)."),
        Field("row_no", "INTEGER", "Ligne imprimée, à partir de 1."),
        Field("is_header", "BOOLEAN", "Vrai pour une ligne d'en-tête."),
        Field("place", "TEXT", "Où la ligne est imprimée."),
        Field(
            "cells",
            "TEXT[]",
            "Texte de chaque colonne ; NULL sous une cellule fusionnée, et où il n'y a pas de cellule.",
        ),
    ),
)
_AT_ONCE = 50_000
"""Rows in memory before they are loaded."""


def load_grids(
    connection: DuckDBPyConnection, printed: Iterable[PrintedGrid], excluded: Iterable[tuple[str, str, str]]
) -> None:
    """Create and fill the rows of all grids, a view for each and the two lists, with their comments.

    `excluded`: (document, nature, reason). The schemas exist. Documents whose names differ only by what no SQL name
    carries have tables of different names: the later one is numbered.
    """
    listed: list[tuple[object, ...]] = []
    taken: set[str] = set()
    waiting: list[tuple[object, ...]] = []
    connection.execute(ROWS.create)
    for number, each in enumerate(printed, start=1):
        name = _free(each.table, taken) if each.table else None
        listed.append((name, *_line(each), number))
        if name:
            waiting += _rows(number, each.grid)
            run_all(connection, _view(name, number, each))
        if len(waiting) >= _AT_ONCE:
            insert_values(connection, ROWS, waiting)
            waiting = []
    insert_values(connection, ROWS, waiting)
    run_all(connection, ROWS.comments())
    _publish(connection, LIST, listed)
    _publish(connection, EXCLUDED, list(excluded))


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def _publish(connection: DuckDBPyConnection, table: TableSpec, rows: list[tuple[object, ...]]) -> None:
    load_values(connection, table, rows)
    run_all(connection, table.comments())


def _line(printed: PrintedGrid) -> tuple[object, ...]:
    grid = printed.grid
    return (
        printed.document,
        printed.rendition,
        printed.number,
        grid.title or None,
        " › ".join(grid.under) or None,
        " | ".join(grid.headers),
        grid.n_rows,
        grid.n_cols,
        grid.source.label,
    )


def _view(name: str, number: int, printed: PrintedGrid) -> Iterator[str]:
    """The statements that show one grid as a table of its columns, with what each is."""
    grid = printed.grid
    title = grid.title or " › ".join(grid.under) or "sans titre"
    columns = [
        Field(f"c{n}", "TEXT", f"Colonne {n}, imprimée sous : {label or '(sans en-tête)'}")
        for n, label in enumerate(grid.headers, start=1)
    ]
    view = f"{identifier(SCHEMA)}.{identifier(name)}"
    cells = "".join(f", cells[{n}] AS {identifier(f.name)}" for n, f in enumerate(columns, start=1))
    yield (
        f"CREATE VIEW {view} AS SELECT row_no, is_header, place{cells} FROM {ROWS.qualified} "
        f"WHERE grid_id = {number} ORDER BY row_no"
    )
    said = f"{printed.document}, tableau {printed.number} ({title}), tel qu'imprimé ; non validé."
    yield comment_on("VIEW", view, said)
    yield from column_comments(view, [*ROWS.fields[1:4], *columns])


def _rows(number: int, grid: Grid) -> list[tuple[object, ...]]:
    """Text of each cell where it is printed, '' when printed empty; NULL under a span and where there is no cell."""
    found: list[tuple[object, ...]] = []
    for row in range(grid.n_rows):
        cells = [grid.own(row, col) for col in range(grid.n_cols)]
        first = next((cell for cell in cells if cell), None)
        texts = [cell.text if cell else None for cell in cells]
        found.append((number, row + 1, row < grid.header_rows, first.source.label if first else None, texts))
    return found
