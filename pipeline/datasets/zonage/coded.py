"""From rows that print an INSEE code to communes: the code held against the name and the département, one zone for each
commune, and one row for each commune that the act decides.

What is printed is read in `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.cleaning import values
from pipeline.cleaning.values import UnreadableError
from pipeline.contract.rows import Observation, Refused, Row, Value
from pipeline.datasets.zonage.communes import UNNAMED, Reserve, place_of, undecided
from pipeline.datasets.zonage.tables import PrintedRow, PrintedTables, code_of, spoken_names
from pipeline.gazetteer import Commune, Gazetteer
from pipeline.gazetteer.resolver import resolve

TABLED = ("Abis", "A", "B1", "B2")
"""The zones that have a table; C is what is in none (CCH, art. D. 304-1)."""
_REST = "CCH, art. D. 304-1 : zone C, les communes qu'aucun tableau ne nomme"
_ALIKE = 0.6
"""From this similarity on, a name that is none of the commune's is a damaged form of it."""


@dataclass(frozen=True)
class _Placed:
    row: PrintedRow
    commune: Commune
    how: str
    score: float
    rank: int


@dataclass
class Coded:
    """What the tables decide. `doubtful` are communes that something printed and not published could name."""

    placed: dict[str, _Placed] = field(default_factory=dict)
    removed: dict[str, _Placed] = field(default_factory=dict)
    doubtful: dict[str, Reserve] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def decide(printed: PrintedTables, gazetteer: Gazetteer) -> Coded:
    """Each printed row placed or refused; no commune in two zones."""
    coded = Coded()
    twice: dict[str, list[_Placed]] = {}
    for rank, row in enumerate(printed.rows, start=1):
        try:
            commune, how, score = _commune(row, gazetteer)
            if row.problem:
                coded.doubtful.setdefault(commune.code, "zone_inconnue")
                raise UnreadableError(row.problem.rule, row.problem.reason)
        except UnreadableError as error:
            coded.refused.append(Refused(row.cells, error.rule, error.reason, "code_commune"))
            for code in _could_be(row, gazetteer):
                coded.doubtful.setdefault(code, "nom_non_resolu")
            continue
        placed = _Placed(row, commune, how, score, rank)
        if row.does == "removes":
            coded.removed[commune.code] = placed
        else:
            twice.setdefault(commune.code, []).append(placed)
    for code, group in twice.items():
        _settle(code, group, coded)
    for code in (*coded.placed, *(c for c in coded.removed if c in coded.placed)):
        coded.doubtful.pop(code, None)
        coded.removed.pop(code, None)
    return coded


def _settle(code: str, group: Sequence[_Placed], to: Coded) -> None:
    """The one zone of a commune; none where tables give it two."""
    if len({placed.row.zone for placed in group}) == 1:
        to.placed[code] = group[0]
        for again in group[1:]:
            reason = f"commune déjà imprimée dans la zone {again.row.zone}"
            to.refused.append(Refused(again.row.cells, "ligne_repetee", reason))
        return
    to.doubtful[code] = "deux_zones"
    for placed in group:
        others = " et ".join(sorted({str(p.row.zone) for p in group}))
        to.refused.append(
            Refused(placed.row.cells, "commune_en_deux_zones", f"imprimée dans les zones {others}", "zone")
        )


def _commune(row: PrintedRow, gazetteer: Gazetteer) -> tuple[Commune, str, float]:
    """The commune of a row, how its printed name is that of the code, and how alike. Raises UnreadableError where code,
    name and département contradict each other."""
    code = code_of(row.code)
    commune = gazetteer.commune(code)
    if commune is None or commune.kind != "COM":
        reason = f"« {code} » n'est pas une commune au {gazetteer.cog_date:%d/%m/%Y}"
        raise UnreadableError("code_commune_inconnu", reason)
    if row.departement is not None:
        _check_departement(row.departement.text, commune, gazetteer)
    if row.name is None or not row.name.text:
        return commune, "code", 0.0
    for name in spoken_names(row.name.text):
        for match in gazetteer.lookup(values.unquoted(name), commune.code_departement).matches:
            if match.commune.code == code:
                return commune, match.how, 1.0
    return _damaged(row.name.text, commune, gazetteer)


def _check_departement(printed: str, commune: Commune, gazetteer: Gazetteer) -> None:
    text = values.unquoted(printed)
    named = gazetteer.departement(text.upper().zfill(2)) or gazetteer.find_departement(text)
    if named is None or named.code != commune.code_departement:
        reason = f"« {printed} » n'est pas le département de {commune.nom} ({commune.code})"
        raise UnreadableError("departement_contradictoire", reason)


