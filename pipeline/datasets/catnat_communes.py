"""Communes whose request for the recognition of a natural disaster was granted or rejected, one arrêté after another.

Each act stands alone: its annexes list communes, one line a commune, risk and period (code des assurances, L. 125-1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, squeeze
from pipeline.cleaning.values import UnreadableError
from pipeline.contract import codes
from pipeline.contract.dataset import Check, Column, Context, Dataset, Expect, FrameCheck, Recognise
from pipeline.contract.rows import Ignored, Observation, Refused, Row, Rows, Value
from pipeline.datasets.toolkit import data_rows, labels, matches
from pipeline.extract.model import Cell, Grid, Reading
from pipeline.gazetteer import Departement, Gazetteer, Lookup, ReferenceMissing, load
from pipeline.gazetteer.resolver.model import HOW_WORDS

if TYPE_CHECKING:
    import pandas as pd

ANNEX = "annexe des communes"
_REQUIRED = {
    "departement": r"departement",
    "commune": r"commune",
    "phenomene": r"phenomene|risque",
    "debut": r"(date de )?debut",
    "fin": r"(date de )?fin",
}
_COUNT = {"nombre": r"nombre de (reconnaissances|constatations)"}
_DECISION = {"decision": r"motivation|decision"}
# From left to right; requests rejected have no count. Any of them is the annex, so one only counts as missing.
_LAYOUTS = (_REQUIRED | _COUNT | _DECISION, _REQUIRED | _DECISION, _REQUIRED | _COUNT, _REQUIRED)
_INVENTORY = tuple(Expect(ANNEX, tuple(layout.values()), optional=n > 0) for n, layout in enumerate(_LAYOUTS))

_REJECTED = re.compile(r"\b(non[ -]reconnue|rejetee)s?\b")
_RECOGNISED = re.compile(r"\bcommunes reconnues?\b")
_NUMBER = re.compile(r"\bannexe ([ivx]+)\b")
_ANNOUNCED = re.compile(
    r"communes (?P<which>faisant l'objet d'une constatation|dont les demandes)(?P<what>[^.]*?) sont recensees "
    r"(?:en |dans l')annexes? (?P<where>ci-apres|[ivx]+(?:(?:, | et )[ivx]+)*)\b"
)
_FIRST_YEAR = 1982  # loi n° 82-600 du 13 juillet 1982


def read(reading: Reading, context: Context) -> Rows:
    """Rows of every annex; a line that a parser refuses is quarantined, a commune without a code keeps its row.

    Raises UnreadableError when the act has no date, when no gazetteer is held for it, or when it does not tell what an
    annex decides.
    """
    gazetteer = _gazetteer(context)
    announced = _announced(reading)
    rows: list[Row] = []
    refused: list[Refused] = []
    ignored: list[Ignored] = []
    observations: list[Observation] = []
    for grid in context.grids.get(ANNEX, ()):
        layout = next(tuple(names) for names, item in zip(_LAYOUTS, _INVENTORY, strict=True) if matches(grid, item))
        decision = _decision(grid, announced)
        header = labels(grid)
        for number in data_rows(grid):
            cells = tuple(grid.at(number, column) for column in range(grid.n_cols))
            printed = tuple(dict.fromkeys(cell for cell in cells if cell and cell.text))
            if tuple(fold(cell.text) if cell else "" for cell in cells) == header:
                ignored += [Ignored(cell, "entete_repete") for cell in printed]
            elif printed:
                try:
                    line = _line(cells, layout)
                    place, said = _place(line, gazetteer)
                    rows.append({**place, **_request(line), "reconnue": decision})
                    observations += said
                except UnreadableError as error:
                    refused.append(Refused(printed, error.rule, error.reason))
    return Rows(rows, refused, ignored, observations)


def _gazetteer(context: Context) -> Gazetteer:
    on = context.act and (context.act.signed or context.act.effect.valid_from)
    if on is None:
        raise UnreadableError("date_absente", "l'acte n'a ni date de signature ni date d'effet pour ses communes")
    try:
        return load(context.reference, on)
    except ReferenceMissing as error:
        raise UnreadableError("referentiel_absent", str(error)) from error


def _announced(reading: Reading) -> Mapping[str, bool]:
    """Number of an annex, folded ("" for the only one) → whether the articles say that it lists requests granted."""
    found: dict[str, bool] = {}
    for paragraph in reading.paragraphs:
        for match in _ANNOUNCED.finditer(fold(paragraph.text)):
            granted = match["which"].startswith("faisant")
            if granted or _REJECTED.search(match["what"]):
                where = [""] if match["where"] == "ci-apres" else re.split(r", | et ", match["where"])
                found.update(dict.fromkeys(where, granted))
    return found


def _decision(grid: Grid, announced: Mapping[str, bool]) -> Value:
    """Whether an annex lists requests granted, from the nearest title that tells, else from its number in the articles.

    Raises UnreadableError when neither tells, or when they contradict: nothing printed on a line does.
    """
    titles = [squeeze(title) for title in (grid.title, *reversed(grid.under)) if title]
    shown = " / ".join(dict.fromkeys(titles))
    told, title = next(((g, title) for title in titles if (g := _granted(title)) is not None), (None, ""))
    number = next((n[1] for title in titles if (n := _NUMBER.search(fold(title)))), "")
    said = announced.get(number)
    if told is None and said is None:
        reason = f"ni les titres « {shown} » ni les articles ne disent si ses communes sont reconnues"
        raise UnreadableError("decision_inconnue", reason)
    if number and told is not None and said is not None and told != said:
        reason = f"les titres « {shown} » et les articles ne disent pas la même chose de cette annexe"
        raise UnreadableError("decision_contradictoire", reason)
    if told is not None:
        return Value(told, (), "resolved", (f"titre de l'annexe : {title}",))
    return Value(said, (), "resolved", (f"annexe {number.upper()} d'après les articles",))


def _granted(title: str) -> bool | None:
    """None for a title that says neither or both."""
    rejected, granted = _REJECTED.search(fold(title)), _RECOGNISED.search(fold(title))
    return None if bool(rejected) == bool(granted) else bool(granted)


def _line(cells: tuple[Cell | None, ...], layout: tuple[str, ...]) -> Mapping[str, Cell]:
    """The printed cells of a line by what they hold; empty ones are not there."""
    if any(cell and cell.text for cell in cells[len(layout) :]):
        raise UnreadableError("ligne_decalee", f"une cellule à droite de la dernière des {len(layout)} colonnes")
    line = {name: cell for name, cell in zip(layout, cells, strict=False) if cell and cell.text}
    if missing := [name for name in _REQUIRED if name not in line]:
        raise UnreadableError("cellule_vide", f"cellule vide : {', '.join(missing)}")
    if len({line[name] for name in _REQUIRED}) < len(_REQUIRED):
        raise UnreadableError("cellules_fusionnees", "une seule cellule pour plusieurs colonnes")
    return line


def _request(line: Mapping[str, Cell]) -> Row:
    """What was asked and how it was answered, besides the place."""
    begins, ends = values.day(line["debut"].text), values.day(line["fin"].text)
    if ends < begins:
        reason = f"la période finit le {ends:%d/%m/%Y}, avant de commencer le {begins:%d/%m/%Y}"
        raise UnreadableError("periode_inversee", reason)
    count, decision = line.get("nombre"), line.get("decision")
    return {
        "phenomene": Value(squeeze(line["phenomene"].text), (line["phenomene"],)),
        "debut": Value(begins, (line["debut"],), "parsed"),
        "fin": Value(ends, (line["fin"],), "parsed"),
        "nombre_reconnaissances": Value(values.count(count.text), (count,), "parsed") if count else Value(None),
        "decision_imprimee": Value(decision.text, (decision,)) if decision else Value(None),
    }


def _place(line: Mapping[str, Cell], gazetteer: Gazetteer) -> tuple[Row, tuple[Observation, ...]]:
    department, name = line["departement"], line["commune"]
    found = gazetteer.find_departement(department.text)
    named = gazetteer.lookup(squeeze(name.text), found.code) if found else Lookup(())
    match, cog = named.only, (f"COG {gazetteer.cog_date}",)
    codes = tuple(candidate.commune.code for candidate in named.matches)
    row = {
        "code_departement": Value(found.code if found else None, (department,), "resolved", cog),
        "departement_imprime": Value(squeeze(department.text), (department,)),
        "code_commune": Value(match.commune.code if match else None, (name,), "resolved", cog),
        "nom_commune": Value(match.commune.nom if match else None, (name,), "resolved", cog),
        "commune_imprimee": Value(squeeze(name.text), (name,)),
        "resolution": Value(match.how if match else None, (name,), "resolved", cog),
        "communes_candidates": Value(codes, (name,), "resolved", cog) if named.ambiguous else Value(None),
    }
    return row, tuple(_said(found, named, line, gazetteer))


def _said(
    departement: Departement | None, named: Lookup, line: Mapping[str, Cell], gazetteer: Gazetteer
) -> Iterator[Observation]:
    """What a person should know of a name: without a code and why, or read as a name out of use."""
    label, commune = squeeze(line["departement"].text), squeeze(line["commune"].text)
    subject, cell = f"{label} / {commune}", line["commune"]
    warning = Observation("commune_non_resolue", "warning", "", subject, cell.source, commune)
    if departement is None:
        message = f"« {label} » n'est pas un département au {gazetteer.cog_date:%d/%m/%Y} : ses communes sont sans code"
        yield Observation("departement_inconnu", "warning", message, label, line["departement"].source, label)
    elif named.ambiguous:
        shown = ", ".join(f"{m.commune.nom} ({m.commune.code})" for m in named.matches)
        message = f"{label} : « {commune} » désigne plusieurs communes : {shown}"
        yield replace(warning, rule="commune_ambigue", message=message, expected=shown)
    elif named.only is None:
        alike = _alike(commune, departement, gazetteer)
        hint = f" ; s'en approchent : {alike}" if alike else ""
        message = f"{label} : « {commune} » n'est le nom d'aucune commune au {gazetteer.cog_date:%d/%m/%Y}{hint}"
        yield replace(warning, message=message, expected=alike)
    elif named.only.how == "former_name":
        official = f"{named.only.commune.nom} ({named.only.commune.code})"
        message = f"{label} : « {commune} » est un nom ancien de {official}"
        yield Observation("nom_ancien", "info", message, subject, cell.source, commune, official)


def _alike(commune: str, departement: Departement, gazetteer: Gazetteer) -> str:
    """The communes whose name resembles, to help a person: none is chosen, this print is not damaged."""
    from pipeline.gazetteer.resolver import resolve

    found = resolve(commune, departement.code, gazetteer).candidates
    return ", ".join(f"{candidate.nom} ({candidate.code})" for candidate in found)


def _one_decision(frame: pd.DataFrame, _context: Context) -> Iterable[Observation]:
    """A commune printed under two spellings for one risk and period: the key does not see it."""
    same = ["code_commune", "phenomene", "debut", "fin"]
    coded = frame[frame["code_commune"].notna()]
    for (code, risk, begins, _), group in coded[coded.duplicated(same, keep=False)].groupby(same):
        names = " ; ".join(group["commune_imprimee"])
        message = f"{code} : {len(group)} lignes pour « {risk} » à partir du {begins:%d/%m/%Y} ({names})"
        yield Observation("commune_repetee", "warning", message, f"{code} {risk} {begins}", printed=names)


def _plausible(frame: pd.DataFrame, context: Context) -> Iterable[Observation]:
    """A period ends before the act is signed, and begins after the law that made the guarantee."""
    signed = context.act.signed if context.act else None
    printed = frame[["departement_imprime", "commune_imprimee", "debut", "fin"]]
    for department, commune, begins, ends in printed.itertuples(index=False, name=None):
        if begins.year < _FIRST_YEAR or (signed is not None and ends > signed):
            shown = f"{begins:%d/%m/%Y} – {ends:%d/%m/%Y}"
            subject = f"{department} / {commune} / {shown}"
            message = f"{department} : {commune}, période {shown} invraisemblable"
            yield Observation("periode_invraisemblable", "warning", message, subject, printed=shown)


CATNAT_COMMUNES = Dataset(
    name="catnat_communes",
    title="Reconnaissance de l'état de catastrophe naturelle par commune",
    description=(
        "Une ligne par arrêté, commune, phénomène et période : la demande reconnue ou rejetée. Chaque arrêté vaut "
        "seul, le suivant ne le clôt pas ; valid_from est la date d'effet de l'arrêté, debut et fin bornent les "
        "dommages garantis. Une commune absente n'est pas une commune sans sinistre."
    ),
    key=("departement_imprime", "commune_imprimee", "phenomene", "debut", "fin"),
    columns=(
        Column(
            "code_departement",
            "TEXT",
            "Code officiel du département ; NULL si le nom imprimé n'en est pas un",
            nullable=True,
            checks=(Check(pattern=codes.TERRITOIRE),),
        ),
        Column("departement_imprime", "TEXT", "Département tel qu'imprimé"),
        Column(
            "code_commune",
            "TEXT",
            "Code officiel au 1er janvier détenu qui précède la signature ; NULL si le nom n'en désigne pas une seule",
            nullable=True,
            checks=(Check(pattern=codes.COMMUNE),),
        ),
        Column("nom_commune", "TEXT", "Nom officiel à cette date ; NULL sans code", nullable=True),
        Column("commune_imprimee", "TEXT", "Commune telle qu'imprimée, article derrière compris : « Pouzin (Le) »"),
        Column(
            "resolution",
            "TEXT",
            "Comment le nom imprimé mène au code : exact, normalise (accents, tirets, casse), article_deplace, "
            "ancien_nom ; NULL sans code",
            nullable=True,
            words=HOW_WORDS,
            checks=(Check(values=("exact", "normalised", "article_moved", "former_name")),),
        ),
        Column(
            "communes_candidates",
            "TEXT[]",
            "Codes des communes du département que le nom désigne, quand il y en a plusieurs",
            nullable=True,
        ),
        Column("phenomene", "TEXT", "Phénomène naturel tel qu'imprimé ; les mots changent d'un arrêté à l'autre"),
        Column("debut", "DATE", "Premier jour de la période"),
        Column("fin", "DATE", "Dernier jour de la période, compris"),
        Column("reconnue", "BOOLEAN", "Vrai : état de catastrophe naturelle reconnu ; faux : demande rejetée"),
        Column(
            "nombre_reconnaissances",
            "INTEGER",
            "Reconnaissances pour ce risque au cours des cinq ans avant la signature, celle-ci comprise, qui modulent "
            "la franchise ; NULL où l'arrêté n'en imprime pas",
            nullable=True,
            checks=(Check(between=(1, 100)),),
        ),
        Column(
            "decision_imprimee", "TEXT", "Motivation de la décision telle qu'imprimée ; NULL si absente", nullable=True
        ),
    ),
    acts=Recognise(titles=(r"reconnaissance de l'etat de catastrophe naturelle",)),
    read=read,
    succession="accumulates",
    inventory=_INVENTORY,
    frame_checks=(
        FrameCheck("une_decision", "une ligne par commune, phénomène et période", _one_decision),
        FrameCheck("periode_plausible", "périodes finies à la signature, et d'après 1982", _plausible),
    ),
    order=("code_departement", "code_commune", "departement_imprime", "commune_imprimee", "phenomene", "debut", "fin"),
)
