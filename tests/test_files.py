"""Files read with care, and written so that others cannot write them."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.files import (
    OddFileError,
    is_plain_name,
    is_written,
    keep_others_from_writing,
    open_plain,
    read_plain,
    read_sealed,
    shown_name,
    write_json,
    write_sealed,
)


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_others_cannot_write_what_is_made_whatever_the_umask(umask: int, tmp_path: Path) -> None:
    keep_others_from_writing()
    write_json(tmp_path / "folder" / "file.json", {})
    for path in (tmp_path / "folder", tmp_path / "folder" / "file.json"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & stat.S_IWOTH == 0
        assert mode & umask == 0, "what the umask forbids stays forbidden"


def test_only_plain_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))
    with open_plain(tmp_path / "file") as stream:
        assert stream.read() == b"x"
    for name in ("link", "folder", "pipe", "socket"):
        with pytest.raises(OddFileError):
            open_plain(tmp_path / name)
    with pytest.raises(OddFileError, match="périphérique"):
        open_plain(Path("/dev/zero"))
    with pytest.raises(FileNotFoundError):
        open_plain(tmp_path / "absent")
    listening.close()


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 10)
    assert read_plain(tmp_path / "file", 10) == b"x" * 10
    with pytest.raises(OddFileError, match="plus de"):
        read_plain(tmp_path / "file", 9)


@pytest.mark.parametrize("place", range(0, 100, 9))
def test_a_sealed_object_with_another_bit_is_none(tmp_path: Path, place: int) -> None:
    path = tmp_path / "sealed.json"
    value = {"a": [1, 2, {"é": None}], "seal": "a key like any other", "z": "x" * 40}
    write_sealed(path, value)
    assert read_sealed(path) == value
    data = bytearray(path.read_bytes())
    data[len(data) * place // 100] ^= 1
    path.write_bytes(data)
    assert read_sealed(path) is None
    path.write_bytes(data[:-3])
    assert read_sealed(path) is None


def test_a_file_open_for_writing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.write(b"half")
        stream.flush()
        assert is_written(path) == Path("/proc/self/fd").exists()
    with path.open("rb"):
        assert not is_written(path)


def test_names_that_no_page_could_carry(tmp_path: Path) -> None:
    assert is_plain_name("Arrêté du 3 mai.pdf")
    for name in ("a\nb", "a\x1b[31m", "a\u202eb", os.fsdecode(b"ann\xe9e"), "a\x00"):
        assert not is_plain_name(name)
        assert shown_name(name).isprintable()
