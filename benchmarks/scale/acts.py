"""Projects of many made-up acts, of mixed kinds: lists of communes that stand alone (XML), prices that replace the
former ones (Markdown), tables that no dataset reads, repeals without a table, and some PDF."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks.scale.files import made
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LINES = 10
_COMMUNES = ("Belley", "Gex", "Nantua", "Oyonnax", "Bourg-en-Bresse", "Lagnieu", "Miribel", "Meximieux", "Thoissey")
_HEADER = (
    *("Département", "Commune", "Phénomène naturel"),
    *("Date de début de la période de reconnaissance", "Date de fin de la période de reconnaissance"),
    "Motivations de la décision",
)
_TITLES = {
    "alone": "Arrêté n° {n} portant reconnaissance de l'état de catastrophe naturelle",
    "prices": "Arrêté n° {n} relatif aux prêts conventionnés pour la location-accession",
    "unread": "Arrêté n° {n} fixant le barème des redevances domaniales",
    "repeal": "Arrêté n° {n} abrogeant un arrêté antérieur",
    "pdf": "Arrêté n° {n} fixant la liste des groupements",
}
_FILES = {"alone": "texte.xml", "prices": "annexe.md", "unread": "texte.xml", "repeal": "texte.md", "pdf": "liste.pdf"}


def kind(number: int) -> str:
    """Of fifty acts, five set prices, five are read by no dataset, one repeals, one is PDF; the others stand alone."""
    if number % 50 == 49:
        return "pdf"
    if number % 50 == 48:
        return "repeal"
    return {0: "prices", 1: "unread"}.get(number % 10, "alone")


def name(number: int) -> str:
    return f"JORFTEXT{number:012d}"


def project(root: Path, count: int) -> Settings:
    """A project of `count` acts, nothing read yet."""
    settings = Settings(root)
    settings.raw.mkdir(parents=True)
    shutil.copytree(ROOT / "raw" / "reference", settings.reference)
    shutil.copy(ROOT / "dagster.yaml", root)
    add(settings, 1, count)
    return settings


def add(settings: Settings, first: int, last: int) -> None:
    """Put the acts of these numbers into raw/."""
    pdf = Path(made(settings.root, 1, 1)[0])
    for number in range(first, last + 1):
        folder = settings.raw / name(number)
        folder.mkdir()
        (folder / "document.toml").write_text(declaration(number), encoding="utf-8")
        content = pdf.read_bytes() if kind(number) == "pdf" else _text(number).encode()
        (folder / _FILES[kind(number)]).write_bytes(content)
    pdf.unlink()


def declaration(number: int) -> str:
    which = kind(number)
    day = date(2020, 3, 1) + timedelta(days=number // 25)
    relation = f'\n[act.relation]\nkind = "abroge"\nact = "{name(number - 3)}"\n' if which == "repeal" else ""
    return f"""\
[document]
id = "{name(number)}"
title = "{_TITLES[which].format(n=number)}"
publisher = "Ministère de l'intérieur"
nature = "arrete"

[[rendition]]
file = "{_FILES[which]}"
role = "published"

[[act]]
id = "{name(number)}"
title = "{_TITLES[which].format(n=number)}"
signed = {day}

[act.effect]
valid_from = {day}
valid_from_base = "texte"
{relation}"""


def _text(number: int) -> str:
    which = kind(number)
    if which == "prices":
        rows = "".join(f"| {zone} | {2_000 + number % 900 + n} |\n" for n, zone in enumerate(("A", "B1", "B2", "C")))
        head = "# Annexe II\n\n## PLAFONDS DE PRIX DE VENTE\n\n| zone géographique | prix maximum |\n|---|---|\n"
        return head + rows
    if which == "repeal":
        return "# Article 1er\n\nL'arrêté susvisé est abrogé.\n"
    if which == "unread":
        parcels = [(str(n), f"Lot {n}", f"{n * 12} €") for n in range(LINES)]
        return _xml(number, "Barème des redevances", ("Rang", "Domaine", "Redevance"), parcels)
    lines = [
        (
            "Ain",
            _COMMUNES[n % len(_COMMUNES)],
            "Inondations et coulées de boue",
            f"{1 + n}/01/2020",
            "28/02/2020",
            "OUI",
        )
        for n in range(LINES)
    ]
    return _xml(number, "Communes reconnues en état de catastrophe naturelle", _HEADER, lines)


def _xml(number: int, title: str, header: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f'<td align="left"><br/>{c}</td>' for c in line) + "</tr>" for line in (header, *lines)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TEXTE>
<ID>{name(number)}</ID><NATURE>ARRETE</NATURE><NOR>INTE{number:07d}A</NOR>
<DATE_PUBLI>2020-02-05</DATE_PUBLI><DATE_TEXTE>2020-02-03</DATE_TEXTE>
<TITREFULL>{_TITLES[kind(number)].format(n=number)}</TITREFULL>
<STRUCT>
<ARTICLE><NUM>1</NUM><BLOC_TEXTUEL><CONTENU><p>Article 1er.</p></CONTENU></BLOC_TEXTUEL></ARTICLE>
<SECTION_TA><TITRE_TA>Annexe</TITRE_TA><ARTICLE><NUM/><BLOC_TEXTUEL><CONTENU>
<p align="center">ANNEXE I</p>
<p align="center">{title}</p>
<div><div><table>
{rows}
</table></div></div>
</CONTENU></BLOC_TEXTUEL></ARTICLE></SECTION_TA>
</STRUCT>
</TEXTE>
"""
