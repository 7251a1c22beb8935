"""The versions held of a dataset, and what changed from one to another: added, removed, changed by key.

Coverage (keys and values that are there or not) is told apart from values that are others. The comparison itself is
the macro `<dataset>_diff` of the published file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.contract.dataset import Dataset
from pipeline.products.lookup import LookupFailure, Record, records
from pipeline.quality.changes import name_column
from pipeline.warehouse.ddl import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


_NUMBERS = ("INT", "BIGINT", "DOUBLE", "DECIMAL")
LOST = ("retire", "valeur_perdue")
GAINED = ("ajoute", "valeur_trouvee")
CHANGED = ("modifie",)
_ORDER = (*LOST, *GAINED, *CHANGED)

KINDS = {
    "retire": ("clé retirée", "clés retirées"),
    "valeur_perdue": ("valeur perdue", "valeurs perdues"),
    "ajoute": ("clé ajoutée", "clés ajoutées"),
    "valeur_trouvee": ("valeur trouvée", "valeurs trouvées"),
    "modifie": ("valeur", "valeurs"),
}
"""Kind of change → how one and several are called."""

_STATUS = """CASE WHEN v.withdrawn_at IS NOT NULL THEN 'retirée'
    WHEN count(p.version_no) > 0 THEN 'fait foi'
    WHEN v.row_count = 0 AND v.relation IN ('abroge', 'annule') AND NOT EXISTS (
        SELECT 1 FROM meta.versions n WHERE n.withdrawn_at IS NULL
        AND n.dataset = v.dataset AND n.edition = v.edition AND n.version_no > v.version_no) THEN 'met fin'
    ELSE 'remplacée' END"""
_SPAN = """CASE WHEN p.version_no IS NULL THEN NULL WHEN p.valid_from IS NULL THEN 'sans date d''effet'
    ELSE p.valid_from || ' → ' || coalesce(CAST(p.valid_to AS TEXT), '…') END"""

_GROUPED = (
    "v.version_no, v.dataset, v.edition, v.title, v.accepted_at, v.row_count, v.relation, v.withdrawn_at, "
    "v.withdrawn_reason"
)


@dataclass(frozen=True)
class Count:
    """How many changes of one kind: of whole rows (`column` is ''), or of the values of a column."""

    kind: str
    column: str
    number: int


@dataclass(frozen=True)
class Succession:
    """A grouping that is gone and the one that holds most of its communes now, which was not there before: a merger, or
    a new SIREN. `part`: the share of its communes, from 0 to 1."""

    siren: str
    nom: str
    successeur: str
    nom_successeur: str
    part: float


@dataclass(frozen=True)
class Comparison:
    """Two versions (rows of `versions`), the counts of all that changed, and the changes themselves, capped."""

    before: Record
    after: Record
    counts: tuple[Count, ...]
    changes: pa.Table
    successions: tuple[Succession, ...] = ()

    @property
    def total(self) -> int:
        return sum(count.number for count in self.counts)

    def of(self, kinds: Sequence[str]) -> tuple[Count, ...]:
        return tuple(count for count in self.counts if count.kind in kinds)


def counted(counts: Sequence[Count]) -> str:
    """'3 clés retirées, 2 valeurs perdues (nom_officiel 2)'; '' for none."""
    said: list[str] = []
    for kind in dict.fromkeys(count.kind for count in counts):
        same = [count for count in counts if count.kind == kind]
        number = sum(count.number for count in same)
        columns = ", ".join(f"{count.column} {count.number}" for count in same if count.column)
        said.append(f"{number} {KINDS[kind][number > 1]}" + (f" ({columns})" if columns else ""))
    return ", ".join(said)


def versions(connection: DuckDBPyConnection, dataset: str | None = None) -> pa.Table:
    """One row a version, by dataset and number: version_no, dataset, edition, acte, accepted_at (UTC), row_count,
    statut ('fait foi', 'met fin', 'remplacée', 'retirée'), periodes (days it answers for now), raison (of a
    withdrawal)."""
    return connection.execute(
        f"""SELECT v.version_no, v.dataset, v.edition, v.title AS acte,
            date_trunc('second', v.accepted_at) AS accepted_at, v.row_count, {_STATUS} AS statut,
            string_agg(DISTINCT {_SPAN}, ' ; ' ORDER BY {_SPAN}) AS periodes, v.withdrawn_reason AS raison
        FROM meta.versions v LEFT JOIN meta.periods p ON p.version_no = v.version_no AND p.known_to IS NULL
        WHERE ? IS NULL OR v.dataset = ?
        GROUP BY {_GROUPED} ORDER BY v.dataset, v.version_no""",
        [dataset, dataset],
    ).to_arrow_table()


def compare(
    connection: DuckDBPyConnection,
    dataset: Dataset,
    a: str,
    b: str,
    limit: int | None = None,
    *,
    derived: bool = True,
    of_each: int | None = None,
) -> Comparison:
    """What changed from version `a` to version `b`, each a number, or the act, NOR or document of an edition held.

    Either may be a year too: the edition held that took effect that year. `changes` has changement, the key, nom (what
    people call the key), colonne, avant, apres (texts), ecart_pct (numbers only): lost coverage first, then the largest
    differences, `limit` rows at most, `of_each` of one kind. Without `derived`, columns that no document prints
    (official names, regions: worked out from codes) are left out. Raises LookupFailure when one of
    the two is no version of this dataset.
    """
    before, after = _resolved(connection, dataset, a), _resolved(connection, dataset, b)
    numbers = (before["version_no"], after["version_no"])
    macro = f"main.{identifier(dataset.name + '_diff')}({numbers[0]}, {numbers[1]})"
    if not derived and (names := derived_columns(connection, dataset, *numbers)):
        left = ", ".join(map(literal, names))
        macro = f"(SELECT * FROM {macro} WHERE colonne IS NULL OR colonne NOT IN ({left}))"
    counted = records(
        connection,
        f"SELECT changement, coalesce(colonne, '') AS colonne, count(*) AS n FROM {macro} GROUP BY ALL ORDER BY n DESC",
    )
    counts = sorted(
        (Count(row["changement"], row["colonne"], row["n"]) for row in counted), key=lambda c: _ORDER.index(c.kind)
    )
    key = ", ".join(identifier(name) for name in dataset.diff_key)
    numeric = [literal(c.name) for c in dataset.columns if c.type.startswith(_NUMBERS)]
    named = _names(dataset, *numbers)
    kinds = ", ".join(f"'{kind}'" for kind in _ORDER)
    percent = f"{_PERCENT.format(numeric=', '.join(numeric) or 'NULL')} AS ecart_pct"
    columns = ", ".join(part for part in ("changement", key, "nom, colonne, avant, apres", percent) if part)
    ranked = f"list_position([{kinds}], changement), abs(ecart_pct) DESC NULLS LAST"
    order = ", ".join(part for part in (ranked, key, "colonne") if part)
    cap = f"LIMIT {int(limit)}" if limit is not None else ""
    each = f"QUALIFY row_number() OVER (PARTITION BY changement ORDER BY {order}) <= {int(of_each)}" if of_each else ""
    changes = connection.execute(
        f"SELECT {columns} FROM {macro} {named} {each} ORDER BY {order} {cap}"
    ).to_arrow_table()
    return Comparison(before, after, tuple(counts), changes, tuple(_successions(connection, dataset, before, after)))


_SUCCESSIONS = """WITH
ancien AS (SELECT DISTINCT siren FROM data.{table} WHERE version_no = $a),
nouveau AS (SELECT DISTINCT siren FROM data.{table} WHERE version_no = $b),
avant AS (SELECT siren, code_commune FROM ref.epci_membres WHERE millesime = $year_a
    AND siren IN (FROM ancien EXCEPT FROM nouveau)),
