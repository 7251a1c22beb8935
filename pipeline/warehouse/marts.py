"""The marts: SQL files of `sql/marts`, each built when what it requires is there. What they compute is in the files.

A file's leading comment lines declare it:
-- requires: premier_quartile, ref.communes      datasets, or qualified tables and views
-- smoke: SELECT * FROM seuil_par_epci LIMIT 1    run before publishing; any number of lines
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = Path(__file__).parent / "sql" / "marts"
_CREATED = re.compile(r"^CREATE (?:OR REPLACE )?(?:VIEW|MACRO) (?:main\.)?(\w+)(?:\(([^)]*)\))?", re.MULTILINE)
_COMMENT = re.compile(r"^COMMENT ON [A-Z ]+ (?:main\.)?(\w+)(?:\.(\w+))? IS\s+'((?:[^']|'')*)'", re.MULTILINE)


@dataclass(frozen=True)
class Mart:
    """One file: the objects it needs (`schema.name`), its statements, and the queries that must run on it."""

    name: str
    requires: frozenset[str]
    sql: str
    smoke: tuple[str, ...] = ()


def parse(name: str, text: str) -> Mart:
    """A mart from the text of its file. A name required without a schema stands in main."""
    requires: list[str] = []
    smoke: list[str] = []
    for line in text.splitlines():
        if line.startswith("-- requires:"):
            requires += [n.strip() for n in line.removeprefix("-- requires:").split(",") if n.strip()]
        elif line.startswith("-- smoke:"):
            smoke.append(line.removeprefix("-- smoke:").strip())
    qualified = frozenset(n if "." in n else f"main.{n}" for n in requires)
    return Mart(name, qualified, text, tuple(smoke))


@dataclass(frozen=True)
class Described:
    """A view or macro of a mart as its file comments it; a macro has `arguments`, a view columns (name, comment). The
    comment is '' where the file has none: `verify` refuses it by name."""

    name: str
    comment: str
    arguments: str | None
    columns: tuple[tuple[str, str], ...]


def described(mart: Mart) -> list[Described]:
    """The views and macros of a mart, in the order of its file."""
    said = [(name, column, text.replace("''", "'")) for name, column, text in _COMMENT.findall(mart.sql)]
    return [
        Described(
            found[1],
            next((text for name, column, text in said if name == found[1] and not column), ""),
            found[2],
            tuple((column, text) for name, column, text in said if name == found[1] and column),
        )
        for found in _CREATED.finditer(mart.sql)
    ]


def read_marts(folder: Path | None = None) -> list[Mart]:
    """All marts of a folder, that of this package by default, by file name."""
    return [parse(p.stem, p.read_text(encoding="utf-8")) for p in sorted((folder or FOLDER).glob("*.sql"))]


def in_order(marts: Collection[Mart]) -> list[Mart]:
    """The marts, each after those whose tables or macros it needs."""
    by_name = {mart.name: mart for mart in marts}
    made = {f"main.{d.name}": mart.name for mart in marts for d in described(mart)}
    needs = {m.name: {made[n] for n in m.requires if n in made} - {m.name} for m in marts}
    return [by_name[name] for name in TopologicalSorter(needs).static_order()]


def fed_by(marts: Collection[Mart], datasets: Collection[str]) -> dict[str, frozenset[str]]:
    """Mart → the datasets it is made of, directly or through other marts."""
    made = {d.name: mart.name for mart in marts for d in described(mart)}
    found: dict[str, frozenset[str]] = {}
    for mart in in_order(marts):
        needs = [need.partition(".")[2] for need in mart.requires if not need.startswith("ref.")]
        own = {plain for need in needs for plain in (need, need.removesuffix("_as_of")) if plain in datasets}
        through = (found[made[need]] for need in needs if made.get(need, mart.name) != mart.name)
        found[mart.name] = frozenset(own).union(*through)
    return found


def buildable(marts: Collection[Mart], present: Collection[str]) -> Iterator[Mart]:
    """Those whose needs are all in `present` (`schema.name`)."""
    return (mart for mart in marts if mart.requires <= set(present))


def present(connection: DuckDBPyConnection) -> set[str]:
    """Tables, views and macros of the current database, as `schema.name`."""
    found = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() "
        "UNION ALL SELECT schema_name || '.' || function_name FROM duckdb_functions() "
        "WHERE database_name = current_database()"
    ).fetchall()
    return {name for (name,) in found}
