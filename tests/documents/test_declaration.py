"""document.toml: what is declared is held, and each fault is one message with document, place and remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from pipeline.documents.declaration import document_toml, read_document, read_document_leniently, read_known_acts
from pipeline.documents.media import BY_SUFFIX, FORMATS, MediaError, tell
from pipeline.documents.model import Document, DocumentError, SameTitle
from pipeline.settings import Settings
from tests.conftest import ROOT
from tests.shipped import copy_acts

HEAD = """
[document]
id = "doc"
title = "Un document"
publisher = "Essai"
nature = "arrete"
"""
RENDITION = '\n[[rendition]]\nfile = "a.txt"\nrole = "extract"\n'


def written(tmp_path: Path, toml: str, **files: bytes) -> Path:
    folder = tmp_path / "doc"
    folder.mkdir()
    (folder / "document.toml").write_text(toml, encoding="utf-8")
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def test_the_shipped_documents_are_well_declared() -> None:
    bulletin = read_document(ROOT / "raw/BOI-8A-2-09")
    assert [a.id for a in bulletin.acts] == ["ECEL0930010J", "EQUU0400077A", "LOGU0907602A", "LOGU0907606A"]
    arrete = read_document(ROOT / "raw/JORFTEXT000042056679")
    assert [(r.file, r.role) for r in arrete.renditions] == [("annexe.txt", "extract"), ("annexe.pdf", "typeset")]
    assert arrete.acts[0].effect.valid_from == date(2020, 6, 15)


def test_known_acts_are_read_in_order(tmp_path: Path) -> None:
    copy_acts(tmp_path)
    acts = [a for a in read_known_acts(tmp_path / "actes.toml") if a.dataset == "premier_quartile"]
    assert [a.year for a in acts] == [2021, 2022, 2023, 2024, 2025, 2026]
    assert acts[0].effect_from == date(2021, 7, 18)


@pytest.mark.parametrize(
    ("toml", "place", "reason"),
    [
        (HEAD + 'colour = "red"\n' + RENDITION, "document.colour", "clé inconnue"),
        (HEAD.replace('title = "Un document"\n', "") + RENDITION, "document.title", "clé obligatoire absente"),
        (HEAD, "rendition", "clé obligatoire absente"),
        (HEAD + RENDITION + '[[act]]\nid = "a"\ntitle = "t"\nsigned = "hier"\n', "act.0.signed", "date"),
        (HEAD + "[[rendition]", "document.toml", "TOML illisible"),
        (
            HEAD + RENDITION + 'format = "doc"\n',
            "rendition.0.format",
            "format inconnu ; formats lus : cells, csv",
        ),
        (HEAD.replace('"doc"', '"autre"') + RENDITION, "document.id", "n'est pas le nom du dossier"),
        (HEAD + RENDITION.replace("a.txt", "../a.txt"), "../a.txt", "pas le nom d'un fichier"),
    ],
)
def test_a_fault_is_one_message_with_document_and_place(tmp_path: Path, toml: str, place: str, reason: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        read_document(written(tmp_path, toml, a_txt=b"ANNEXE\n"))
    assert str(refusal.value).startswith("doc : ")
    assert place in str(refusal.value)
    assert reason in str(refusal.value)


def test_a_file_changed_since_it_was_archived_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, HEAD + RENDITION + f'sha256 = "{"0" * 64}"\n', a_txt=b"ANNEXE\n")
    with pytest.raises(DocumentError, match="n'est plus celui qui a été archivé"):
        read_document(folder)


def test_a_rendition_that_cannot_be_used_does_not_hide_the_other(tmp_path: Path) -> None:
    toml = HEAD + RENDITION + '[[rendition]]\nfile = "b.pdf"\nrole = "published"\n'
    document, errors = read_document_leniently(written(tmp_path, toml, a_txt=b"ANNEXE\n", b_pdf=b""))
    assert [r.file for r in document.renditions] == ["a.txt"]
    assert "fichier vide" in str(errors[0])


def test_every_format_is_registered_once_with_its_suffixes_and_a_reader() -> None:
    assert len({f.media for f in FORMATS}) == len(FORMATS)
    assert len(BY_SUFFIX) == sum(len(f.suffixes) for f in FORMATS)
    for each in FORMATS:
        assert each.suffixes, each.media
        if each.media != "pdf":
            module, function = each.reader.split(":")
            assert callable(getattr(import_module(module), function)), each.media


@pytest.mark.parametrize(
    ("name", "head", "message"),
    [
        ("a.txt", b"  \n", "fichier vide"),
        ("a.zip", b"PK\x03\x04\x00", "archive zip"),
        ("a.docx", b"texte", "annonce un fichier docx, le contenu n'en est pas un"),
        ("a.pages", b"texte", "type de document inconnu"),
        ("a.txt", b"%PDF-1.7\n", "annonce un fichier cells, le contenu est un fichier pdf"),
        ("a.pdf", b"<?xml version='1.0'?>", "annonce un fichier pdf, le contenu est un fichier xml"),
        ("a.pdf", b"bonjour", "annonce un fichier pdf, le contenu n'en est pas un"),
    ],
)
def test_media_is_told_by_bytes_and_held_against_the_name(name: str, head: bytes, message: str) -> None:
    with pytest.raises(MediaError, match=message):
        tell(name, head)


def test_findings_state_is_no_input_of_the_reading(make_project: Callable[..., Settings]) -> None:
    from pipeline.refresh import state

    settings = make_project("BOI-8A-2-09")
    before = state.document_fingerprint(settings, "BOI-8A-2-09")
    (settings.raw / "BOI-8A-2-09/findings.toml").write_text("", encoding="utf-8")
    assert state.document_fingerprint(settings, "BOI-8A-2-09") == before


def test_titles_declared_equal_are_read_and_written(tmp_path: Path) -> None:
    titles = {"Matricule": SameTitle("Code INSEE", "cinq chiffres")}
    whole = document_toml(replace(_minimal(tmp_path), titles=titles))
    (tmp_path / "d" / "document.toml").write_text(whole, encoding="utf-8")
    assert read_document(tmp_path / "d").titles == titles


def _minimal(root: Path) -> Document:
    (root / "d").mkdir()
    (root / "d" / "a.md").write_text("# Annexe\n", encoding="utf-8")
    head = '[document]\nid = "d"\ntitle = "D"\npublisher = ""\nnature = "autre"\n'
    (root / "d" / "document.toml").write_text(
        f'{head}[[rendition]]\nfile = "a.md"\nrole = "published"\n', encoding="utf-8"
    )
    return read_document(root / "d")
