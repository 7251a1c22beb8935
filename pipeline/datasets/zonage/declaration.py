"""Zoning of every commune for housing aid (zones A, B1, B2, C), from lists of names by zone and département.

How lists are read, names resolved and rows closed is in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cleaning.values import UnreadableError
from pipeline.contract import codes
from pipeline.contract.dataset import Check, Column, Context, Dataset, FrameCheck, Recognise
from pipeline.contract.rows import Observation, Rows, Value
from pipeline.datasets.zonage import coded
from pipeline.datasets.zonage.communes import decide, rows_of
from pipeline.datasets.zonage.findings import observations
from pipeline.datasets.zonage.lists import ZONES, placed, read_annex
from pipeline.datasets.zonage.tables import COMMUNES, PrintedTables, read_tables
from pipeline.extract.model import Reading
from pipeline.gazetteer import Gazetteer, ReferenceMissing, load
from pipeline.gazetteer.resolver.model import HOW_WORDS

if TYPE_CHECKING:
    import pandas as pd

ACTS = Recognise(
    titles=(
        r"classement des communes par zone",
        # Since 2014 the title names the article that asks for it, and each later act the one it amends.
        r"article [rd]\.? ?304-1 du code de la construction",
    )
)
_MOST = 0.9
"""A list that is whole gives at least this share of the communes a zone."""
_PARTIAL = (
    "si l'acte ne change que la zone de quelques communes, le dire dans document.toml "
    '([act.relation] kind = "modifie", portee = "partielle")'
)
_OFFICIAL = ("code_region", "code_departement", "code_commune", "nom_commune")


def read(reading: Reading, context: Context) -> Rows:
    """One row for each commune of the date of signature; of an act that changes a part, for each that it names. Raises
    UnreadableError when no gazetteer is held for it, or when neither tables nor lists stand in the act."""
    gazetteer = _gazetteer(context)
    printed = read_tables(reading, context)
    if printed.rows:
        return _coded(printed, gazetteer, context)
    annex = read_annex(reading, gazetteer)
    if not annex.lists:
        raise UnreadableError("listes_absentes", "aucune liste de communes sous un titre de zone ou de département")
    lists, steps_back = placed(annex)
    annex = replace(annex, lists=lists)
    decided = decide(lists, gazetteer, context.piece)
    cog = Value(None, (), "resolved", (f"COG {gazetteer.cog_date}",))
    return Rows(
        rows_of(annex, decided, gazetteer),
        decided.refused,
        decided.ignored,
        [*steps_back, *observations(annex, decided, gazetteer)],
        pieces=[*(piece for item in lists for piece in item.pieces), *((annex.rest,) if annex.rest else ())],
        shared=dict.fromkeys(_OFFICIAL, cog),
    )


def _coded(printed: PrintedTables, gazetteer: Gazetteer, context: Context) -> Rows:
    partial = _is_partial(context)
    missing = [zone for zone in coded.TABLED if zone not in printed.whole]
    if missing and not (partial or printed.listed):
        raise UnreadableError("tableaux_absents", f"tableaux entiers absents : {', '.join(missing)} ; {_PARTIAL}")
    decided = coded.decide(printed, gazetteer)
    if missing and not partial:
        _whole_list(len(decided.placed), len(gazetteer.communes()))
    cog = Value(None, (), "resolved", (f"COG {gazetteer.cog_date}",))
    return Rows(
        coded.rows_of(decided, gazetteer, partial, closed=not missing),
        decided.refused,
        printed.ignored,
        list(coded.observations(printed, decided, partial)),
        pieces=printed.pieces,
        shared=dict.fromkeys(_OFFICIAL, cog),
    )


def _whole_list(placed: int, communes: int) -> None:
    """Raises UnreadableError for a list that gives the zones of a part of the communes only."""
    if placed < _MOST * communes:
        raise UnreadableError(
            "tableaux_absents", f"la liste ne donne la zone que de {placed} communes sur {communes} : {_PARTIAL}"
        )


def _is_partial(context: Context) -> bool:
    relation = context.act.relation if context.act else None
    return relation is not None and relation.portee == "partielle"


def _gazetteer(context: Context) -> Gazetteer:
    on = context.act and (context.act.signed or context.act.effect.valid_from)
    if on is None:
        raise UnreadableError(
            "date_absente", "l'acte n'a ni date de signature ni date d'effet : communes de quel jour ?"
        )
    try:
        return load(context.reference, on)
    except ReferenceMissing as error:
        raise UnreadableError("referentiel_absent", str(error)) from error


def _every_commune(frame: pd.DataFrame, context: Context) -> Iterable[Observation]:
    """One row a commune of the date, none besides; of an act that changes a part, none besides."""
    expected = {commune.code for commune in _gazetteer(context).communes()}
    named = set(frame["code_commune"])
    odd = named - expected if _is_partial(context) else expected ^ named
    if odd:
        message = f"{len(odd)} communes en trop ou en moins : {', '.join(sorted(odd)[:10])}"
        yield Observation("communes_manquantes", "error", message, "communes")


def _zone_or_reason(frame: pd.DataFrame, _context: Context) -> Iterable[Observation]:
    """A commune has a zone, or is said to be undecided and why."""
    undecided = frame["portee"] == "indeterminee"
    wrong = frame[(frame["zone"].isna() != undecided) | (undecided & frame["reserve"].isna())]
    if len(wrong):
        codes = ", ".join(wrong["code_commune"].head(10))
        yield Observation("zone_sans_raison", "error", f"zone et portée se contredisent : {codes}", "zone et portée")


ZONAGE_ABC = Dataset(
    name="zonage_abc",
    title="Zonage A bis, A, B1, B2, C des communes pour certaines aides au logement",
    description=(
        "Une ligne par commune existant à la date de signature de l'arrêté, sans Mayotte en 2009. La zone vient de la "
        "liste qui nomme la commune, de la phrase qui prend tout son département, ou de celle qui classe le reste du "
        "territoire. Une commune qu'un nom imprimé et non résolu pourrait désigner n'a pas de zone (indeterminee). "
        "L'arrêté s'applique selon sept règles de dates : voir zonage_abc_effets."
    ),
    key=("code_commune",),
    columns=(
        Column("code_region", "TEXT", "Code officiel de la région à cette date", checks=(Check(pattern=codes.REGION),)),
        Column("code_departement", "TEXT", "Code officiel du département", checks=(Check(pattern=codes.DEPARTEMENT),)),
        Column(
            "code_commune",
            "TEXT",
            "Code officiel de la commune à la date de signature de l'arrêté",
            checks=(Check(pattern=codes.COMMUNE),),
        ),
        Column("nom_commune", "TEXT", "Nom officiel de la commune à cette date"),
        Column(
            "libelle_imprime", "TEXT", "Nom tel qu'imprimé ; NULL si aucune liste ne nomme la commune", nullable=True
        ),
        Column(
            "zone",
            "TEXT",
            "Zone Abis, A, B1, B2 ou C ; NULL si indéterminée",
            nullable=True,
            checks=(Check(values=ZONES),),
        ),
        Column(
            "portee",
            "TEXT",
            "Ce qui donne la zone : la commune nommée, tout son département, le reste du territoire, ou rien de sûr",
            checks=(Check(values=("commune", "departement", "reste_du_territoire", "indeterminee")),),
        ),
        Column(
            "resolution",
            "TEXT",
            "Comment le nom imprimé mène au code : exact, normalise (accents, tirets, casse), article_deplace, "
            "ancien_nom, abrege, corrige (ressemblance), correction (par une personne), code (seul imprimé) ; "
            "NULL si non nommée",
            nullable=True,
            words=HOW_WORDS,
            checks=(
                Check(
                    values=(
                        "exact",
                        "normalised",
                        "article_moved",
                        "former_name",
                        "shortened",
                        "corrected",
                        "correction",
                        "code",
                    )
                ),
            ),
        ),
        Column(
            "score",
            "DOUBLE",
            "Ressemblance du nom imprimé avec le nom officiel, de 0 à 1",
            nullable=True,
            checks=(Check(between=(0, 1)),),
        ),
        Column(
            "marge",
            "DOUBLE",
            "Avance sur la commune suivante la plus ressemblante, en lettres pondérées (9 au plus)",
            nullable=True,
            checks=(Check(between=(0, 9)),),
        ),
        Column(
            "reserve",
            "TEXT",
            "Pourquoi la zone est absente ou peu sûre : nom_non_resolu (un nom imprimé pourrait être le sien), "
            "nom_douteux (un nom imprimé est celui d'une commune, et peut-être, à une lettre, celui d'une autre qui va "
            "mieux dans la liste : la première a sa zone sous réserve, la seconde n'en a pas), avec_note (« en "
            "partie » ou une autre note la suit), zone_inconnue, liste_absente, deux_zones, reste_non_imprime, "
            "retiree_sans_zone (elle quitte un tableau, aucun autre ne la prend) ; "
            "liste_non_terminee (zone du reste, mais la liste de son département finit sans point) ; NULL : aucune",
            nullable=True,
            checks=(
                Check(
                    values=(
                        "nom_non_resolu",
                        "nom_douteux",
                        "avec_note",
                        "zone_inconnue",
                        "liste_absente",
                        "deux_zones",
                        "liste_non_terminee",
                        "reste_non_imprime",
                        "retiree_sans_zone",
                    )
                ),
            ),
        ),
        Column("rang_impression", "INTEGER", "Rang du nom dans l'annexe, à partir de 1", nullable=True),
    ),
    acts=ACTS,
    read=read,
    inventory=(COMMUNES,),
    frame_checks=(
        FrameCheck("toutes_les_communes", "une ligne par commune de la date", _every_commune, fatal=True),
        FrameCheck("zone_ou_raison", "une zone, ou la raison de son absence", _zone_or_reason, fatal=True),
    ),
)