apres AS (SELECT siren, code_commune FROM ref.epci_membres WHERE millesime = $year_b
    AND siren IN (FROM nouveau EXCEPT FROM ancien)),
communs AS (SELECT avant.siren, apres.siren AS successeur, count(*) AS n
    FROM avant JOIN apres USING (code_commune) GROUP BY ALL),
tailles AS (SELECT siren, count(*) AS taille FROM avant GROUP BY ALL)
SELECT c.siren, o.nom, c.successeur, s.nom AS nom_successeur, round(c.n / t.taille, 3) AS part
FROM communs c JOIN tailles t USING (siren)
LEFT JOIN ref.epci o ON o.siren = c.siren AND o.millesime = $year_a
LEFT JOIN ref.epci s ON s.siren = c.successeur AND s.millesime = $year_b
WHERE 2 * c.n > t.taille ORDER BY s.nom, o.nom"""


def _successions(
    connection: DuckDBPyConnection, dataset: Dataset, before: Record, after: Record
) -> Iterator[Succession]:
    """Of a dataset by SIREN: which keys gone are the ones won, by the communes they hold at the years of both."""
    held = records(
        connection, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'ref' AND table_name = 'epci_membres'"
    )
    if "siren" not in dataset.diff_key or not held or not (before["valid_from"] and after["valid_from"]):
        return
    years = {"year_a": before["valid_from"].year, "year_b": after["valid_from"].year}
    asked = {"a": before["version_no"], "b": after["version_no"], **years}
    found = connection.execute(_SUCCESSIONS.format(table=identifier(dataset.name)), asked).fetchall()
    for siren, name, successor, its_name, part in found:
        yield Succession(siren, name or siren, successor, its_name or successor, float(part))


def derived_columns(connection: DuckDBPyConnection, dataset: Dataset, *versions: int) -> list[str]:
    """The columns of which these versions cite nothing but what was looked up: no document prints them. Not keys and
    codes, which tables are joined by: a code found or lost is news."""
    found = records(
        connection,
        "SELECT DISTINCT k.column_name FROM meta.cells c "
        "JOIN meta.columns k ON k.dataset = ? AND k.col_no = c.col_no "
        f"WHERE c.version_no IN ({', '.join(map(str, versions))}) AND c.how <> 'deduit'",
        [dataset.name],
    )
    printed = {row["column_name"] for row in found} | set(dataset.key)
    return [
        column.name for column in dataset.columns if column.name not in printed and not column.name.startswith("code_")
    ]


_PERCENT = """CASE WHEN changement = 'modifie' AND colonne IN ({numeric}) THEN
    round(100 * (try_cast(apres AS DOUBLE) - try_cast(avant AS DOUBLE)) / nullif(abs(try_cast(avant AS DOUBLE)), 0), 1)
    END"""


def _names(dataset: Dataset, *versions: int) -> str:
    """A join that gives each key its name, as the newest of the versions prints it."""
    column = name_column(dataset)
    if column is None:
        return "CROSS JOIN (SELECT CAST(NULL AS TEXT) AS nom)"
    key = ", ".join(identifier(name) for name in dataset.diff_key)
    numbers = ", ".join(map(str, versions))
    return (
        f"LEFT JOIN (SELECT {key}, arg_max({identifier(column)}, version_no) AS nom "
        f"FROM data.{identifier(dataset.name)} WHERE version_no IN ({numbers}) GROUP BY ALL) USING ({key})"
    )


def _resolved(connection: DuckDBPyConnection, dataset: Dataset, text: str) -> Record:
    """The row of meta.versions that a number names, or the reading that counts of the edition named."""
    found = records(
        connection,
        "SELECT v.* FROM meta.versions v "
        "LEFT JOIN meta.editions e ON e.dataset = v.dataset AND e.version_no = v.version_no "
        "WHERE v.dataset = ? AND (CAST(v.version_no AS TEXT) = ? OR "
        "? IN (e.edition, e.nor, v.document, CAST(year(v.valid_from) AS TEXT)) AND e.version_no IS NOT NULL) "
        "ORDER BY CAST(v.version_no AS TEXT) = ? DESC, v.valid_from DESC, v.version_no DESC LIMIT 1",
        [dataset.name, text, text, text],
    )
    if found:
        return found[0]
    held = records(connection, "SELECT version_no FROM meta.versions WHERE dataset = ? ORDER BY 1", [dataset.name])
    numbers = ", ".join(str(row["version_no"]) for row in held) or "aucune"
    raise LookupFailure(
        f"{dataset.name} n'a pas de version {text} ; versions : {numbers} (`annexes versions {dataset.name}`)",
        usage=True,
    )
