"""A document that is a scan, in a project that has scans recognised: nothing that no check confirms is published, and
each row of it has its picture."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.quality.recognised import RULE
from pipeline.refresh.scanned import pictures_folder
from pipeline.refresh.state import document_fingerprint
from pipeline.settings import Settings
from tests.extract.ocr.scan import scanned
from tests.extract.ocr.test_scans import ROWS, needs_tesseract
from tests.extract.pdf.corpus.tables import KINDS, make
from tests.production import read_document
from tests.refresh import small

DOCUMENT = "SCAN"
_DECLARATION = """\
[document]
id = "SCAN"
title = "Arrêté fixant le seuil du premier quartile"
publisher = "Ministère du logement"
nature = "arrete"

[[rendition]]
file = "annexe.pdf"
role = "published"

[[act]]
id = "JORFTEXT000042056679"
title = "Arrêté fixant les ressources du premier quartile pour l'année 2020"
signed = 2020-06-15
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = small.project(tmp_path / "project")
    shutil.rmtree(made.raw / small.DOCUMENT)
    (made.raw / DOCUMENT).mkdir()
    (made.raw / DOCUMENT / "document.toml").write_text(_DECLARATION)
    (made.raw / DOCUMENT / "annexe.pdf").write_bytes(scanned(make(ROWS, KINDS["ruled"], page_height=220).pdf))
    return made


@needs_tesseract
def test_what_no_check_confirms_is_in_quarantine_with_its_picture(settings: Settings) -> None:
    off = document_fingerprint(settings, DOCUMENT)
    settings.configuration.write_text("[ocr]\nenabled = true\n")
    assert document_fingerprint(settings, DOCUMENT) != off
    outcome = read_document(settings, DOCUMENT)
    (edition,) = outcome.editions
    assert (edition.status, edition.quarantined) == ("refused", len(ROWS))
    refused = [q for q in outcome.quarantine if q.rule == RULE]
    printed = [set(q.raw.split(" | ")) for q in refused]
    assert sorted(next(row[3] for row in ROWS if row[3] in words) for words in printed) == sorted(
        row[3] for row in ROWS
    )
    # The amounts alone are doubtful: codes, names and SIREN confirm one another.
    assert all("€ »" in q.reason for q in refused)
    drawn = {path.stem for path in pictures_folder(settings, DOCUMENT).glob("*.png")}
    assert drawn == {q.id for q in refused}
