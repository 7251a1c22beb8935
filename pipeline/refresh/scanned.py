"""Pages without text in a project that has them recognised: the names that confirm what was recognised,
and the pictures of what nothing confirms.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Rows
from pipeline.extract.model import Reading, Source
from pipeline.quality import recognised
from pipeline.settings import Settings


def confirmed(rows: Rows, reading: Reading, context: Context) -> Rows:
    """What `quality.recognised` lets through, by the official names of the act's day."""
    if not reading.recognised:
        return rows
    act = context.act
    said = (act.name, act.signed, act.published, act.effect.valid_from) if act else (context.document.title,)
    declared = " ".join(str(each) for each in said if each)
    grids = (grid for found in context.grids.values() for grid in found)
    return recognised.confirmed(rows, reading, grids, _names(context), declared)


def _names(context: Context) -> recognised.Names:
    from pipeline.gazetteer import ReferenceMissing, epci, load

    act = context.act
    day = (act.effect.valid_from or act.signed if act else None) or date(2020, 1, 1)
    gazetteer = load(context.reference, day)
    try:
        groups = epci(context.reference, day.year).by_siren
    except ReferenceMissing:
        groups = {}

    def names(code: str) -> Collection[str]:
        found = (gazetteer.departement(code), gazetteer.commune(code), groups.get(code))
        return [each.nom for each in found if each]

    return names


def pictures_folder(settings: Settings, document: str) -> Path:
    """Where the pictures of what nothing confirms stand: one file a row in quarantine, under its id."""
    return settings.staged / document / "cellules"


def keep_pictures(settings: Settings, document: str, refused: Iterable[tuple[str, str, Source]]) -> None:
    """Draw the rows of a document that were recognised and not confirmed: (id in quarantine, file, place). The former
    pictures go. A page that cannot be drawn has none."""
    from pipeline.extract.ocr.picture import crops

    folder = pictures_folder(settings, document)
    shutil.rmtree(folder, ignore_errors=True)
    by_file: dict[str, list[tuple[str, Source]]] = {}
    for name, file, source in refused:
        by_file.setdefault(file, []).append((name, source))
    for file, wanted in by_file.items():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = crops(settings.raw / document / file, [source for _, source in wanted])
        for (name, _), png in zip(wanted, drawn, strict=True):
            if png:
                (folder / f"{name}.png").write_bytes(png)
