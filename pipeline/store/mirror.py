"""The record shared by several machines: their shelf, and the copy of it that stands in warehouse/versions.

On the shelf a version has one number over all datasets (records/000012.json), and that name, put if absent, is its
commit. Data files are named by their sha256: put before the commit, they are in nobody's way when it does not come.
Everything else reads the copy, which is a folder like any other. Packing many small files in one is in
`shelf_segments`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from pipeline import config
from pipeline.files import sha256_of, write_bytes, write_durably, write_json
from pipeline.settings import Settings
from pipeline.store.head import Head, head_of, mark_of, read_head, write_head
from pipeline.store.records import VersionRecord
from pipeline.store.shelf import Shelf, ShelfError, TakenError, honours_put_if_absent
from pipeline.store.shelf_object import shelf_at

RECORDS = "records"
ACTS = "acts"
FORGOTTEN = "forgotten"
_FOLDER_OF = {"_actes": ACTS, "_oublies": FORGOTTEN}
_UNKNOWN = "_inconnu"
"""Where a record stands whose text does not say of which dataset it is: it is refused there, by its name."""
_HEAD = "head.json"
_DATASET = re.compile(r"[a-z0-9_]+")
_NOTE = ".mirrored.json"
_AT_ONCE = 16


@dataclass(frozen=True)
class Missing:
    """A data file that the copy lacks: where it goes, its content, and the version it is of."""

    path: Path
    sha256: str
    version_no: int


class Mirror:
    """A shelf and its copy in `folder`. Used by the holder of the refresh lock only. Whatever touches the shelf raises
    OSError when it cannot be reached."""

    def __init__(self, shelf: Shelf, folder: Path) -> None:
        self.shelf = shelf
        self.folder = folder

    def pull(self) -> int:
        """Make the copy hold what the shelf holds, and the shelf what only the copy holds: how many records came.

        Raises ShelfError when both have a record of one number, and not the same.
        """
        there = {name for room in (RECORDS, ACTS, FORGOTTEN) for name in self.shelf.names(room)}
        known = {name: local for name, local in self._noted.items() if (self.folder / local).is_file()}
        known = {name: local for name, local in known.items() if name in there}
        new = sorted(there - known.keys())
        mine = {shelf_name(local): local for local in self._local()}
        texts = self._texts(new)
        for name in new:
            known[name] = self._placed(name, texts[name], mine.get(name))
        only_here = sorted(mine.keys() - there)
        for name in only_here:
            self._give(name, mine[name])
        known |= {name: mine[name] for name in only_here}
        self._fetch(self._missing(known.values()))
        self._settle_head(bool(only_here))
        if known != self._noted:
            self._noted = known
            self.remember()
        return len(new)

    def remember(self) -> None:
        """Keep which records are the same in both, so that the next pull does not read them again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / _NOTE, {"shelf": self.shelf.label, "records": self._noted})

    def put_data(self, dataset: str, files: Mapping[str, str]) -> None:
        """Put the data files of a version to come, each under its sha256. Raises ShelfError."""
        for name, sha256 in files.items():
            with _told(), suppress(TakenError):  # the same content, by its name
                self.shelf.put_if_absent(data_name(sha256), (self.folder / dataset / name).read_bytes())

    def put_record(self, local: str, text: str) -> None:
        """The commit: `local` is the record's name in the folder. Raises TakenError when another machine was first,
        ShelfError."""
        name = shelf_name(local)
        with _told():
            self.shelf.put_if_absent(name, text.encode())
        self._noted[name] = local

    def put_head(self, head: Head) -> None:
        """Say on the shelf what it must hold. Raises ShelfError."""
        with _told():
            self.shelf.replace(_HEAD, json.dumps({"records": head.records, "sum": head.sum}).encode())

    def pack(self, records: Sequence[VersionRecord]) -> int:
        """See `shelf_segments.pack`. Raises ShelfError."""
        from pipeline.store.shelf_segments import pack

        with _told():
            return pack(self.shelf, self.folder, records)

    # Inside

    def _local(self) -> Iterator[str]:
        for pattern in ("*/[0-9]*.json", "_oublies/n[0-9]*.json"):
            for path in self.folder.glob(pattern):
                if path.parent.name not in (_UNKNOWN, "_head"):
                    yield path.relative_to(self.folder).as_posix()

    def _texts(self, names: Iterable[str]) -> dict[str, bytes]:
        """The records of these names, those packed in segments read from them."""
        from pipeline.store.shelf_segments import packed_records

        wanted = list(names)
        found = packed_records(self.shelf, self.segments, wanted) if wanted else {}
        loose = [name for name in wanted if name not in found]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return found | dict(zip(loose, threads.map(self.shelf.read, loose), strict=True))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The names of the segments there were when first asked."""
        return tuple(self.shelf.names("segments"))

    def _placed(self, name: str, text: bytes, mine: str | None) -> str:
        """The record written where the folder has it: its name there."""
        local = local_name(name, text)
        for path in {self.folder / local, self.folder / (mine or local)}:
            if path.is_file() and path.read_bytes() != text:
                raise ShelfError(
                    f"{self.shelf.label}/{name} n'est pas l'enregistrement de {path.parent.name}/{path.name} : ce "
                    "dossier et ce dépôt ont deux histoires ; donner à l'un des deux une autre adresse dans [store]"
                )
        path = self.folder / local
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Its data first: here too, the record comes last.
            self._fetch(_wanted(path, text))
            write_durably(path, partial(write_bytes, text))
        return local

    def _missing(self, locals_: Iterable[str]) -> Iterator[Missing]:
        """The data files that records of the copy name and that are not there."""
        for local in locals_:
            path = self.folder / local
            stem = path.name.removesuffix(".json")
            if stem.isdigit() and path.parent.name[0] != "_":
                files = (path.with_name(stem + suffix) for suffix in (".parquet", ".cells.parquet"))
                if not all(file.is_file() for file in files):
                    # Written again since: other bytes of the same rows.
                    repaired = path.with_name(f"{stem}.repaired.json")
                    text = (repaired if repaired.is_file() else path).read_bytes()
                    yield from (each for each in _wanted(path, text) if not each.path.is_file())

    def _fetch(self, wanted: Iterable[Missing]) -> None:
        absent = [each for each in wanted if not (each.path.is_file() and sha256_of(each.path) == each.sha256)]
        if not absent:
            return
        from pipeline.store.shelf_segments import packed_data

        packed = packed_data(self.shelf, self.segments, {each.version_no for each in absent})

        def fetch(each: Missing) -> None:
            data = packed.get(each.sha256)
            # One that is gone from the shelf is told by whoever reads the version.
            with suppress(FileNotFoundError):
                found = self.shelf.read(data_name(each.sha256)) if data is None else data
                write_durably(each.path, partial(write_bytes, found))

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(fetch, absent))

    def _give(self, name: str, local: str) -> None:
        """Put on the shelf a record that only the copy has: those from before there was a shelf, or that it lost."""
        path = self.folder / local
        text = path.read_bytes()
        files = {each.path.name: each.sha256 for each in _wanted(path, text) if each.path.is_file()}
        self.put_data(path.parent.name, files)
        with suppress(TakenError):  # read at the next pull, which compares
            self.shelf.put_if_absent(name, text)

    def _settle_head(self, given: bool) -> None:
        """The copy's head is the shelf's; one is made where there is none, or records were given."""
        head = None if given else self._head()
        if head is None:
            records = [local for local in self._local() if not local.startswith("_oublies/")]
            marks = [mark_of(local, (self.folder / local).read_bytes()) for local in records]
            if not marks:
                return
            head = head_of(marks)
            self.put_head(head)
        if read_head(self.folder) != head:
            write_head(self.folder, head)

    def _head(self) -> Head | None:
        try:
            loaded = json.loads(self.shelf.read(_HEAD))
            return Head(int(loaded["records"]), f"{int(loaded['sum'], 16):064x}")
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ShelfError(f"{self.shelf.label}/{_HEAD} : illisible ; le retirer, il est alors refait") from error

    @cached_property
    def _noted(self) -> dict[str, str]:
        """Name on the shelf → name in the folder, of the records known to be the same in both."""
        try:
            noted = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            return dict(noted["records"]) if noted["shelf"] == self.shelf.label else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def mirror_of(settings: Settings) -> Mirror | None:
    """The mirror of a project whose versions stand elsewhere; None for most. Raises ConfigError, ShelfError."""
    declared = config.read(settings).store
    if not declared.versions:
        return None
    return Mirror(
        shelf_at(declared.versions, cache_folder(settings, declared), declared.endpoint, declared.region),
        settings.versions,
    )


def pull(settings: Settings) -> None:
    """Bring the versions here to the state of the project's shelf, where it has one. The caller holds the refresh lock.
    Raises ConfigError, ShelfError."""
    mirror = mirror_of(settings)
    if mirror is None:
        return
    with _told():
        try:
            mirror.pull()
        except FileNotFoundError:
            # Packed, and so removed, between the list and the reading.
            Mirror(mirror.shelf, mirror.folder).pull()


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be reached, as a message that names the setting."""
    try:
        yield
    except OSError as error:
        raise ShelfError(
            f"[store] versions : {error} ; rien n'est validé sans ce dépôt, relancer quand il répond"
        ) from error


