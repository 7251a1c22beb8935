"""What a person set for the project: annexes.toml, then the environment. The one reader of that file; nothing here
opens a connection, and nothing is accepted that it does not know.

`read` is the file; `load` the feed as it applies, the environment heard. `described` tells every setting with its
value, its default and where the value comes from.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

from annotated_types import Ge, Interval, MinLen

from pipeline.errors import USAGE, AnnexesError
from pipeline.files import OddFileError, is_kept, keep_good, read_toml
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

OFFICIAL = "https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/"
"""The directory of the DILA, open data of the Journal officiel, one self-contained file a text."""
URL_VARIABLE = "ANNEXES_FEED_URL"
ROOT_VARIABLE = "ANNEXES_ROOT"


class ConfigError(AnnexesError):
    """annexes.toml, or a variable of the environment, cannot be followed (French)."""

    code = USAGE


@dataclass(frozen=True)
class Feed:
    """`since` starts the first round; `batch` is how many deliveries a round takes, 1 to 1000; `silence_days` how many
    days of publication without a delivery are worth a finding, 1 or more."""

    base_url: str = OFFICIAL
    enabled: bool = False
    all_tables: bool = False
    since: date | None = None
    batch: Annotated[int, Interval(ge=1, le=1000)] = 60
    silence_days: Annotated[int, Ge(1)] = 2


@dataclass(frozen=True)
class Schedule:
    """`enabled` turns on, at once, all that Dagster starts by itself."""

    enabled: bool = False


@dataclass(frozen=True)
class Engine:
    """Where documents are read. `workers`: items at once, 0 for as many as there are processors.

    For Dask: `address` of the scheduler and, unless it is this machine's, `ca`, `cert` and `key` (PEM files, from the
    project's folder).
    """

    kind: Literal["local", "dask"] = "local"
    address: str = ""
    workers: Annotated[int, Ge(0)] = 0
    ca: str = ""
    cert: str = ""
    key: str = ""


@dataclass(frozen=True)
class Lock:
    """`postgres` names the variable of the environment that holds the address of a database: where it is set, the
    refresh lock is shared by all machines that use that database and the same `name`. `wait`: for so many seconds."""

    postgres: str = ""
    name: str = "annexes"
    wait: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True)
class Store:
    """Where files stand that several machines share, each a folder or s3://bucket/prefix; empty: in the project.

    `versions`: the record; `raw`: the files of documents, from where Dask's workers fetch them; `published`: the
    published file for other machines. `endpoint` and `region` are those of a store other than Amazon's; `cache` is the
    folder of what is fetched. Credentials come from the environment only.
    """

    versions: str = ""
    raw: str = ""
    published: str = ""
    endpoint: str = ""
    region: str = ""
    cache: str = ""


@dataclass(frozen=True)
class Ocr:
    """`enabled`: pages without text are recognised by Tesseract, in its `language` (fra, fra+eng…)."""

    enabled: bool = False
    language: Annotated[str, MinLen(1)] = "fra"


@dataclass(frozen=True)
class Site:
    """`url`: where people find the catalogue that `annexes site` writes; Dagster's pages lead there. Empty: where
    `annexes site --serve` shows it."""

    url: str = ""


@dataclass(frozen=True)
class Configuration:
    """The whole of annexes.toml. `alert` is a program and its arguments, written as a command line or a list."""

    alert: tuple[str, ...] = ()
    feed: Feed = field(default_factory=Feed)
    schedule: Schedule = field(default_factory=Schedule)
    engine: Engine = field(default_factory=Engine)
    lock: Lock = field(default_factory=Lock)
    store: Store = field(default_factory=Store)
    ocr: Ocr = field(default_factory=Ocr)
    site: Site = field(default_factory=Site)


@dataclass(frozen=True)
class Setting:
    """One setting as it applies, the value it has when nobody says anything, and who said it."""

    name: str
    value: Any
    default: Any
    origin: str


def declared(settings: Settings) -> Configuration:
    """annexes.toml as declared; all defaults when there is none. Raises ConfigError, with file, place and remedy."""
    return _declared(settings.configuration)


def read(settings: Settings) -> Configuration:
    """The settings in force: as declared or, while annexes.toml cannot be followed, as they were when a command that
    writes last could (`problem` says why). Raises ConfigError when none ever could."""
    try:
        return declared(settings)
    except ConfigError:
        former = settings.in_force / settings.configuration.name
        if not former.is_file():
            raise
        return _declared(former)


def problem(settings: Settings) -> str:
    """Why annexes.toml cannot be followed (French), '' when it can or there is none."""
    if is_kept(settings.configuration, settings.in_force / settings.configuration.name):
        return ""
    try:
        declared(settings)
    except ConfigError as error:
        return f"{error.message} ; les réglages d'avant restent en vigueur"
    return ""


def keep(settings: Settings) -> None:
    """Keep the settings that can be followed, for a day when they cannot. The caller holds the refresh lock."""
    if not problem(settings):
        keep_good(settings.configuration, settings.in_force / settings.configuration.name)


def _declared(path: Path) -> Configuration:
    try:
        table = read_toml(path)
    except FileNotFoundError:
        return Configuration()
    except (OddFileError, OSError) as error:
        raise ConfigError(f"{path.name} : illisible : {error}") from error
    return _validated(table, path.name)


def load(settings: Settings, environ: Mapping[str, str] = os.environ) -> Feed:
    """The feed as it applies: off unless [feed] says `enabled = true` or $ANNEXES_FEED_URL names a directory.

    Raises ConfigError.
    """
    feed = read(settings).feed
    if address := environ.get(URL_VARIABLE, "").strip():
        feed = replace(feed, base_url=address, enabled=True)
    if not _is_web_address(feed.base_url):
        raise ConfigError(f"adresse du flux « {feed.base_url} » : une adresse http ou https est attendue")
    return replace(feed, base_url=feed.base_url.rstrip("/") + "/")


def _is_web_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def described(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Setting]:
    """Every setting of the project, its folder first. Raises ConfigError."""
    origin = ROOT_VARIABLE if environ.get(ROOT_VARIABLE) else "dossier courant ou parent"
    yield Setting("racine", str(settings.root), None, origin)
    said, defaults = declared(settings), Configuration()
    name = settings.configuration.name
    yield Setting("alert", said.alert, defaults.alert, _origin(said.alert, defaults.alert, name))
    feed, heard = said.feed, bool(environ.get(URL_VARIABLE, "").strip())
    applied = load(settings, environ)
    for each in fields(Feed):
        default, here = getattr(defaults.feed, each.name), getattr(feed, each.name)
        by_variable = heard and each.name in ("base_url", "enabled")
        place = URL_VARIABLE if by_variable else _origin(here, default, name)
        yield Setting(f"feed.{each.name}", getattr(applied, each.name), default, place)
    for table in ("schedule", "engine", "lock", "store", "ocr", "site"):
        said_there, usual = getattr(said, table), getattr(defaults, table)
        for each in fields(said_there):
            value, default = getattr(said_there, each.name), getattr(usual, each.name)
            yield Setting(f"{table}.{each.name}", value, default, _origin(value, default, name))


def _origin(value: Any, default: Any, name: str) -> str:
    return "défaut" if value == default else name


def _validated(table: Mapping[str, Any], name: str) -> Configuration:
    """The table as settings; pydantic is loaded only where there is one to judge."""
    from pydantic import ValidationError

    said = {key: value for key, value in table.items() if key != "alert"}
    try:
        file = _model(Configuration).model_validate(said)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{name}, {_told(each)}" for each in error.errors())) from error
    alert = _words(table.get("alert", ""), name)
    tables = {f.name: f.default_factory for f in fields(Configuration) if f.default_factory is not MISSING}
    found = Configuration(alert, **{key: kind(**vars(getattr(file, key))) for key, kind in tables.items()})
    _refuse_secrets(found.store, name)
    if found.site.url and not _is_web_address(found.site.url):
        raise ConfigError(f"{name}, site.url : une adresse http ou https est attendue, non {found.site.url!r}")
    return found


def _model(settings: type) -> type[BaseModel]:
    """The settings as pydantic judges what a person wrote: no other key, no value of another type. Given a mapping, it
    takes no dataclass that strictly."""
    from pydantic import ConfigDict, Field, create_model

    declared: dict[str, Any] = {}
    hints = get_type_hints(settings, include_extras=True)
    for each in fields(settings):
        if is_dataclass(hint := hints[each.name]):
            inner = _model(hint)  # type: ignore[arg-type]
            declared[each.name] = (inner, Field(default_factory=inner))
        else:
            declared[each.name] = (hint, each.default)
    return create_model(settings.__name__, __config__=ConfigDict(extra="forbid", strict=True), **declared)


def _refuse_secrets(store: Store, name: str) -> None:
    """An address that holds a password would stand in a file that is kept and copied."""
    for each in fields(Store):
        if "@" in urlsplit(getattr(store, each.name)).netloc:
            raise ConfigError(
                f"{name}, store.{each.name} : une adresse sans identifiants est attendue ; les mettre dans "
                "l'environnement (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
            )


_EXPECTED = {
    "bool_type": ("true ou false est attendu, sans guillemets", "true"),
    "int_type": ("un nombre entier est attendu, sans guillemets", "60"),
    "string_type": ("un texte entre guillemets est attendu", '"…"'),
    "string_too_short": ("un texte qui n'est pas vide est attendu", '"…"'),
    "literal_error": ("« local » ou « dask » est attendu", '"dask"'),
    "date_type": ("une date est attendue, sans guillemets", "2026-01-31"),
}


def _told(error: ErrorDetails) -> str:
    """'feed.enabled : true ou false est attendu… ; écrire : enabled = true'."""
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{place} : clé inconnue ; l'enlever, ou corriger son nom (`annexes config` les montre toutes)"
    if error["type"] == "model_type":
        return f"{place} : une table est attendue ; écrire : [{place}]"
    if "ge" in error.get("ctx", {}) or "le" in error.get("ctx", {}):
        bounds = error["ctx"]
        limit = f"{bounds['ge']} ou plus" if "ge" in bounds else f"{bounds['le']} au plus"
        return f"{place} : {limit} est attendu, non {error['input']!r}"
    said, example = _EXPECTED.get(error["type"], (error["msg"], "…"))
    return f"{place} : {said}, non {error['input']!r} ; écrire : {error['loc'][-1]} = {example}"


def _words(said: Any, name: str) -> tuple[str, ...]:
    """The alert command as program and arguments: a command line is split as a shell would, without one."""
    try:
        words = shlex.split(said) if isinstance(said, str) else said
    except ValueError as error:
        raise ConfigError(f"{name}, alert : illisible : {error}") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigError(
            f"{name}, alert : une ligne de commande, ou une liste de textes, est attendue ; "
            'écrire : alert = "/usr/local/bin/previens --salon housing"'
        )
    return tuple(words)
