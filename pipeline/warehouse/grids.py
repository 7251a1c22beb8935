"""Tables of annexes that no dataset declares, as printed: schema `grids`, one table each, listed in meta.grids.

Which documents they come from is decided by the caller. A merged cell stands once, where it is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.extract.model import Grid
from pipeline.published import Field
from pipeline.warehouse.catalogue import PrintedGrid
from pipeline.warehouse.ddl import TableSpec
from pipeline.warehouse.load import load_values

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
            "Table du schéma grids ; NULL si le tableau est trop large, ou s'il nomme des personnes.",
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


def load_grids(
    connection: DuckDBPyConnection, printed: Iterable[PrintedGrid], excluded: Iterable[tuple[str, str, str]]
) -> None:
    """Create and fill the schema's tables and the two lists, one grid in memory at a time, with their comments.

    `excluded`: (document, nature, reason). The schemas exist; table names are unique, for documents are.
    """
    listed: list[tuple[object, ...]] = []
    for each in printed:
        listed.append(_line(each))
        if each.table:
            _publish(connection, _table(each), _rows(each.grid))
    _publish(connection, LIST, listed)
    _publish(connection, EXCLUDED, list(excluded))


def _publish(connection: DuckDBPyConnection, table: TableSpec, rows: list[tuple[object, ...]]) -> None:
    load_values(connection, table, rows)
    for statement in table.comments():
        connection.execute(statement)


def _line(printed: PrintedGrid) -> tuple[object, ...]:
    grid = printed.grid
    return (
        printed.table,
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


def _table(printed: PrintedGrid) -> TableSpec:
    grid = printed.grid
    title = grid.title or " › ".join(grid.under) or "sans titre"
    assert printed.table is not None
    return TableSpec(
        SCHEMA,
        printed.table,
        f"{printed.document}, tableau {printed.number} ({title}), tel qu'imprimé ; non validé.",
        (
            Field("row_no", "INTEGER", "Ligne imprimée, à partir de 1."),
            Field("is_header", "BOOLEAN", "Vrai pour une ligne d'en-tête."),
            Field("place", "TEXT", "Où la ligne est imprimée."),
            *(
                Field(f"c{n}", "TEXT", f"Colonne {n}, imprimée sous : {label or '(sans en-tête)'}")
                for n, label in enumerate(grid.headers, start=1)
            ),
        ),
    )


def _rows(grid: Grid) -> list[tuple[object, ...]]:
    """Text of each cell where it is printed, '' when printed empty; NULL under a span and where there is no cell."""
    found: list[tuple[object, ...]] = []
    for row in range(grid.n_rows):
        cells = [grid.own(row, col) for col in range(grid.n_cols)]
        first = next((cell for cell in cells if cell), None)
        texts = (cell.text if cell else None for cell in cells)
        found.append((row + 1, row < grid.header_rows, first.source.label if first else None, *texts))
    return found