def shelf_problem(settings: Settings) -> str:
    """Why the project's shelf cannot be trusted with commits (French), '' when it can, or there is none.

    Tried on the shelf itself, and noted when it is well, so that a probe tries it once. Raises ConfigError.
    """
    declared = config.read(settings).store
    if not declared.versions:
        return ""
    note, seen = settings.warehouse / "shelf_tried.json", [declared.versions, declared.endpoint]
    with suppress(OSError, ValueError):
        if json.loads(note.read_text(encoding="utf-8")) == seen:
            return ""
    try:
        mirror = mirror_of(settings)
        if mirror and not honours_put_if_absent(mirror.shelf):
            return (
                f"[store] versions : {declared.versions} remplace malgré la condition un fichier qui existe : deux "
                "machines pourraient valider le même numéro ; choisir un dépôt qui honore If-None-Match"
            )
    except (ShelfError, OSError) as error:
        return f"[store] versions : {error}"
    with suppress(OSError):  # whoever may only read tries it again
        write_json(note, seen)
    return ""


def cache_folder(settings: Settings, declared: config.Store) -> Path:
    """Where what is fetched from shelves is kept."""
    return settings.root / declared.cache if declared.cache else settings.warehouse / ".cache"


def data_name(sha256: str) -> str:
    """The name on the shelf of a data file with this content."""
    return f"data/{sha256}.parquet"


