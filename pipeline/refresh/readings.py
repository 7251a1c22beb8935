"""First half of reading a document: each rendition extracted and staged, whether or not the others can be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import extract
from pipeline.contract.findings import Finding
from pipeline.documents.declaration import read_document_leniently
from pipeline.documents.model import Document, DocumentError, Rendition
from pipeline.extract import reading_parquet
from pipeline.extract.model import ExtractError, Reading
from pipeline.refresh import fingerprint
from pipeline.settings import Settings


@dataclass(frozen=True)
class StagedReadings:
    """The renditions that read, best first, and a finding for each that did not."""

    document: Document
    fingerprint: str
    readings: Sequence[tuple[Rendition, Reading]]
    findings: Sequence[Finding]


def folder(settings: Settings, document_id: str) -> Path:
    return settings.staged / document_id / "readings"


def stage(settings: Settings, document_id: str) -> StagedReadings:
    """Extract every current rendition of a document into staged/<id>/readings/<file>.parquet.

    Raises DocumentError when the declaration is refused or no rendition reads.
    """
    mark = fingerprint.of_document(settings, document_id)
    document, unusable = read_document_leniently(settings.raw / document_id)
    target = folder(settings, document_id)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    findings = [_unusable(error) for error in unusable]
    readings: list[tuple[Rendition, Reading]] = []
    for rendition in document.current:
        try:
            reading = extract.read(document.path(rendition), rendition.media, rendition.line_offset)
        except ExtractError as error:
            findings.append(_unreadable(document, rendition, error))
            continue
        reading_parquet.save(reading, target / f"{rendition.file}.parquet")
        readings.append((rendition, reading))
    if not readings:
        raise DocumentError(document_id, document.renditions[0].file, findings[-1].message)
    state = {"fingerprint": mark, "findings": [f.__dict__ for f in findings], "files": [r.file for r, _ in readings]}
    (target / "state.json").write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    return StagedReadings(document, mark, readings, findings)


def staged(settings: Settings, document_id: str) -> StagedReadings:
    """What `stage` left. Raises DocumentError when there is nothing staged."""
    target = folder(settings, document_id)
    try:
        state = json.loads((target / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DocumentError(
            document_id, "staged", "aucune lecture en place", "relancer la lecture du document"
        ) from error
    document, _ = read_document_leniently(settings.raw / document_id)
    by_file = {r.file: r for r in document.renditions}
    readings = [(by_file[f], reading_parquet.load(target / f"{f}.parquet")) for f in state["files"] if f in by_file]
    return StagedReadings(document, state["fingerprint"], readings, [Finding(**f) for f in state["findings"]])


def _unusable(error: DocumentError) -> Finding:
    return Finding("rendition_refusee", "error", error.document, str(error), error.place, place=error.place)


def _unreadable(document: Document, rendition: Rendition, error: ExtractError) -> Finding:
    message = f"{document.id} : {rendition.file} : {error}"
    place = error.source.label if error.source.order != (0, 0, 0, 0.0, 0.0) else ""
    return Finding(
        "rendition_illisible", "error", document.id, message, rendition.file, place=place, rendition=rendition.file
    )