def _damaged(name: str, commune: Commune, gazetteer: Gazetteer) -> tuple[Commune, str, float]:
    resolution = resolve(values.unquoted(name), commune.code_departement, gazetteer)
    own = next((c for c in resolution.candidates if c.code == commune.code), None)
    if own is None or own.score < _ALIKE or (resolution.code not in (None, commune.code)):
        reason = f"« {name} » n'est pas le nom de {commune.nom}, dont {commune.code} est le code"
        raise UnreadableError("code_et_nom_contradictoires", reason)
    return commune, "corrected", own.score


def _could_be(row: PrintedRow, gazetteer: Gazetteer) -> Iterable[str]:
    """The communes that a refused row could be about: of its code, of its name."""
    try:
        if commune := gazetteer.commune(code_of(row.code)):
            yield commune.rattachement or commune.code
    except UnreadableError:
        pass  # the row is refused for it: its name is what is left
    if row.name is None:
        return
    found = None
    if row.departement is not None:
        text = values.unquoted(row.departement.text)
        found = gazetteer.departement(text.upper().zfill(2)) or gazetteer.find_departement(text)
    name = values.unquoted(row.name.text)
    yield from (match.commune.code for match in gazetteer.lookup(name, found.code if found else None).matches)
    if found:
        yield from (candidate.code for candidate in resolve(name, found.code, gazetteer).candidates)


def rows_of(coded: Coded, gazetteer: Gazetteer, partial: bool, closed: bool) -> list[Row]:
    """The rows in code order: of the communes that the act names, where it is `partial`; of all, else. Those that no
    table names are in zone C where the tables are `closed`: all four printed whole."""
    rows: list[Row] = []
    cog = (f"COG {gazetteer.cog_date}",)
    for commune in gazetteer.communes():
        code = commune.code
        if placed := coded.placed.get(code):
            said = _named(placed)
        elif code in coded.doubtful:
            said = undecided(coded.doubtful[code])
        elif code in coded.removed:
            said = undecided("retiree_sans_zone")
        elif partial:
            continue
        elif closed:
            said = {
                "zone": Value("C", (), "rest", (_REST,)),
                "portee": Value("reste_du_territoire", (), "rest", (_REST,)),
            }
            said = {**said, **UNNAMED, "reserve": Value(None)}
        else:
            said = undecided("reste_non_imprime")
        rows.append({**place_of(commune, cog), **said})
    return rows


def _named(placed: _Placed) -> Row:
    row = placed.row
    printed = tuple(cell for cell in (row.code, row.name, row.departement) if cell)
    said = (row.said,) if row.said else ()
    name = (row.name,) if row.name else ()
    return {
        "zone": Value(
            row.zone, (*printed, *(c for c in row.cells if c not in printed), *said), "resolved", ("code INSEE",)
        ),
        "portee": Value("commune", printed, "resolved"),
        "libelle_imprime": Value(row.name.text if row.name else None, name),
        "resolution": Value(placed.how, printed, "resolved"),
        "score": Value(placed.score if name else None, name, "resolved"),
        "marge": Value(None),
        "reserve": Value(None),
        "rang_impression": Value(placed.rank, printed, "resolved"),
    }


def observations(printed: PrintedTables, coded: Coded, partial: bool) -> Iterable[Observation]:
    """Names read by their code, communes that leave a table for none, whole tables of an act that is partial."""
    mended = [placed for placed in coded.placed.values() if placed.how == "corrected"]
    for placed in mended:
        name = placed.row.name
        assert name is not None
        message = f"« {name.text} » lu {placed.commune.nom}, dont {placed.commune.code} est le code imprimé"
        yield Observation(
            "nom_corrige", "info", message, placed.commune.code, name.source, name.text, placed.commune.nom
        )
    for code, placed in coded.removed.items():
        message = (
            f"{placed.commune.nom} ({code}) quitte la zone {placed.row.zone}, et aucun tableau ne dit pour laquelle"
        )
        source = placed.row.cells[0].source if placed.row.cells else None
        yield Observation("zone_indeterminee", "warning", message, code, source)
    if partial and printed.replaced:
        zones = ", ".join(printed.replaced)
        message = (
            f"tableaux remplacés en entier (zones {zones}) par un acte déclaré partiel : une commune qui en sort sans "
            "entrer dans un autre garde ici sa zone d'avant"
        )
        yield Observation("tableau_remplace_en_partie", "warning", message, zones)
