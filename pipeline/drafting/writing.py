"""A proposed dataset put into a checkout: the document into raw/, the module, the golden file. What is there already is
never written over.
"""

from __future__ import annotations

import csv
import importlib
import io
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pipeline.datasets
from pipeline.acquisition.taking import by_hand, wanted
from pipeline.acquisition.texts import Hints, TextError, describe
from pipeline.cleaning.labels import squeeze
from pipeline.contract.findings import Finding
from pipeline.datasets import all_datasets
from pipeline.documents.declaration import read_document
from pipeline.documents.model import Document
from pipeline.drafting.module import module_text
from pipeline.drafting.proposal import Proposal, propose
from pipeline.errors import REFUSED, USAGE, AnnexesError
from pipeline.extract.model import Reading
from pipeline.files import read_plain
from pipeline.language import translated as _
from pipeline.refresh.read import read_editions
from pipeline.settings import Settings
from pipeline.store.tables import rows_table
from pipeline.warehouse.marts import read_marts

PACKAGE = Path(pipeline.datasets.__file__).parent
CHECKOUT = PACKAGE.parent.parent
GOLDEN = CHECKOUT / "tests" / "golden"
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


class DraftError(AnnexesError):
    """The dataset cannot be put there."""

    code = USAGE


@dataclass(frozen=True)
class Draft:
    """What was written, and what a person should look at."""

    proposal: Proposal
    document: str
    module: Path
    golden: Path | None
    rows: int
    refused: int
    findings: tuple[Finding, ...]


def draft(settings: Settings, name: str, path: Path, reading: Reading, number: int, hints: Hints, today: date) -> Draft:
    """Write module, document and golden file of a dataset proposed from table `number` of a file. Raises DraftError,
    UnfitTableError, OSError; then nothing was written but, at most, the document."""
    _check_name(name)
    module = PACKAGE / f"{name}.py"
    held = _held(settings, path)
    hints = hints if held else _completed(path, hints, name, reading.grids[number - 1].title)
    title, has_act = (_title(held), bool(held.acts)) if held else _told(path, hints)
    proposal = propose(name, reading, number, title, has_act)
    text = module_text(proposal, has_act)
    compile(text, str(module), "exec")
    document = held or _taken(settings, path, hints, today)
    module.write_text(text, encoding="utf-8")
    try:
        rows, refused, findings = _read(settings, document, name, reading, path)
    except BaseException:
        module.unlink()
        _load_anew()
        raise
    golden = GOLDEN / f"{name}.csv" if rows and GOLDEN.is_dir() else None
    if golden:
        golden.write_text(as_csv(rows), encoding="utf-8")
    return Draft(proposal, document.id, module, golden, len(rows), refused, findings)


def as_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """The text of a golden file: the keys of the first row as header; None is empty, sequences are joined by '|'."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows[0].keys())
    for row in rows:
        writer.writerow(["|".join(map(str, v)) if isinstance(v, list | tuple) else v for v in row.values()])
    return buffer.getvalue()


def _check_name(name: str) -> None:
    """Raises DraftError for a name that cannot be a table's, or is one's, and where no module can be added."""
    if not (CHECKOUT / "pyproject.toml").is_file():
        raise DraftError(
            _(
                "a dataset is a module of the code, and {place} is no checkout: clone the repository and work there"
            ).format(place=CHECKOUT)
        )
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise DraftError(_("{name}: a dataset's name is French in snake_case, 3 to 40 letters").format(name=name))
    taken = {d.name for d in all_datasets()} | {mart.name for mart in read_marts()}
    if name in taken or (PACKAGE / f"{name}.py").exists() or (PACKAGE / name).exists():
        raise DraftError(_("{name}: there is one of that name already").format(name=name))


def _held(settings: Settings, path: Path) -> Document | None:
    """The document of raw/ that the file is of already."""
    folder = path.resolve().parent
    if folder.parent != settings.raw.resolve() or not (folder / "document.toml").is_file():
        return None
    return read_document(folder)


def _title(document: Document) -> str:
    act = document.acts[0] if document.acts else None
    return (act.title or act.other_title or "" if act else "") or document.title


def _completed(path: Path, hints: Hints, name: str, table_title: str) -> Hints:
    """What the person says, completed where the file does not say what it is: one that names neither act nor day is a
    sheet, called as its dataset."""
    try:
        describe(path.name, read_plain(path), hints)
    except TextError:
        is_act = any((hints.nor, hints.signed, hints.published)) or hints.nature not in (None, "feuille")
        given = replace(
            hints,
            id=hints.id or hints.nor or name.replace("_", "-"),
            title=hints.title or squeeze(table_title) or path.stem,
        )
        if is_act:
            return given
        return replace(given, nature="feuille", publisher=hints.publisher or "non indiqué par le fichier")
    return hints


def _told(path: Path, hints: Hints) -> tuple[str, bool]:
    """The title under which the file will stand in raw/, and whether it carries an act. Raises DraftError."""
    try:
        text = describe(path.name, read_plain(path), hints)
    except TextError as error:
        raise DraftError(f"{path} : {error}") from error
    return text.document.title, text.act is not None


def _taken(settings: Settings, path: Path, hints: Hints, today: date) -> Document:
    done = by_hand(settings.raw, path, wanted(settings, all_tables=True), hints, today, keep=True)
    if done.action == "refuse":
        raise DraftError(done.line, REFUSED)
    return read_document(settings.raw / done.document)


def _read(
    settings: Settings, document: Document, name: str, reading: Reading, path: Path
) -> tuple[list[dict[str, object]], int, tuple[Finding, ...]]:
    """The rows that the new module reads, how many it refuses, and what it has against them."""
    _load_anew()
    rendition = next(
        (r for r in document.renditions if document.path(r).read_bytes() == path.read_bytes()), document.renditions[0]
    )
    found = read_editions(settings, document, [(rendition, reading)])
    if why := [reason for (dataset, _edition), reason in found.failed.items() if dataset == name]:
        raise DraftError(why[0], REFUSED)
    editions = [e for e in found.editions if e.dataset.name == name]
    rows = [r for e in editions for r in rows_table(e.prepared).drop_columns(["row_no"]).to_pylist()]
    findings = tuple(f for f in found.findings if f.dataset == name and f.severity != "info")
    return rows, sum(len(e.prepared.refused) for e in editions), findings


def _load_anew() -> None:
    """Have the datasets found again, the new module among them."""
    importlib.invalidate_caches()
    all_datasets.cache_clear()
