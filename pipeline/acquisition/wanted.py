"""Which texts are kept, and why the others are not. Pure: the datasets, the acts known and the choice are passed in.

Nominative texts are never kept for their tables alone: their nature and their title tell them, and each is listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.acquisition.texts import Described
from pipeline.cleaning.labels import fold
from pipeline.contract.dataset import Dataset
from pipeline.documents.model import Act, Document, KnownAct, Relation

_NOMINATIVE_NATURES = frozenset({"liste", "tableau", "citation", "nomination"})
# Searched in folded titles. A list of names kept by mistake harms persons; a table left out by mistake is listed.
_PERSONS = (
    r"nominations?\b",
    r"\bnomm(?:ant|ee?s?)\b",
    r"promotions?\b",
    r"\bpromue?s?\b",
    r"mutations?\b",
    r"affectations? d(?:e |'|es |u )(?:\w+ )?(?:magistrat|administrateur|inspecteur|eleve|officier|agent)",
    r"titularis",
    r"\bdetachement",
    r"\bradiation",
    r"(?:cessation|fin) de fonctions",
    r"\b(?:admis\w*|admissions?|mises?|maint\w+)\b.{0,40}\bretraite\b",
    r"\badmis(?:e?s)?\b",
    r"admissions? (?:au|aux|a l'|dans|en qualite)",
    r"listes? d'aptitude",
    r"tableaux? d'avancement",
    r"listes? des (?:candidat|eleve|laureat|personne|officier|medecin|praticien|expert|beneficiaire|agent)",
    r"\b(?:candidats?|laureats?|jurys?)\b",
    r"delegations? de (?:signature|pouvoirs?)",
    r"(?:composition|membres?) d(?:e la|e l'|es|u) (?:commission|conseil|comite|cabinet|college|jury|cour)",
    r"\bdesign(?:ation|ant)\b",
    r"naturalis",
    r"\breintegration",
    r"changements? de noms?\b",
    r"nationalite francaise",
    r"\bmedailles?\b",
    r"legion d'honneur",
    r"ordre national",
    r"\bdecorations?\b",
    r"citations? a l'ordre",
    r"habilit(?:ation|ant) (?:de|d'|des) (?:agent|personne|inspecteur|fonctionnaire)",
    r"inscription sur l(?:a|es) listes?",
    r"gel (?:des|d')\s?avoirs",
    r"\bexpulsion",
    r"portant integration",
    r"renouvellement (?:dans l'emploi|de fonctions|du mandat)",
    r"l\. ?562-[0-9]",  # freezing of assets (Code monétaire et financier): the title says no more than the article
    r"acces protege",
    r"\b(?:mm?\.|mmes?|mlles?) (?=\w)",
)
_NOMINATIVE = re.compile("|".join(_PERSONS))

Why = Literal["jeu", "connu", "tableaux", "nominatif", "sans_jeu"]


@dataclass(frozen=True)
class Verdict:
    """`jeu`: `detail` names the datasets it feeds; `connu`: the act of actes.toml; `tableaux`: kept for its tables.
    `nominatif` and `sans_jeu` are not kept."""

    why: Why
    detail: str = ""

    @property
    def kept(self) -> bool:
        return self.why in ("jeu", "connu", "tableaux")


@dataclass(frozen=True)
class Wanted:
    """What to keep: what a dataset reads, the acts of actes.toml (`known`), with `all_tables` what has a table."""

    datasets: Sequence[Dataset]
    known: Sequence[KnownAct] = ()
    all_tables: bool = False

    def verdict(self, text: Described) -> Verdict:
        if fed := self._fed(text):
            return Verdict("jeu", ", ".join(fed))
        if text.act and (named := self.known_act(text.act, fed)):
            return Verdict("connu", named.id)
        if not (self.all_tables and text.has_table):
            return Verdict("sans_jeu")
        reason = nominative(text.nature, text.document.title)
        return Verdict("nominatif", reason) if reason else Verdict("tableaux")

    def _fed(self, text: Described) -> tuple[str, ...]:
        if text.act is None:
            return tuple(d.name for d in self.datasets if d.acts.document(text.document))
        return tuple(d.name for d in self.datasets if d.acts.act(text.act))

    def known_act(self, act: Act, fed: Sequence[str]) -> KnownAct | None:
        """The act of actes.toml that this is: the same id or NOR; where neither is known there, the same dataset and
        day of signature."""
        for known in self.known:
            if known.id == act.id or (known.nor and known.nor == act.nor):
                return known
        nameless = [k for k in self.known if not k.id.startswith("JORFTEXT") and k.nor is None]
        return next((k for k in nameless if k.dataset in fed and k.signed and k.signed == act.signed), None)

    def completed(self, text: Described, held: Sequence[Act] = ()) -> Document:
        """The document with what actes.toml states of its act (its dataset, its effect), and with the act that a
        rectificatif corrects: of those known or `held`, the one whose NOR differs by its last letter only."""
        act = text.act
        if act is None:
            return text.document
        if text.rectificatif:
            if corrected := self._corrected(act, held):
                act = replace(act, relation=Relation("rectifie", corrected))
        else:
            fed = self._fed(text)
            known = self.known_act(act, fed)
            if known and known.dataset not in fed:
                act = replace(act, feeds=(known.dataset,))
            if known and known.effect_from and known.effect_base == "texte":
                effect = replace(act.effect, valid_from=known.effect_from, valid_from_base="texte", citation=known.note)
                act = replace(act, effect=effect)
        return replace(text.document, acts=(act,))

    def _corrected(self, act: Act, held: Sequence[Act]) -> str | None:
        if not act.nor:
            return None
        nors = {k.nor: k.id for k in self.known if k.nor} | {a.nor: a.id for a in held if a.nor}
        return next((i for nor, i in sorted(nors.items()) if nor[:-1] == act.nor[:-1] and nor != act.nor), None)


def nominative(nature: str, title: str) -> str:
    """Why a text is about persons rather than rules, in one French phrase; '' when it is not."""
    if fold(nature) in _NOMINATIVE_NATURES:
        return f"nature {nature}"
    found = _NOMINATIVE.search(fold(title))
    return f"titre : « {found[0].strip()} »" if found else ""
