"""Rows of every version as data files, each value with what it cites: all that the pages of rows and values show.

A version never changes, so its files are made once. What other versions say of the same key is in files of their own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.products.addresses import slug
from pipeline.products.cite import ROLES, Reference, bibtex, of_version, plain
from pipeline.products.why import Cited, Headings, cited_by_row, spans, status_of
from pipeline.refresh.review import annex_of, corrections_of
from pipeline.site.pictures import Frames
from pipeline.site.source import Row, SiteSource
from pipeline.warehouse.ddl import identifier

CHUNK = 400
"""Rows in a file."""
READ = 20 * CHUNK
"""Rows asked for at once."""
CitedRows = Mapping[int, Mapping[str, Sequence[Cited]]]
KEYS = 500
"""Rows of one dataset, all versions taken together, told in a file of lives."""


def told(source: SiteSource, dataset: Dataset, version: Row, frames: Frames | None) -> Iterator[Mapping[str, Any]]:
    """The data files of a version, CHUNK rows each: values, place, and for each column the pieces it cites, each piece
    once."""
    names = ", ".join(identifier(c.name) for c in dataset.columns)
    under = _under(source)
    for first in range(1, max(1, int(version["row_count"])) + 1, READ):
        asked = [version["version_no"], first, first + READ - 1]
        rows = source.connection.execute(
            f"SELECT row_no, {names} FROM data.{identifier(dataset.name)} WHERE version_no = ? "
            "AND row_no BETWEEN ? AND ? ORDER BY row_no",
            asked,
        ).fetchall()
        cited = cited_by_row(source.connection, asked[0], _far_only(source), asked[1], asked[2])
        for at in range(0, max(1, len(rows)), CHUNK):
            yield {"premiere": first + at} | _chunk(dataset, rows[at : at + CHUNK], cited, frames, under)


def _chunk(
    dataset: Dataset, rows: Sequence[Any], cited: CitedRows, frames: Frames | None, under: Callable[[Cited], str]
) -> dict[str, Any]:
    pieces: dict[Cited, int] = {}
    cites = []
    drawn = []
    order = {c.name: str(i) for i, c in enumerate(dataset.columns)}
    for row_no, *_ in rows:
        own = cited.get(row_no, {})
        cites.append({order[name]: [pieces.setdefault(c, len(pieces)) for c in found] for name, found in own.items()})
        drawn.append(frames.of({order[name]: found for name, found in own.items()}) if frames else None)
    return {
        "lignes": [values for _, *values in rows],
        "citations": cites,
        "pieces": [piece(c, under(c)) for c in pieces],
        "cadres": drawn if any(drawn) else [],
    }


def _far_only(source: SiteSource) -> Any:
    """Readings, for the neighbours of pieces that have neither line nor page: those of trees (XML, HTML). The others
    are shown in the lines or on the page itself."""
    trees = {
        (r["document"], r["file"])
        for r in source.rows("SELECT document, file FROM meta.renditions WHERE media IN ('xml', 'html')")
    }
    return lambda document, file: source.reading_of(document, file) if (document, file) in trees else None


def _under(source: SiteSource) -> Callable[[Cited], str]:
    """The heading that a piece stands under in its file; '' where the file is not at hand."""

    @cache
    def of_file(document: str, file: str) -> Headings | None:
        reading = source.reading_of(document, file)
        return Headings(reading) if reading else None

    def found(cite: Cited) -> str:
        headings = of_file(cite.document, cite.file) if cite.printed and cite.place else None
        return headings.of(cite.source) if headings else ""

    return found


def piece(cite: Cited, heading: str = "") -> Mapping[str, Any]:
    """A cited piece as the pages read it, without what is empty."""
    found = {
        "texte": cite.printed,
        "lieu": cite.place,
        "comment": cite.how,
        "regles": list(cite.rules),
        "document": cite.document,
        "fichier": cite.file,
        "role": cite.role,
        "page": cite.source.page,
        "boite": [round(v, 1) for v in cite.source.box] if cite.source.box else None,
        # Where our file has the words: the text shown beside is that file.
        "ligne": cite.source.typeset or cite.source.line,
        "derniere": None if cite.source.typeset else cite.source.last_line,
        "debut": cite.source.start,
        "fin": cite.source.end,
        "titre": heading,
    }
    if cite.around:
        found |= {
            "autour": [cite.around.before, cite.around.after],
            "titre": cite.around.heading or heading,
            "tete": cite.around.header,
        }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def version_data(source: SiteSource, dataset: Dataset, version: Row) -> Mapping[str, Any]:
    """What a version's rows share: columns, act, file, days, the pieces cited once for all rows, corrections."""
    number = version["version_no"]
    annex = annex_of(source.settings, version["document"], version["act_id"])
    whole = cited_by_row(source.connection, number, lambda *_: None, 0, 0).get(0, {})
    return {
        "jeu": dataset.name,
        "titre": dataset.title,
        "version": number,
        "acte": version["title"],
        "acte_id": version["act_id"],
        "nor": version["nor"],
        "publie": version["publie_le"],
        "document": version["document"],
        "annexe": annex,
        "fichier": version["rendition"],
        "role": version["role"],
        "adresse": version["source_url"],
        "acceptee": version["accepted_at"].date(),
        "empreinte": version["content_sha256"],
        "nombre": version["row_count"],
        "pas": CHUNK,
        "cle": list(dataset.key),
        "colonnes": [
            {
                "nom": c.name,
                "sens": c.comment,
                "unite": c.unit or "",
                "type": c.type,
                "controles": [k.label for k in c.checks],
            }
            for c in dataset.columns
        ],
        "adresses": _addresses(source, version),
        "citer": citations(of_version(source.connection, dataset, version, annex), annex),
        "partout": {name: [piece(c) for c in cites] for name, cites in whole.items()},
        "corrections": {
            rule.id: {"lu": rule.printed, "devient": rule.should_be, "raison": rule.reason}
            for rule in corrections_of(source.settings, version["document"])
        },
    }


