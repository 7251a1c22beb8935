"""The renditions of a document extracted into staged/<id>/, where each reading stays as long as its file and the code
that reads are the same. What the readings mean is in `read`.

A reading is made in a folder of the process that asked for it, without any lock, and put in place by the holder of the
refresh lock.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import extract
from pipeline.contract.findings import Finding
from pipeline.documents.declaration import read_document_leniently
from pipeline.documents.model import Document, DocumentError, Rendition
from pipeline.extract import reading_parquet
from pipeline.extract.model import ExtractError, Reading
from pipeline.extract.typeset import with_typeset
from pipeline.files import copy_file, read_sealed, set_folder_aside, sha256_of, write_sealed
from pipeline.parallel_code import reader_versions
from pipeline.refresh.state import (
    READINGS_STATE,
    code_fingerprint,
    digest,
    document_fingerprint,
    ocr_language,
    readings_folder,
    seen,
    whole_readings,
)
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.parallel import Engine

EXTRACTING_ROOMS = ("documents", "extract")
"""The rooms whose source decides whether a file is extracted again."""
READINGS, _PROPOSED = "readings", "proposed."


@dataclass(frozen=True)
class StagedReadings:
    """The renditions that read, best first, and a finding for each that did not."""

    document: Document
    fingerprint: str
    readings: Sequence[tuple[Rendition, Reading]]
    findings: Sequence[Finding]


def this_process() -> str:
    """What names this process in the folders that it proposes in."""
    return f"{socket.gethostname()}.{os.getpid()}"


def proposal_folder(settings: Settings, document_id: str, owner: str) -> Path:
    """Where the process so named leaves what it proposes of a document."""
    return settings.staged / document_id / f"{_PROPOSED}{owner}"


def stage_readings(
    settings: Settings, document_id: str, again: bool = False, engine: Engine | None = None
) -> StagedReadings:
    """The readings of a document made, as `extract_readings` does, and put in place. The caller holds the refresh lock.
    Raises as it does."""
    folder = proposal_folder(settings, document_id, this_process())
    try:
        staged = extract_readings(settings, document_id, folder, again, engine)
        put_in_place(settings, document_id, folder)
        return staged
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def extract_readings(
    settings: Settings, document_id: str, folder: Path, again: bool = False, engine: Engine | None = None
) -> StagedReadings:
    """Extract every current rendition of a document into `folder`, which is made anew, on an engine or on this machine;
    a reading in place whose file and code are the same is taken instead, unless all is to be read `again`.

    Raises DocumentError when the declaration is refused or no rendition reads.
    """
    mark = document_fingerprint(settings, document_id)
    document, unusable = read_document_leniently(settings.raw / document_id)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / READINGS).mkdir(parents=True)
    kept, language = None if again else _Kept(settings, document_id), ocr_language(settings)
    findings = [_unusable(error) for error in unusable]
    readings: list[tuple[Rendition, Reading]] = []
    marks: dict[str, str] = {}
    for rendition in document.current:
        target = folder / READINGS / f"{rendition.file}.parquet"
        marks[rendition.file] = _mark(document, rendition, language)
        try:
            reading = kept.take(rendition.file, marks[rendition.file], target) if kept else None
            if reading is None:
                reading = _extracted(document, rendition, language, engine)
                reading_parquet.save(reading, target)
        except ExtractError as error:
            findings.append(_unreadable(document, rendition, error))
            continue
        readings.append((rendition, reading))
    if document_fingerprint(settings, document_id) != mark:
        raise DocumentError(document_id, "fichiers", "ils ont changé pendant leur lecture", "relancer la mise à jour")
    if not readings:
        raise DocumentError(document_id, document.renditions[0].file, findings[-1].message)
    staged = [r.file for r, _ in readings]
    state = {
        "fingerprint": mark,
        "findings": [f.__dict__ for f in findings],
        "files": staged,
        "seen": {file: seen(folder / READINGS / f"{file}.parquet") for file in staged},
        "marks": {file: marks[file] for file in staged},
    }
    write_sealed(folder / READINGS / READINGS_STATE, state)
    return StagedReadings(document, mark, readings, findings)


def put_in_place(settings: Settings, document_id: str, folder: Path) -> None:
    """The readings of `folder` become those of the document: whole ones stand there, or none, which the next plan sees.
    The caller holds the refresh lock."""
    target = readings_folder(settings, document_id)
    shutil.rmtree(target, ignore_errors=True)
    set_folder_aside(target)
    (folder / READINGS).rename(target)


def staged_readings(settings: Settings, document_id: str) -> StagedReadings:
    """The readings in place. Raises DocumentError when there are none."""
    return _loaded(settings, document_id, readings_folder(settings, document_id))


def proposed_readings(settings: Settings, document_id: str, folder: Path) -> StagedReadings:
    """The readings in a folder of proposals. Raises DocumentError when there are none."""
    return _loaded(settings, document_id, folder / READINGS)


def _loaded(settings: Settings, document_id: str, target: Path) -> StagedReadings:
    state = whole_readings(target)
    if state is None:
        raise DocumentError(document_id, "staged", "aucune lecture entière en place", "relancer la lecture du document")
    document, _ = read_document_leniently(settings.raw / document_id)
    by_file = {r.file: r for r in document.renditions}
    readings = [(by_file[f], reading_parquet.load(target / f"{f}.parquet")) for f in state["files"] if f in by_file]
    return StagedReadings(document, state["fingerprint"], readings, [Finding(**f) for f in state["findings"]])


def abandoned(settings: Settings, document_id: str) -> Iterator[Path]:
    """The folders that processes of this machine which are no more proposed in."""
    host = f"{_PROPOSED}{socket.gethostname()}."
    for folder in (settings.staged / document_id).glob(f"{_PROPOSED}*"):
        number = folder.name.removeprefix(host)
        if number.isdigit() and not _lives(int(number)):
            yield folder


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class _Kept:
    """The readings in place of a document, as they stood when asked first; another process may replace them."""

    def __init__(self, settings: Settings, document_id: str) -> None:
        self._folder = readings_folder(settings, document_id)
        self._marks: Mapping[str, str] = (whole_readings(self._folder) or {}).get("marks", {})

    def take(self, file: str, mark: str, target: Path) -> Reading | None:
        """The reading of a file, at `target` too; None when there is none of this mark."""
        if self._marks.get(file) != mark:
            return None
        with suppress(OSError, ValueError):  # one that vanished meanwhile, or is not whole, is made again
            _link(self._folder / target.name, target)
            if (read_sealed(self._folder / READINGS_STATE) or {}).get("marks", {}).get(file) == mark:
                return reading_parquet.load(target)
        target.unlink(missing_ok=True)
        return None


def _link(source: Path, target: Path) -> None:
    """The same file under another name: readings are never written in place. Raises OSError."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        copy_file(source, target)


