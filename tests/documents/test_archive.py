"""The archive's door: what is stored, under which name, and what leaves everything as it was."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents import archive
from pipeline.documents.archive import Incoming, Step
from pipeline.documents.declaration import document_toml, read_document, read_document_leniently, with_rendition
from pipeline.documents.model import Act, Document, DocumentError, Effect, Media, Relation, Rendition

ID = "JORFTEXT000099990001"
ACT = Act(
    ID,
    "Arrêté du 1er février 2030 « fixant » des plafonds",
    nor="ABCD3000001A",
    signed=date(2030, 2, 1),
    published=date(2030, 2, 6),
    effect=Effect(date(2030, 2, 7), "lendemain_publication"),
)
DOCUMENT = Document(ID, ACT.title, "Ministère", "arrete", Path(), (), (ACT,), published=date(2030, 2, 6))


def same_words(stored: Path, data: bytes, media: Media) -> bool:
    """Two files print the same when they differ by white space only."""
    return stored.read_bytes().split() == data.split()


def text(body: str) -> bytes:
    return f"<?xml version='1.0'?><TEXTE>{body}</TEXTE>".encode()


def incoming(body: str = "un", delivery: str | None = None, name: str = f"{ID}.xml") -> Incoming:
    return Incoming(name, text(body), DOCUMENT, date(2030, 2, 6), delivery)


def take(raw: Path, file: Incoming) -> Step:
    step = archive.plan(raw, file, same_words)
    archive.apply(raw, step)
    return step


def files(raw: Path) -> list[str]:
    return sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*") if p.is_file())


def test_a_new_text_makes_a_document_that_reads_back(tmp_path: Path) -> None:
    step = take(tmp_path, incoming(delivery="20300206-001500"))
    assert step.action == "create"
    held = read_document(tmp_path / ID)
    assert held.acts == (ACT,)
    assert held.published == date(2030, 2, 6)
    assert [(r.file, r.delivery, r.added) for r in held.renditions] == [
        (f"{ID}.xml", "20300206-001500", date(2030, 2, 6))
    ]
    assert files(tmp_path) == [f"{ID}/{ID}.xml", f"{ID}/document.toml"]


def test_the_plan_alone_writes_nothing(tmp_path: Path) -> None:
    archive.plan(tmp_path, incoming(), same_words)
    assert files(tmp_path) == []


def test_the_same_bytes_and_the_same_content_change_nothing(tmp_path: Path) -> None:
    take(tmp_path, incoming("un deux"))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert take(tmp_path, incoming("un deux")).action == "nothing"
    step = take(tmp_path, incoming("un  deux", "20300206-210000"))
    assert (step.action, step.reason) == ("nothing", f"même contenu que {ID}.xml, octets différents")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_another_content_is_one_more_rendition_that_takes_the_place_of_the_former(tmp_path: Path) -> None:
    take(tmp_path, incoming("un", "20300206-001500"))
    step = take(tmp_path, incoming("deux", "20300206-210000"))
    held = read_document(tmp_path / ID)
    assert step.action == "add"
    assert [(r.file, r.replaces) for r in held.renditions] == [
        (f"{ID}_20300206-210000.xml", f"{ID}.xml"),
        (f"{ID}.xml", None),
    ]
    assert [r.file for r in held.current] == [f"{ID}_20300206-210000.xml"]


def test_a_text_that_goes_from_a_to_b_and_back_has_three_renditions(tmp_path: Path) -> None:
    for body, delivery in (("a", "20300206-001500"), ("b", "20300206-210000"), ("a", "20300207-001500")):
        assert take(tmp_path, incoming(body, delivery)).action in ("create", "add")
    held = read_document(tmp_path / ID)
    assert [held.path(r).read_bytes() for r in held.current] == [text("a")]
    assert len(held.renditions) == 3


def test_an_older_delivery_read_again_changes_nothing(tmp_path: Path) -> None:
    for body, delivery in (("a", "20300206-001500"), ("b", "20300206-210000")):
        take(tmp_path, incoming(body, delivery))
    step = take(tmp_path, incoming("a", "20300206-001500"))
    assert (step.action, step.reason) == ("nothing", f"livraison antérieure à celle de {ID}_20300206-210000.xml")


def test_one_delivery_with_two_contents_is_refused(tmp_path: Path) -> None:
    take(tmp_path, incoming("a", "20300206-001500"))
    assert take(tmp_path, incoming("b", "20300206-001500")).action == "refuse"


def test_a_rendition_taken_back_does_not_return_when_its_successor_is_damaged(tmp_path: Path) -> None:
    take(tmp_path, incoming("a", "20300206-001500"))
    step = take(tmp_path, incoming("b", "20300206-210000"))
    assert step.rendition
    damaged = tmp_path / ID / step.rendition.file
    damaged.chmod(0o644)
    damaged.write_bytes(text("c"))
    document, errors = read_document_leniently(tmp_path / ID)
    assert "n'est plus celui qui a été archivé" in str(errors[0])
    assert document.current == ()


def test_the_same_bytes_under_another_identifier_are_not_stored_twice(tmp_path: Path) -> None:
    take(tmp_path, incoming())
    other = replace(incoming(), document=replace(DOCUMENT, id="AUTRE"))
    assert take(tmp_path, other).reason == f"mêmes octets que {ID}/{ID}.xml"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xml", b"", "fichier vide"),
        ("a.pdf", b"<html></html>", "le contenu est un fichier html"),
        ("a.zip", b"PK\x03\x04\x00\x00", "archive zip"),
        ("a.xml", b"bonjour", "n'en est pas un"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    step = take(tmp_path, replace(incoming(), name=name, data=data))
    assert step.action == "refuse"
    assert said in step.reason
    assert files(tmp_path) == []


@pytest.mark.parametrize("document_id", ["", "..", "a/b", "reference", "Inbox", "é", ".x", "a" * 81])
def test_an_identifier_never_leads_out_of_the_archive(tmp_path: Path, document_id: str) -> None:
    step = take(tmp_path, replace(incoming(), document=replace(DOCUMENT, id=document_id)))
    assert step.action == "refuse"
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd.xml", "passwd.xml"),
        ("C:\\Mes documents\\arrêté n° 3.XML", "arr_t_n_3.xml"),
        (".xml", "xml.xml"),
        ("page", "page.xml"),
    ],
)
def test_a_name_is_made_plain_before_it_is_used(tmp_path: Path, name: str, stored: str) -> None:
    step = take(tmp_path, incoming(name=name))
    assert step.rendition
    assert step.rendition.file == stored


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.rename", "pathlib.Path.replace", "shutil.copyfile"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_disk_that_refuses_leaves_what_was_there_and_the_next_try_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    take(tmp_path, incoming("a", "20300206-001500"))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    calls = 0

    def refusing(*args: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == at:
            raise OSError(28, "No space left on device")
        return real(*args, **more)

    module, _, name = call.rpartition(".")
    owner = {"os": os, "pathlib.Path": Path, "shutil": shutil}[module]
    real = getattr(owner, name)
    for file in (
        incoming("b", "20300206-210000"),
        replace(incoming(), document=replace(DOCUMENT, id="NEW"), data=text("n")),
    ):
        calls = 0
        with monkeypatch.context() as patched, suppress(OSError):
            patched.setattr(owner, name, refusing)
            take(tmp_path, file)
        if calls >= at:
            assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
        take(tmp_path, file)
        assert read_document(tmp_path / file.document.id).current[0].sha256 == sha256(file.data).hexdigest()
        before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


def test_a_file_that_a_crash_left_undeclared_is_taken_over(tmp_path: Path) -> None:
    take(tmp_path, incoming("a", "20300206-001500"))
    (tmp_path / ID / f"{ID}_20300206-210000.xml").write_bytes(text("b"))
    take(tmp_path, incoming("b", "20300206-210000"))
    assert files(tmp_path) == [f"{ID}/{ID}.xml", f"{ID}/{ID}_20300206-210000.xml", f"{ID}/document.toml"]


def test_what_people_wrote_in_the_declaration_stays(tmp_path: Path) -> None:
    take(tmp_path, incoming("a"))
    path = tmp_path / ID / "document.toml"
    commented = path.read_text(encoding="utf-8").replace("[[rendition]]", "# relu le 7 février\n[[rendition]]")
    path.write_text(commented, encoding="utf-8")
    take(tmp_path, incoming("b", "20300207-001500"))
    after = path.read_text(encoding="utf-8")
    kept = commented[commented.index("# relu le 7 février") :]
    assert after.endswith(kept)


def test_a_declaration_that_cannot_take_the_rendition_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    take(tmp_path, incoming("a"))
    path = tmp_path / ID / "document.toml"
    head, _, rest = path.read_text(encoding="utf-8").partition("[[rendition]]")
    inline = f'rendition = [{{ file = "{ID}.xml", role = "published" }}]\n'
    path.write_text(inline + head + rest[rest.index("[[act]]") :], encoding="utf-8")
    before = files(tmp_path)
    with pytest.raises(DocumentError, match="déclarer le fichier à la main"):
        take(tmp_path, incoming("b", "20300207-001500"))
    assert files(tmp_path) == before


def test_a_declaration_that_replaces_a_file_it_has_not_is_refused(tmp_path: Path) -> None:
    take(tmp_path, incoming("a"))
    path = tmp_path / ID / "document.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("added =", 'replaces = "b.xml"\nadded ='), encoding="utf-8"
    )
    with pytest.raises(DocumentError, match=r"« b\.xml » n'est pas un autre fichier du document"):
        read_document(tmp_path / ID)


def test_a_folder_without_declaration_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / ID).mkdir()
    (tmp_path / ID / "notes.txt").write_text("à moi", encoding="utf-8")
    assert take(tmp_path, incoming()).action == "refuse"
    assert files(tmp_path) == [f"{ID}/notes.txt"]


@given(title=st.text(min_size=1), quote=st.text(), year=st.integers(0, 9999))
def test_any_text_survives_the_declaration(
    tmp_path_factory: pytest.TempPathFactory, title: str, quote: str, year: int
) -> None:
    folder = tmp_path_factory.mktemp("archive") / ID
    folder.mkdir()
    (folder / "a.xml").write_bytes(text("a"))
    relation = Relation("rectifie", "X", date_effet=date(2030, 1, 1))
    act = replace(
        ACT,
        title=title,
        relation=relation,
        parameters={"un jeu": {"annee": year, "citation": quote}},
        feeds=("un", quote),
    )
    rendition = Rendition("a.xml", "extract", "xml", archive.sha256_of(folder / "a.xml"), line_offset=3)
    written = replace(DOCUMENT, acts=(act,), renditions=(rendition,), parameters={"d": {"k": quote}})
    (folder / "document.toml").write_text(document_toml(written), encoding="utf-8")
    assert read_document(folder) == replace(written, folder=folder)
    (folder / "document.toml").write_text(with_rendition(document_toml(written), rendition), encoding="utf-8")
    assert len(read_document(folder).renditions) == 2
