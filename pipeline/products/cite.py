"""The reference of a published row, fit for a report: act, NOR, publication, annex, place, address, version.

Nothing is filled in that the source does not say: what is not printed is called so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from pipeline.cleaning.values import day_in_words
from pipeline.contract.dataset import Dataset
from pipeline.products.lookup import Record, records
from pipeline.products.why import Explanation

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


ROLES = {"publie": "", "extrait": "extrait", "compose": "composé par ce projet à partir des chiffres"}
_BIBTEX = str.maketrans({"{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$"})


@dataclass(frozen=True)
class Reference:
    """What identifies a row in its source. `act` is '' for a sheet, which is no act; `host` names the document that
    reproduces the act, '' when the document is the act itself."""

    dataset: str
    key: str
    title: str
    """As printed; '' where none is."""
    other_title: str
    act: str
    nor: str
    published: date | None
    in_journal: bool
    annex: str
    heading: str
    place: str
    file: str
    role: str
    host: str
    publisher: str
    url: str
    version_no: int
    content_sha256: str
    retrieved: date


def reference(connection: DuckDBPyConnection, dataset: Dataset, explained: Explanation, annex: str = "") -> Reference:
    """The reference of a row explained in full. `annex` is the title that document.toml gives the act's section."""
    cites = [cite for value in explained.values for cite in value.cites if cite.around and not cite.whole_version]
    whole = of_version(connection, dataset, explained.version, annex)
    return replace(
        whole,
        key=", ".join(f"{name} {explained.row[name]}" for name in dataset.key),
        heading=next((c.around.heading for c in cites if c.around and c.around.heading), ""),
        place=explained.row["source_lieu"] or "",
        role=explained.row.get("source_role") or whole.role,
    )


def of_version(connection: DuckDBPyConnection, dataset: Dataset, version: Record, annex: str = "") -> Reference:
    """What the references of all rows of a version share: key, heading and place are '' in it. `version` is a row of
    meta.versions."""
    known = records(connection, "SELECT * FROM meta.documents WHERE document = ?", [version["document"]])
    document = known[0] if known else {}
    renditions = records(
        connection,
        "SELECT added FROM meta.renditions WHERE document = ? AND file = ?",
        [version["document"], version["rendition"]],
    )
    added = renditions[0]["added"] if renditions else None
    acts = records(connection, "SELECT title, other_title FROM meta.acts WHERE act_id = ?", [version["act_id"]])
    printed = acts[0] if acts else {"title": version["title"], "other_title": None}
    act = version["act_id"] or ""
    apart = bool(act) and act != version["document"]
    return Reference(
        dataset=dataset.name,
        key="",
        title=(printed["title"] or "") if act else document.get("title") or version["document"],
        other_title=(printed["other_title"] or version["title"] or "") if act else "",
        act=act,
        nor=version["nor"] or "",
        published=version["publie_le"] or (None if act else document.get("published")),
        in_journal=bool(act) and not (apart and version["publie_le"] == document.get("published")),
        annex=annex,
        heading="",
        place="",
        file=version["rendition"],
        role=version["role"],
        host=(document.get("title") or version["document"]) if apart else "",
        publisher=version["publisher"] or document.get("publisher") or "",
        url=version["source_url"] or document.get("url") or "",
        version_no=version["version_no"],
        content_sha256=version["content_sha256"],
        retrieved=added or version["accepted_at"].date(),
    )


def plain(ref: Reference) -> str:
    """One French sentence for a footnote."""
    parts = [_named(ref)]
    if ref.act:
        named = [] if ref.act == ref.nor else [ref.act]
        parts.append(", ".join([*named, f"NOR {ref.nor}" if ref.nor else "NOR non imprimé"]))
    parts.append(_published(ref))
    if ref.host:
        parts.append(f"reproduit dans {ref.host}")
    parts += [place for place in (_annex(ref), _place(ref)) if place]
    parts.append(
        f"{ref.url} (consulté le {day_in_words(ref.retrieved)})" if ref.url else f"lu le {day_in_words(ref.retrieved)}"
    )
    held = f"{ref.dataset}, {ref.key}, version {ref.version_no}, empreinte {ref.content_sha256[:12]}"
    return f"{', '.join(parts)}. Donnée : {held}."


def bibtex(ref: Reference) -> str:
    """One @misc entry; what BibTeX would take for its own signs is escaped."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", ref.act or _named(ref)).strip("-")[:40].lower()
    note = [f"NOR {ref.nor or 'non imprimé'}" if ref.act else "", "" if ref.published else _published(ref)]
    note += [_annex(ref), _place(ref), f"{ref.dataset}, {ref.key}", f"version {ref.version_no}"]
    fields = {
        "author": f"{{{_escaped(ref.publisher)}}}" if ref.publisher else "",
        "title": f"{{{_escaped(_named(ref))}}}",
        "year": str(ref.published.year) if ref.published else "",
        "howpublished": _escaped(_journal(ref)),
        "note": _escaped(", ".join(part for part in note if part)),
        "url": ref.url,
        "urldate": ref.retrieved.isoformat(),
    }
    lines = [f"  {field} = {{{value}}}," for field, value in fields.items() if value]
    return "\n".join([f"@misc{{{name}-v{ref.version_no},", *lines, "}"])


def _named(ref: Reference) -> str:
    """The title printed; else it says that there is none, and what this project calls the act."""
    if ref.title:
        return ref.title.removesuffix(".")
    return f"sans titre imprimé ({ref.other_title})" if ref.other_title else "sans titre imprimé"


def _published(ref: Reference) -> str:
    if ref.published is None:
        return "date de publication non imprimée"
    where = "Journal officiel du" if ref.in_journal else "publié le"
    return f"{where} {day_in_words(ref.published)}"


def _journal(ref: Reference) -> str:
    if ref.host:
        return ref.host
    return "Journal officiel de la République française" if ref.act else ref.publisher


def _annex(ref: Reference) -> str:
    heading = f"« {ref.heading} »" if ref.heading and ref.heading != ref.annex else ""
    return " ".join(part for part in (ref.annex, heading) if part)


def _place(ref: Reference) -> str:
    if not ref.place:
        return ""
    role = ROLES[ref.role]
    return f"{ref.place} de {ref.file}" + (f" ({role})" if role else "")


def _escaped(text: str) -> str:
    return text.translate(_BIBTEX)