def _extracted(document: Document, rendition: Rendition, language: str, engine: Engine | None) -> Reading:
    reading = extract.read(
        document.path(rendition),
        rendition.media,
        rendition.line_offset,
        complete=bool(rendition.complete),
        engine=engine,
        language=language,
    )
    return with_typeset(reading, rendition.typeset)


def _mark(document: Document, rendition: Rendition, language: str) -> str:
    """All that the reading of a rendition depends on: its bytes, what is declared of it, the code that reads."""
    try:
        content = sha256_of(document.path(rendition))
    except OSError:
        content = ""  # read to be refused
    declared = f"{rendition.media} {rendition.line_offset} {bool(rendition.complete)} {language} {rendition.typeset}"
    return digest([("file", content.encode()), ("declared", declared.encode()), ("code", _code().encode())])


@cache
def _code() -> str:
    versions = "\n".join(f"{name} {version}" for name, version in reader_versions().items())
    return digest([("source", code_fingerprint(EXTRACTING_ROOMS).encode()), ("packages", versions.encode())])


def _unusable(error: DocumentError) -> Finding:
    return Finding("rendition_refusee", "error", error.document, str(error), error.place, place=error.place)


def _unreadable(document: Document, rendition: Rendition, error: ExtractError) -> Finding:
    message = f"{document.id} : {rendition.file} : {error}"
    place = error.source.label if error.source.order != (0, 0, 0, 0.0, 0.0) else ""
    return Finding(
        "rendition_illisible", "error", document.id, message, rendition.file, place=place, rendition=rendition.file
    )