HEADING, PLACE, FILE, KEY = "\ue001", "\ue002", "\ue003", "\ue004"
"""Stand in a reference for what a row has of its own; the pages fill them in (valeur.js)."""


def citations(whole: Reference, annex: str) -> Mapping[str, Any]:
    """The references of all rows of a version as `annexes cite` writes them: each a pair, for a row under a heading
    other than the annex itself and for one that is not; and how the role of a file is called there."""
    blank = replace(whole, place=PLACE, file=FILE, key=KEY, role="publie")
    pair = [replace(blank, heading=HEADING), blank]
    return {
        "texte": [plain(ref) for ref in pair],
        "bibtex": [bibtex(ref) for ref in pair],
        "annexe": annex,
        "fichier": whole.file,
        "role": whole.role,
        "roles": ROLES,
    }


def _addresses(source: SiteSource, version: Row) -> dict[str, str]:
    """Names of documents, files and acts that are not their own address."""
    files = source.rows("SELECT file FROM meta.renditions WHERE document = ?", version["document"])
    names = [version["document"], version["act_id"] or "", *(row["file"] for row in files)]
    return {name: slug(name) for name in names if name and slug(name) != name}


def dataset_data(source: SiteSource, dataset: Dataset) -> Mapping[str, Any]:
    """The versions of a dataset with the days they answer for, newest last, and how the lives of its keys are kept."""
    answers = spans(source.connection, dataset)
    versions = _versions(source, dataset)
    return {
        "vies": buckets(versions) if len(versions) > 1 else 0,
        "cle": list(dataset.diff_key),
        "versions": [
            {
                "version": v["version_no"],
                "edition": v["title"] or v["edition"],
                "acceptee": v["accepted_at"].date(),
                "statut": status_of(v, answers.get(v["version_no"], [])),
                "valide": answers.get(v["version_no"], []),
            }
            for v in versions
        ],
    }


def buckets(versions: Sequence[Row]) -> int:
    """In how many files the lives of a dataset's keys are told."""
    return max(1, sum(int(v["row_count"]) for v in versions) // KEYS)


def bucket_of(key: str, count: int) -> int:
    """The file that tells of a key; the pages reckon the same (annexes.js)."""
    return zlib.crc32(key.encode()) % count


def lives(source: SiteSource, dataset: Dataset) -> dict[int, dict[str, list[list[Any]]]]:
    """For each file, key → its rows in every version: [version, row, then the values of the columns out of the key]."""
    count = buckets(_versions(source, dataset))
    key = [identifier(name) for name in dataset.diff_key]
    others = [identifier(c.name) for c in dataset.columns if c.name not in dataset.diff_key]
    texts = ", ".join(f"coalesce(CAST({name} AS TEXT), '')" for name in key)
    found: dict[int, dict[str, list[list[Any]]]] = {n: {} for n in range(count)}
    for told, *row in source.connection.execute(
        f"SELECT concat_ws('|', {texts}), version_no, row_no, {', '.join(others) or 'NULL'} "
        f"FROM data.{identifier(dataset.name)} JOIN meta.versions USING (version_no) ORDER BY 1, 2, 3"
    ).fetchall():
        found[bucket_of(told, count)].setdefault(told, []).append(row)
    return found


def _versions(source: SiteSource, dataset: Dataset) -> list[Row]:
    return source.rows("SELECT * FROM meta.versions WHERE dataset = ? ORDER BY version_no", dataset.name)
