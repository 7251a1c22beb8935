"""Where a figure comes from and why there is none: acts, documents, places, and what is known and not held."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pipeline.cleaning.values import day_in_words

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_TYPESET = "composé par ce projet"
_ROLES = {
    "publie": "fichier publié",
    "extrait": "extrait du fichier publié",
    "compose": f"{_TYPESET} à partir des chiffres",
}
BASES = {
    "texte": "date du texte",
    "lendemain_publication": "lendemain de la publication",
    "consolidation": "date de la version consolidée",
    "signature": "date de signature, celle d'effet n'étant pas connue",
    "revision_annuelle": "révision annuelle",
    "remplace": "remplacé",
    "remplace_par_acte_non_detenu": "remplacé par un acte connu et non détenu",
    "abroge": "abrogé",
    "annule": "annulé",
    "constat": "valeur constatée, non fixée par ce document",
}
Row = dict[str, Any]


@dataclass
class Sources:
    """The warehouse asked as of one day; it remembers the versions that answered, to list them once."""

    connection: DuckDBPyConnection
    on: date
    _used: dict[int, str] = field(default_factory=dict)

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Rows as dictionaries by column name."""
        cursor = self.connection.execute(sql, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def of_commune(self, code: str, sql: str, *values: object) -> list[Row]:
        """Rows of a query that are of one commune: those whose column code_commune is this code."""
        return self.rows(f"SELECT * FROM ({sql}) WHERE code_commune = ?", *values, code)

    def territoire(self, code: str) -> str | None:
        """The territory of a commune for income ceilings; None overseas."""
        found = self.of_commune(
            code, "SELECT code_commune, territoire_plus FROM plafonds_par_commune_as_of(?)", self.on
        )
        territoire: str | None = found[0]["territoire_plus"] if found else None
        return territoire

    def zone(self, code: str) -> str | None:
        """The zone of a commune on the day; None when it is not known."""
        found = self.of_commune(code, "SELECT code_commune, zone FROM zonage_abc_as_of(?)", self.on)
        zone: str | None = found[0]["zone"] if found else None
        return zone

    @property
    def day(self) -> str:
        """The day asked about, in words."""
        return day_in_words(self.on)

    @property
    def year(self) -> int:
        """The year of that day."""
        return self.on.year

    def reached(self, day: date) -> bool:
        """Whether the day asked about is that day or a later one."""
        return self.on >= day

    def has(self, dataset: str) -> bool:
        """Whether anything of a dataset is held, for whatever day."""
        return bool(self.rows("SELECT 1 FROM meta.versions WHERE dataset = ? LIMIT 1", dataset))

    def of(self, row: Row, place: str | None = None) -> str:
        """Act, document and place of a row that carries version_no, e.g. "LOGU0907606A, BOI-8A-2-09, ligne 579"."""
        ours = f" ({_TYPESET})" if not place and row.get("source_role") == "compose" else ""
        return f"{self.act(row['version_no'])}, {place or row['source_lieu']}{ours}"

    def act(self, version_no: int) -> str:
        (version,) = self.rows("SELECT * FROM meta.versions WHERE version_no = ?", version_no)
        act, document = version["act_id"], version["document"]
        named = f"{act}, {document}" if act and act != document else document
        (archived,) = self.rows("SELECT title FROM meta.documents WHERE document = ?", document)
        title = f"{version['title']} — " if version["title"] else ""
        about = f"{title}document « {archived['title']} », {version['rendition']}"
        url = f", {version['source_url']}" if version["source_url"] else ""
        self._used[version_no] = f"{named} : {about} ({_ROLES[version['role']]}){url}"
        return str(named)

    def list(self) -> tuple[str, ...]:
        """Every source that answered, each once."""
        return tuple(dict.fromkeys(self._used[number] for number in sorted(self._used)))

    def absence(self, dataset: str) -> str:
        """Why nothing answers for this dataset on the day: not held, and what is known of it."""
        held = self.rows(
            "SELECT valid_from, valid_to FROM meta.periods WHERE dataset = ? AND known_to IS NULL ORDER BY valid_from",
            dataset,
        )
        known = self.rows(
            "SELECT title, nor, effect_from FROM meta.coverage WHERE dataset = $1 AND etat = 'connu_non_detenu' "
            "AND met_fin AND effect_from <= $2 AND effect_from >= (SELECT coalesce(max(valid_to), DATE '0001-01-01') "
            "FROM meta.periods WHERE dataset = $1 AND known_to IS NULL AND valid_to <= $2) ORDER BY effect_from",
            dataset,
            self.on,
        )
        said = f"au {self.day}"
        spans = [_span(row["valid_from"], row["valid_to"]) for row in held if row["valid_from"]]
        if spans:
            said += f" (détenu {', '.join(spans)})"
        if known:
            said += f" ; acte connu et non détenu : {' ; puis '.join(_known(row) for row in known)}"
        return said

    def validity(self, row: Row) -> str:
        """From when to when the edition of a row is in force, on what basis, and whether that must be checked."""
        period = self.rows(
            "SELECT * FROM meta.periods WHERE version_no = ? AND valid_from = ? AND known_to IS NULL ORDER BY valid_to",
            row["version_no"],
            row["valid_from"],
        )[0]
        since, until = period["valid_from"], period["valid_to"]
        said = f"En vigueur à partir du {day_in_words(since)} ({BASES[period['valid_from_base']]})"
        if until is not None:
            return f"{said}, jusqu'au {day_in_words(until)} exclu ({BASES[period['valid_to_base']]})."
        old = " : à vérifier" if self.reached(since + timedelta(days=367)) else ""
        return f"{said}, sans fin connue de cette base{old}."


def _known(row: Row) -> str:
    nor = f", {row['nor']}" if row["nor"] else ""
    return f"{row['title']}{nor}, effet au {day_in_words(row['effect_from'])}"


def _span(since: date, until: date | None) -> str:
    return f"du {day_in_words(since)} au {day_in_words(until)} exclu" if until else f"depuis le {day_in_words(since)}"
