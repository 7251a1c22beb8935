"""What code a process runs, as one hash: two machines whose hashes are equal read a file alike."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# Packages whose versions may change what is read.
READERS = ("lxml", "numpy", "pandas", "pdfminer.six", "pdfplumber", "pyarrow", "pypdfium2", "rapidfuzz")


def fingerprint() -> str:
    """Hexadecimal sha256 over the product's source, Python's version and those of the packages that read.

    Of the source as it is now: children started from now on import that. Hashed again only when a file has changed.
    """
    files = sorted(path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".sql"))
    return _hash(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


@cache
def _hash(files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256(".".join(map(str, sys.version_info[:2])).encode())
    for name, version in reader_versions().items():
        digest.update(f"\x1f{name} {version}".encode())
    for path, _, _ in files:
        data = path.read_bytes()
        digest.update(f"\x1e{path.relative_to(_PACKAGE).as_posix()}\x1f{len(data)}\x1f".encode())
        digest.update(data)
    return digest.hexdigest()


@cache
def reader_versions() -> dict[str, str]:
    """The versions of the packages that may change what is read."""
    return {name: _version(name) for name in READERS}


def _version(name: str) -> str:
    try:
        return installed(name)
    except PackageNotFoundError:
        return "absent"
