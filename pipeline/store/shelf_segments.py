"""Old small versions of a shelf packed many in one file, so that a new machine reads hundreds of files and not a
hundred thousand. Numbers stay: the record of a packed version keeps its name on the shelf, for that name is its commit;
its data files are removed once the segment holds them.
"""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.records import VersionRecord
from pipeline.store.shelf import Shelf

SMALL = 256 * 1024
"""Bytes of the data files of a version that may be packed."""
A_SEGMENT = 200
"""Versions of one segment."""
RECENT = 100
"""The newest versions, over all datasets, are left alone."""


@dataclass(frozen=True)
class Segment:
    """The small versions of a dataset from one number to another, in one file whose name says so."""

    dataset: str
    first: int
    last: int

    @property
    def name(self) -> str:
        return f"segments/{self.dataset}/{self.first:06d}-{self.last:06d}.zip"

    def covers(self, record: VersionRecord) -> bool:
        return self.dataset == record.dataset and self.first <= record.version_no <= self.last


def pack(shelf: Shelf, folder: Path, records: Sequence[VersionRecord]) -> int:
    """Pack what is old and small of `records`, all whole versions, whose copies stand in `folder`: how many were.

    The caller holds the refresh lock. Raises OSError; cut short at any point, nothing is lost.
    """
    if len(records) < RECENT + A_SEGMENT:
        return 0
    segments = list(_segments(shelf.names("segments")))
    loose: defaultdict[str, list[VersionRecord]] = defaultdict(list)
    for record in sorted(records, key=lambda r: r.version_no)[:-RECENT]:
        if _is_small(folder, record) and not any(segment.covers(record) for segment in segments):
            loose[record.dataset].append(record)
    count = 0
    for dataset, mine in loose.items():
        for n in range(0, len(mine) - A_SEGMENT + 1, A_SEGMENT):
            chunk = mine[n : n + A_SEGMENT]
            segment = Segment(dataset, chunk[0].version_no, chunk[-1].version_no)
            shelf.put_if_absent(segment.name, _zipped(folder, chunk))
            segments.append(segment)
            count += len(chunk)
    _remove_data(shelf, segments, records)
    return count


def packed_records(shelf: Shelf, segments: Sequence[str], names: Collection[str]) -> dict[str, bytes]:
    """Of the records of these names on the shelf, those that segments hold."""
    numbers = {int(name[8:-5]) for name in names if name.startswith("records/") and name[8:-5].isdigit()}
    found = {f"records/{Path(member).name}": data for member, data in _members(shelf, segments, numbers, ".json")}
    return {name: data for name, data in found.items() if name in names}


def packed_data(shelf: Shelf, segments: Sequence[str], numbers: Collection[int]) -> Mapping[str, bytes]:
    """sha256 → content of the data files of these versions, as far as segments hold them."""
    return {Path(member).stem: data for member, data in _members(shelf, segments, numbers, ".parquet")}


def _members(
    shelf: Shelf, segments: Sequence[str], numbers: Collection[int], suffix: str
) -> Iterator[tuple[str, bytes]]:
    for segment in _segments(segments):
        if any(segment.first <= number <= segment.last for number in numbers):
            with zipfile.ZipFile(shelf.fetch(segment.name)) as archive:
                for member in archive.namelist():
                    if member.endswith(suffix):
                        yield member, archive.read(member)


def _segments(names: Iterable[str]) -> Iterator[Segment]:
    for name in names:
        first, _, last = Path(name).stem.partition("-")
        if first.isdigit() and last.isdigit():
            yield Segment(Path(name).parent.name, int(first), int(last))


def _is_small(folder: Path, record: VersionRecord) -> bool:
    """Whether the version may be packed: small, and never written again, so that its files are those of its record."""
    if (folder / record.dataset / f"{record.version_no:06d}.repaired.json").is_file():
        return False
    return sum((folder / record.dataset / name).stat().st_size for name in record.files) <= SMALL


def _zipped(folder: Path, records: Sequence[VersionRecord]) -> bytes:
    """The records and their data files, as one archive that is the same whoever makes it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for record in records:
            own = folder / record.dataset
            number = f"{record.version_no:06d}.json"
            # Parquet is compressed already, and dates of files say nothing.
            archive.writestr(zipfile.ZipInfo(f"records/{number}"), (own / number).read_bytes())
            for name, sha256 in sorted(record.files.items()):
                member = zipfile.ZipInfo(f"data/{sha256}.parquet")
                if member.filename not in archive.namelist():
                    archive.writestr(member, (own / name).read_bytes())
    return whole.getvalue()


def _remove_data(shelf: Shelf, segments: Sequence[Segment], records: Sequence[VersionRecord]) -> None:
    """Remove the data files that a segment was seen to hold, unless a version that is in none names them too."""
    covered = [r for r in records if any(segment.covers(r) for segment in segments)]
    numbers = {r.version_no for r in covered}
    kept = {sha for r in records if r.version_no not in numbers for sha in r.files.values()}
    there = set(shelf.names("data"))
    left = [r for r in covered if any(f"data/{sha}.parquet" in there for sha in set(r.files.values()) - kept)]
    names = [segment.name for segment in segments]
    for sha256 in packed_data(shelf, names, {r.version_no for r in left}):
        if sha256 not in kept and (name := f"data/{sha256}.parquet") in there:
            shelf.remove(name)
