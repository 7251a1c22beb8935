"""Deliveries that are torn, hostile or merely odd: read whole, or refused with the reason, in bounded memory."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.acquisition.archives import ArchiveError, Bounds, Member, Strange, members, verify
from tests.acquisition.served import archive, tar_gz, text, text_id

STAMP = "20300206-001500"
NAME = f"{text_id(1)}.xml"


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.tar.gz"
    path.write_bytes(archive(STAMP, {text_id(n): text(n) for n in (1, 2)}))
    return path


def made(tmp_path: Path, *infos: tarfile.TarInfo, end: bool = True) -> Path:
    """An archive of headers, each followed by as many zeros as it announces, up to a mebibyte; then a whole text."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for info in infos:
            tar.addfile(info, io.BytesIO(bytes(info.size)) if info.isreg() and info.size <= 1 << 20 else None)
        body = text(1)
        last = tarfile.TarInfo(f"jour/{NAME}")
        last.size = len(body)
        tar.addfile(last, io.BytesIO(body))
    path = tmp_path / "odd.tar.gz"
    path.write_bytes(gzip.compress(plain.getvalue() if end else plain.getvalue()[: -tarfile.RECORDSIZE]))
    return path


def info(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, link
    return member


def test_the_texts_of_a_delivery_come_in_order(day: Path) -> None:
    assert verify(day) == 2
    assert list(members(day)) == [Member(f"{text_id(n)}.xml", text(n)) for n in (1, 2)]


def test_tables_of_contents_and_other_files_are_passed_by(tmp_path: Path) -> None:
    path = tmp_path / "day.tar.gz"
    path.write_bytes(
        tar_gz({"a/JORFCONT000099990000.xml": b"<JO/>", "a/LISEZMOI.txt": b"", f"a/{NAME.lower()}": b"<TEXTE/>"})
    )
    assert list(members(path)) == [Member(NAME.lower(), b"<TEXTE/>")]


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (info(f"/etc/{NAME}"), "chemin qui sort de l'archive"),
        (info(f"a/../../{NAME}"), "chemin qui sort de l'archive"),
        (info(f"a\\..\\{NAME}"), "chemin qui sort de l'archive"),
        (info(NAME, tarfile.SYMTYPE, link="/etc/passwd"), "lien ou fichier spécial"),
        (info(NAME, tarfile.LNKTYPE, link="other"), "lien ou fichier spécial"),
        (info(NAME, tarfile.CHRTYPE), "lien ou fichier spécial"),
        (info(NAME, tarfile.FIFOTYPE), "lien ou fichier spécial"),
        (info(NAME, size=2000), "annonce 0 Mio, au plus 0 sont lus"),
    ],
)
def test_an_odd_member_is_named_and_the_rest_goes_on(tmp_path: Path, member: tarfile.TarInfo, reason: str) -> None:
    odd, good = members(made(tmp_path, member), Bounds(member=1500))
    assert isinstance(odd, Strange)
    assert odd.reason == reason
    assert good == Member(NAME, text(1))


def test_nothing_is_ever_written(tmp_path: Path) -> None:
    list(
        members(
            made(tmp_path, info("a/../../escaped.xml"), info("/absolute.xml"), info("l", tarfile.SYMTYPE, link="/"))
        )
    )
    assert [p.name for p in tmp_path.rglob("*")] == ["odd.tar.gz"]


@pytest.mark.parametrize("kept", [0, 1, 9, 10, 100, -600, -8, -1])
def test_a_torn_archive_is_refused_wherever_it_is_torn(day: Path, kept: int) -> None:
    day.write_bytes(day.read_bytes()[:kept])
    with pytest.raises(ArchiveError):
        verify(day)


def test_an_archive_that_ends_between_two_texts_is_torn(tmp_path: Path) -> None:
    plain = gzip.decompress(archive(STAMP, {text_id(n): text(n) for n in (1, 2)}))
    second = plain.index(text_id(2).encode())
    path = tmp_path / "torn.tar.gz"
    path.write_bytes(gzip.compress(plain[: second - second % 512]))
    with pytest.raises(ArchiveError, match="sans sa marque de fin"):
        verify(path)


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    plain = bytearray(gzip.decompress(archive(STAMP, {text_id(n): text(n) for n in (1, 2)})))
    second = plain.index(text_id(2).encode())
    plain[second] ^= 1
    path = tmp_path / "damaged.tar.gz"
    path.write_bytes(gzip.compress(bytes(plain)))
    with pytest.raises(ArchiveError, match="abîmée"):
        verify(path)


def test_a_page_of_error_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "day.tar.gz"
    path.write_bytes(b"<html>Service momentan\xc3\xa9ment indisponible</html>")
    with pytest.raises(ArchiveError, match=r"pas une archive tar\.gz"):
        verify(path)


def test_a_member_that_announces_ten_gigabytes_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=rf"{NAME} annonce 10240 Mio"):
        verify(made(tmp_path, info(NAME, size=10 << 30)))


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_bomb_is_left_early_and_takes_little_memory(tmp_path: Path, kind: bytes) -> None:
    """Forty mebibytes of zeros in forty kilobytes, as a file, as a long name, as an extended header."""
    size = 40 << 20
    head = info("zeros", kind, size).tobuf(tarfile.GNU_FORMAT)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(head + bytes(size)))
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match=r"10 Mio une fois|annonce 40|hors de toute mesure"):
            verify(path, Bounds(inflated=10 << 20))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_too_many_members_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="plus de 5 fichiers"):
        verify(made(tmp_path, *(info(f"d{n}", tarfile.DIRTYPE) for n in range(10))), Bounds(members=5))


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 10_000))
def test_no_damage_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int) -> None:
    whole = gzip.decompress(archive(STAMP, {text_id(n): text(n) for n in (1, 2)}))
    damaged = bytearray(whole[: len(whole) - cut % len(whole)] or b"\x00")
    damaged[at % len(damaged)] = byte
    path = tmp_path_factory.mktemp("damaged") / "day.tar.gz"
    path.write_bytes(gzip.compress(bytes(damaged), compresslevel=1))
    try:
        found = list(members(path))
    except ArchiveError:
        return
    assert all(isinstance(each, Member | Strange) for each in found)
