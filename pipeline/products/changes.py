"""What a publication brought since the one before: new versions with what each changes, versions taken back, acts that
came to be known or held, findings; as Markdown and JSON, and as an Atom feed of the reports. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from pipeline.datasets import dataset as declared
from pipeline.products import differences
from pipeline.products.lookup import Record, records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 10
"""Changes of one kind told for one version."""
COMPARED = 40
"""Versions whose changes are worked out in one report; what came before is only listed."""
Kind = Literal["nouvelle édition", "nouvelle lecture", "déclaration corrigée", "premier acte"]


@dataclass(frozen=True)
class NewVersion:
    """A version that the publication before did not have. `avant` is the version it is compared with, None for none."""

    dataset: str
    titre: str
    version_no: int
    edition: str
    acte: str
    lignes: int
    valid_from: date | None
    nature: Kind
    avant: int | None = None
    avant_acte: str = ""
    comptes: tuple[differences.Count, ...] = ()
    changements: tuple[Mapping[str, Any], ...] = ()
    successions: tuple[differences.Succession, ...] = ()


@dataclass(frozen=True)
class Report:
    """All of it. `at` is UTC; `first`: nothing had been published before."""

    at: datetime
    first: bool
    versions: tuple[NewVersion, ...] = ()
    retirees: tuple[Mapping[str, Any], ...] = ()
    manquants: tuple[Mapping[str, Any], ...] = ()
    """Acts known and not held that were not said to be missing before."""
    arrives: tuple[str, ...] = ()
    """Titles of acts that were missing and are held."""
    constats: tuple[Mapping[str, Any], ...] = ()
    """New errors and warnings that nobody acknowledged."""

    @property
    def empty(self) -> bool:
        return not (self.versions or self.retirees or self.manquants or self.arrives or self.constats)

    @property
    def title(self) -> str:
        if self.first:
            return f"Première publication : {_many(len(self.versions), 'table')}"
        parts = [_many(len(self.versions), "nouvelle version", "nouvelles versions")] if self.versions else []
        parts += [_many(len(self.retirees), "version retirée", "versions retirées")] if self.retirees else []
        parts += [_many(len(self.manquants), "acte à trouver", "actes à trouver")] if self.manquants else []
        parts += [_many(len(self.constats), "constat", "constats")] if self.constats else []
        return ", ".join(parts) or "rien de nouveau dans les tables"


@dataclass(frozen=True)
class Known:
    """What a publication knew, as the next one needs it."""

    versions: frozenset[int] = frozenset()
    withdrawn: frozenset[int] = frozenset()
    missing: Mapping[str, str] = field(default_factory=dict)
    """Act → its title."""
    findings: frozenset[str] = frozenset()


def known(connection: DuckDBPyConnection) -> Known:
    """What the published file knows."""
    versions = records(connection, "SELECT version_no, withdrawn_at FROM meta.versions")
    missing = records(connection, f"SELECT act_id, title FROM meta.coverage WHERE {_MISSING} ORDER BY 1")
    findings = records(connection, "SELECT DISTINCT finding FROM meta.findings")
    return Known(
        frozenset(v["version_no"] for v in versions),
        frozenset(v["version_no"] for v in versions if v["withdrawn_at"]),
        {str(m["act_id"]): str(m["title"] or m["act_id"]) for m in missing},
        frozenset(f["finding"] for f in findings),
    )


_MISSING = "etat = 'connu_non_detenu' AND act_id IS NOT NULL"


def report(connection: DuckDBPyConnection, before: Known | None, at: datetime) -> Report:
    """What the published file holds that `before` did not; all of it where that is None."""
    first, before = before is None, before or Known()
    now = known(connection)
    every = records(connection, "SELECT * FROM meta.versions ORDER BY version_no")
    new = [v for v in every if v["version_no"] not in before.versions and not v["withdrawn_at"]]
    # Of several readings of an edition that came at once, the last one counts.
    counting = list({(v["dataset"], v["edition"]): v for v in new}.values())
    compared = {v["version_no"] for v in counting[-COMPARED:]} if not first else set()
    missing = records(
        connection, f"SELECT dataset, act_id, title, effect_from FROM meta.coverage WHERE {_MISSING} ORDER BY 4, 2"
    )
    findings = records(
        connection,
        "SELECT DISTINCT finding, severity, document, dataset, message FROM meta.findings "
        "WHERE severity IN ('erreur', 'avertissement') AND acknowledged IS NULL "
        "ORDER BY severity DESC, document, message",
    )
    fresh = [f for f in findings if f["finding"] not in before.findings]
    return Report(
        at,
        first,
        tuple(_new_version(connection, v, every, v["version_no"] in compared) for v in counting),
        tuple(_withdrawn(v) for v in every if v["version_no"] in now.withdrawn - before.withdrawn and not first),
        tuple(m for m in missing if str(m["act_id"]) not in before.missing),
        tuple(title for act, title in before.missing.items() if act not in now.missing),
        tuple(f for f in fresh if not first or f["severity"] == "erreur"),
    )


def _new_version(
    connection: DuckDBPyConnection, version: Record, every: Sequence[Record], compared: bool
) -> NewVersion:
    kind, before = _former(version, every)
    made = NewVersion(
        version["dataset"],
        declared(version["dataset"]).title,
        version["version_no"],
        version["edition"],
        version["title"] or version["document"],
        version["row_count"],
        version["valid_from"],
        kind,
        before["version_no"] if before else None,
        (before["title"] or before["document"]) if before else "",
    )
    if before is None or not compared or kind == "déclaration corrigée":
        return made
    found = differences.compare(
        connection,
        declared(version["dataset"]),
        str(before["version_no"]),
        str(version["version_no"]),
        derived=False,
        of_each=SHOWN,
    )
    return NewVersion(
        **{
            **vars(made),
            "comptes": found.counts,
            "changements": tuple(found.changes.to_pylist()),
            "successions": found.successions,
        }
    )


def _former(version: Record, every: Sequence[Record]) -> tuple[Kind, Record | None]:
    """What a version is, and the one it takes the place of: the reading before of its edition, else the edition in
    effect before it."""
    same = [v for v in every if v["dataset"] == version["dataset"] and v["version_no"] < version["version_no"]]
    own = [v for v in same if v["edition"] == version["edition"]]
    if own:
        mended = own[-1]["content_sha256"] == version["content_sha256"]
        return ("déclaration corrigée" if mended else "nouvelle lecture"), own[-1]
    if declared(version["dataset"]).succession == "accumulates" or not same:
        return ("premier acte" if not same else "nouvelle édition"), None
    begin = version["valid_from"] or date.max
    earlier = [v for v in same if not v["withdrawn_at"] and v["row_count"] and (v["valid_from"] or date.min) <= begin]
    return "nouvelle édition", max(earlier, key=lambda v: (v["valid_from"] or date.min, v["version_no"]), default=None)


def _withdrawn(version: Record) -> Mapping[str, Any]:
    return {name: version[name] for name in ("dataset", "version_no", "edition", "title", "withdrawn_reason")}


def as_json(made: Report) -> dict[str, Any]:
    """The report as plain values; dates are ISO when written."""
    return {**asdict(made), "titre": made.title}


def as_markdown(made: Report) -> str:
    """The report in French, fit to be mailed."""
    lines = [f"# {made.title}", "", f"Publié le {made.at:%d/%m/%Y à %H:%M} (UTC)."]
    if made.first:
        lines += ["", "C'est la première publication de cette base : tout est nouveau, rien n'est comparé."]
    if made.empty:
        lines += ["", "Aucune table n'a changé."]
    for version in made.versions:
        lines += ["", *_version_lines(version)]
    lines += _section("Versions retirées", [_withdrawal_line(v) for v in made.retirees])
    lines += _section("Actes arrivés", [_md(title) for title in made.arrives])
    lines += _section(
        "Actes connus et non détenus",
        [f"{_md(m['title'] or m['act_id'])} (`{m['dataset']}`{_since(m['effect_from'])})" for m in made.manquants],
    )
    words = {"erreur": "erreur", "avertissement": "à regarder"}
    shown = [f"{words[f['severity']]} : {_md(f['message'])}" for f in made.constats[:SHOWN]]
    if len(made.constats) > SHOWN:
        shown.append(f"… et {len(made.constats) - SHOWN} autres : `annexes findings --new`")
    lines += _section("Constats nouveaux", shown)
    return "\n".join(lines) + "\n"


def _version_lines(version: NewVersion) -> list[str]:
    since = f", en vigueur le {version.valid_from:%d/%m/%Y}" if version.valid_from else ""
    place = f"`{version.dataset}`, version {version.version_no}, {_many(version.lignes, 'ligne')}"
    lines = [
        f"## {_md(version.titre)}",
        "",
        f"{version.nature.capitalize()} : {_md(version.acte)} ({place}{since}).",
    ]
    if version.nature == "déclaration corrigée":
        return [*lines, "Les lignes sont les mêmes ; le titre, les dates ou l'adresse de l'acte ont été corrigés."]
    if version.avant is None:
        return lines
    lines.append(f"Comparée à la version {version.avant} : {_md(version.avant_acte)}.")
    if not version.comptes:
        return [*lines, "", "Aucune différence."]
    lines.append("")
    for title, kinds in (("Perdu", differences.LOST), ("Gagné", differences.GAINED), ("Modifié", differences.CHANGED)):
        if said := differences.counted([c for c in version.comptes if c.kind in kinds]):
            lines.append(f"- {title} : {said}.")
    lines += [
        f"- {_md(s.nom)} ({s.siren}) est devenue {_md(s.nom_successeur)} ({s.successeur})." for s in version.successions
    ]
    lines += ["", *_change_table(version)]
    total = sum(count.number for count in version.comptes)
    if total > len(version.changements):
        command = f"annexes diff {version.dataset} {version.avant} {version.version_no}"
        lines += ["", f"{len(version.changements)} montrés sur {total} ; tous : `{command}`"]
    return lines


def _change_table(version: NewVersion) -> list[str]:
    """The first changes: what people call the row, the column, both values, the difference."""
    rows = ["| | | avant | après | écart |", "|---|---|---|---|---|"]
    words = {kind: one for kind, (one, _) in differences.KINDS.items()}
    for change in version.changements:
        key = [str(v) for k, v in change.items() if k not in _COMMON and v is not None]
        name = f"{change['nom']} ({', '.join(key)})" if change["nom"] else ", ".join(key)
        percent = change["ecart_pct"]
        said = "" if percent is None else f"{percent:+.1f} %".replace(".", ",")
        cells = (name, change["colonne"] or words[change["changement"]], change["avant"], change["apres"], said)
        rows.append(f"| {' | '.join(_md(str(c)) if c is not None else '' for c in cells)} |")
    return rows


_COMMON = ("changement", "nom", "colonne", "avant", "apres", "ecart_pct", "successeur")


def _withdrawal_line(version: Mapping[str, Any]) -> str:
    return f"`{version['dataset']}`, version {version['version_no']} : {_md(version['withdrawn_reason'] or '')}"


def _since(day: date | None) -> str:
    return f", en vigueur le {day:%d/%m/%Y}" if day else ""


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {line}" for line in lines)] if lines else []


def _many(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number < 2 else several or one + 's'}"


def _md(text: str) -> str:
    """Cell texts are somebody else's: they make no table, no link and no markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#" else c for c in text.replace("\n", " "))


def atom(reports: Sequence[tuple[str, datetime, str, str]], updated: datetime) -> str:
    """A feed of (name, UTC moment, title, Markdown) reports, newest first."""
    entries = "".join(
        f"  <entry>\n    <id>urn:annexes:changes:{escape(name)}</id>\n    <title>{escape(title)}</title>\n"
        f"    <updated>{at:%Y-%m-%dT%H:%M:%SZ}</updated>\n"
        f'    <link rel="alternate" type="text/markdown" href="{escape(name)}.md"/>\n'
        f'    <content type="text">{escape(_clean(text))}</content>\n  </entry>\n'
        for name, at, title, text in reports
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">\n'
        "  <id>urn:annexes:changes</id>\n  <title>Annexes : ce qui change</title>\n"
        "  <author><name>annexes</name></author>\n"
        f"  <updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated>\n{entries}</feed>\n"
    )


def _clean(text: str) -> str:
    """Without the control characters that XML has no place for."""
    return "".join(c for c in text if c in "\n\t" or ord(c) >= 32)