def shelf_name(local: str) -> str:
    """The name on the shelf of a record of the folder: 'zonage_abc/000012.json' → 'records/000012.json'."""
    folder, name = local.split("/")
    return f"{_FOLDER_OF.get(folder, RECORDS)}/{name}"


def local_name(name: str, text: bytes) -> str:
    """The name in the folder of a record of the shelf, which says itself of which dataset it is."""
    room, file = name.split("/")
    folder = next((folder for folder, own in _FOLDER_OF.items() if own == room), None)
    return f"{folder or _dataset_of(text)}/{file}"


def _dataset_of(text: bytes) -> str:
    try:
        dataset = json.loads(text)["dataset"]
    except (ValueError, KeyError, TypeError):
        return _UNKNOWN
    return dataset if isinstance(dataset, str) and _DATASET.fullmatch(dataset) else _UNKNOWN


def _wanted(path: Path, text: bytes) -> Iterator[Missing]:
    """The data files that a record names, where they go; nothing for one that cannot be read."""
    try:
        files, number = dict(json.loads(text)["files"]), int(path.name.split(".")[0])
    except (ValueError, KeyError, TypeError):
        return
    for name, sha256 in files.items():
        if name in (f"{number:06d}.parquet", f"{number:06d}.cells.parquet") and re.fullmatch("[0-9a-f]{64}", sha256):
            yield Missing(path.with_name(name), sha256, number)
