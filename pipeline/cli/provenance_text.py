"""An explanation as French text for a reader, and as plain data for a program. Nothing is looked up here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.documents.decisions import Correction
from pipeline.products.why import Cited, Explained, Explanation, KeyVersion

_HOW = {
    "printed": "tel qu'imprimé",
    "parsed": "lu",
    "resolved": "déduit par référentiel",
    "whole_departement": "par « l'ensemble des communes du département »",
    "rest": "par « le reste du territoire »",
    "corrected": "corrigé",
}
_ROLES = {
    "published": "fichier publié",
    "extract": "extrait d'un autre fichier",
    "typeset": "composé par ce projet à partir des chiffres",
}


def as_text(dataset: Dataset, explanation: Explanation, corrections: Sequence[Correction] = ()) -> str:
    """One block: the key, the act and file, a paragraph a value, what corrections decided, the versions of the key.

    `corrections` are those of the document; the ones that a value cites are told in full."""
    row, version = explanation.row, explanation.version
    key = " ".join(f"{name}={row[name]}" for name in dataset.key)
    lines = [
        f"{dataset.name} {key}",
        f"  acte       {version['title'] or '(aucun : feuille sans acte)'}",
        f"             {_identifiers(version)}",
        f"  document   {version['document']}, {version['rendition']} ({_ROLES[version['role']]})",
        f"  en vigueur {_span(row['valid_from'], row['valid_to'])}",
    ]
    if version["source_url"]:
        lines.append(f"  adresse    {version['source_url']}")
    lines.append("")
    lines += _values(explanation.values, version["rendition"])
    lines += _decisions(explanation, corrections)
    lines += ["", "  versions de cette clé"]
    lines += [f"    {_version(held, row['version_no'])}" for held in explanation.versions]
    return "\n".join(lines)


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The same as JSON values: the row, the version and its act, each value with its cites, the versions of the key."""
    data = asdict(explanation)
    for value in data["values"]:
        for cite in value["cites"]:
            cite["source"] = {name: v for name, v in cite["source"].items() if v is not None}
    return data


def _identifiers(version: Any) -> str:
    act = version["act_id"]
    if not act:
        return f"document {version['document']}"
    nor = f"NOR {version['nor']}" if version["nor"] else "NOR non imprimé"
    published = version["publie_le"]
    said = f"publié le {published:%d/%m/%Y}" if published else "date de publication non imprimée"
    return ", ".join([*([] if act == version["nor"] else [act]), nor, said])


def _values(values: Sequence[Explained], file: str) -> Iterator[str]:
    """Neighbours that rest on the same words are named together, and the words said once."""
    for cites, together in groupby(values, key=lambda value: value.cites):
        for value in together:
            unit = f" {value.unit}" if value.unit and value.value is not None else ""
            yield f"  {value.column} = {_shown(value.value)}{unit}"
        if not cites:
            yield "      aucune citation"
        for (how, rules, whole), same in _grouped(cites).items():
            shared = ", pour toute la version" if whole else ""
            yield f"      {_HOW.get(how, how)}{' : ' + ', '.join(rules) if rules else ''}{shared}"
            yield from (f"        {_cited(cite, file)}" for cite in same if cite.printed or cite.place)


def _decisions(explanation: Explanation, corrections: Sequence[Correction]) -> Iterator[str]:
    cited = {rule for value in explanation.values for cite in value.cites for rule in cite.rules}
    used = [rule for rule in corrections if rule.id in cited]
    if used:
        yield ""
        yield "  corrections appliquées (corrections.toml)"
    for rule in used:
        yield f"    {rule.id} : « {rule.printed} » lu « {rule.should_be} » : {rule.reason}"


def _grouped(cites: Sequence[Cited]) -> dict[tuple[str, tuple[str, ...], bool], list[Cited]]:
    found: dict[tuple[str, tuple[str, ...], bool], list[Cited]] = {}
    for cite in cites:
        found.setdefault((cite.how, cite.rules, cite.whole_version), []).append(cite)
    return found


def _cited(cite: Cited, file: str) -> str:
    elsewhere = f" de {cite.file} ({_ROLES[cite.role]})" if cite.file != file else ""
    place = f"{cite.place}{elsewhere} : " if cite.place else ""
    if cite.around is None:
        return f"{place}« {cite.printed.strip('«» ')} »"
    header = f" [colonne « {cite.around.header} »]" if cite.around.header else ""
    heading = f" sous « {cite.around.heading} »" if cite.around.heading else ""
    return f"{place}{cite.around.line}{header}{heading}"


def _version(held: KeyVersion, shown: int) -> str:
    mark = "→" if held.version_no == shown else " "
    valid = " ; ".join(_span(*span) for span in held.valid)
    differs = ", ".join(f"{name} {_shown(value)}" for name, value in held.differs.items())
    parts = [f"acceptée le {held.accepted_at:%d/%m/%Y}", held.status, valid, differs]
    return f"{mark} {held.version_no} ({held.edition}) : {', '.join(part for part in parts if part)}"


def _shown(value: Any) -> str:
    return "NULL" if value is None else str(value)


def _span(begin: date | None, end: date | None) -> str:
    if begin is None:
        return "sans date d'effet connue"
    return f"du {begin:%d/%m/%Y} " + (f"au {end:%d/%m/%Y} exclu" if end else "sans fin connue")
