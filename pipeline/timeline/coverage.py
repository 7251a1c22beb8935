"""What is held and what is expected, act by act and year by year, and the findings that name what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding
from pipeline.documents.model import KnownAct
from pipeline.published import DatasetName, Published
from pipeline.store.records import ActRecord, VersionRecord
from pipeline.timeline.editions import act_key, is_act, newest_readings, only_ends, stands_for

_OBSERVED = (
    "valeur constatée dans un document qui ne la fixe pas : au-delà, aucune réponse, ou la valeur avec vigueur = "
    "a_verifier par avec_a_verifier := true"
)


@dataclass(frozen=True)
class CoverageLine:
    """One act of a dataset, or one year of a yearly dataset for which no act is known; an observed value has a second
    line, from the first day it no longer answers for. Its fields are those of meta.coverage, in order."""

    dataset: DatasetName
    annee: Annotated[int | None, Published("Année de l'édition.")]
    act_id: Annotated[str | None, Published("Acte, s'il est connu.")]
    nor: Annotated[str | None, Published("Son NOR.")]
    title: Annotated[str | None, Published("Son titre.")]
    published: Annotated[date | None, Published("Date de publication.")]
    effect_from: Annotated[date | None, Published("Date d'effet.")]
    etat: Annotated[
        Literal["detenu", "connu_non_detenu", "aucun_acte_connu", "a_verifier"],
        Published(
            "detenu, connu_non_detenu, aucun_acte_connu (année manquante), a_verifier (au-delà du jour d'un constat)."
        ),
    ]
    effect_to: Annotated[
        date | None, Published("Premier jour où ce qui est détenu ne vaut plus, quand l'acte le dit.")
    ] = None
    remarque: Annotated[str | None, Published("Ce qu'il faut savoir de cette ligne.")] = None
    met_fin: Annotated[bool, Published("Faux si ce que l'acte laisse tel quel répond encore sans lui.")] = True


def coverage(
    datasets: Sequence[Dataset], records: Sequence[VersionRecord], known_acts: Sequence[KnownAct]
) -> list[CoverageLine]:
    """Held editions, known acts not held and, for yearly datasets, the years between them without any known act; by
    dataset and year."""
    found: list[CoverageLine] = []
    for dataset in datasets:
        own = newest_readings(r for r in records if r.dataset == dataset.name)
        listed = [k for k in known_acts if k.dataset == dataset.name]
        lines = [*_held(own, listed), *_not_held(own, listed)]
        years = {line.annee for line in lines if line.annee}
        if dataset.rhythm == "yearly" and years:
            missing = set(range(min(years), max(years) + 1)) - years
            lines += [_without_act(dataset.name, year) for year in missing]
        found += sorted(lines, key=lambda line: (line.annee or 0, line.act_id or ""))
    return found


def coverage_findings(lines: Iterable[CoverageLine]) -> list[Finding]:
    """One warning an act known and not held, one a year without any known act."""
    return [finding for line in lines for finding in _findings(line)]


def _findings(line: CoverageLine) -> Iterator[Finding]:
    if line.etat == "connu_non_detenu":
        since = f", en vigueur le {line.effect_from:%d/%m/%Y}" if line.effect_from else ""
        follows = (
            "aucune réponse n'est donnée pour sa période" if line.met_fin else "ce qu'il change n'est pas dans la base"
        )
        message = f"acte connu et non détenu : {line.title}{since} ; {follows}"
        yield Finding("acte_non_detenu", "warning", "", message, str(line.act_id), line.dataset)
    elif line.etat == "aucun_acte_connu":
        message = f"aucun acte connu pour {line.annee}, entre deux années connues"
        yield Finding("annee_manquante", "warning", "", message, str(line.annee), line.dataset)


def _without_act(dataset: str, year: int) -> CoverageLine:
    return CoverageLine(dataset, year, None, None, None, None, None, "aucun_acte_connu")


def _held(records: Sequence[VersionRecord], listed: Sequence[KnownAct]) -> Iterator[CoverageLine]:
    for r in records:
        declared = next((k for k in listed if is_act(r, k)), None)
        # An act that only ends another one leaves its own year without an edition.
        effect = None if only_ends(r) else r.valid_from
        year = (declared.year if declared else None) or (effect.year if effect else None)
        act = r.act or ActRecord(act_key(r), "")
        title = act.title or None
        said = (r.dataset, year, act.id, act.nor, title, act.published)
        held = CoverageLine(*said, r.valid_from, "detenu", r.valid_to)
        yield held
        if r.valid_from_base == "constat" and r.valid_to:
            yield replace(held, effect_from=r.valid_to, etat="a_verifier", effect_to=None, remarque=_OBSERVED)


def _not_held(records: Sequence[VersionRecord], listed: Sequence[KnownAct]) -> Iterator[CoverageLine]:
    for k in listed:
        if not any(stands_for(r, k) for r in records):
            year = k.year or (k.effect_from.year if k.effect_from else None)
            yield CoverageLine(
                k.dataset, year, k.id, k.nor, k.title, k.published, k.effect_from, "connu_non_detenu", met_fin=k.ends
            )
