"""All that the catalogue is made of: bundles of files, each with a word that changes when it must be made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.products.addresses import digest, of_act, of_dataset, slug
from pipeline.site import catalogue, communes, downloads, maps, news, pictures, relations, rows, search, texts
from pipeline.site.pictures import Frames
from pipeline.site.render import data, page
from pipeline.site.source import PACKAGE, Row, SiteSource

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Bundle:
    """Files that are made together. `inputs` names all that they are made from; equal inputs give equal files."""

    name: str
    inputs: str
    make: Callable[[], Files]


def bundles(source: SiteSource) -> Iterator[Bundle]:
    """Everything, what takes longest first."""
    code, dress = code_word(), dress_word()
    yield Bundle("communes", digest(code, source.held, source.reference, source.said), lambda: _communes(source))
    for version in source.versions:
        if version["dataset"] in source.datasets:
            yield _version(source, version, code)
    for dataset in source.datasets.values():
        versions = source.held_of(dataset.name)
        yield Bundle(f"jeu/{dataset.name}", digest(code, versions), partial(_dataset, source, dataset))
        yield Bundle(f"tables/{dataset.name}", digest(code, versions), partial(downloads.files, source, dataset))
    for cited in texts.cited_lines(source):
        yield _text(source, cited, code)
    for (document, file), pages in pictures.cited_pages(source).items():
        yield _pictures(source, document, file, pages)
    yield Bundle("recherche", digest(code, source.held, source.reference, source.said), lambda: _search(source))
    yield Bundle("cartes", digest(code, dress, source.held, source.published), lambda: _maps(source))
    today = str(datetime.now(UTC).date())
    yield Bundle("pages", digest(code, dress, source.published, today, str(source.live)), lambda: _pages(source))
    yield Bundle("assets", dress, _assets)


@cache
def code_word() -> str:
    """A word that changes with the program that makes data: this room, and what it reads with."""
    return _word(*(p for room in ("site", "products", "datasets") for p in (PACKAGE.parent / room).rglob("*.py")))


@cache
def dress_word() -> str:
    """A word that changes with templates, styles and scripts."""
    return _word(*(p for folder in ("templates", "assets") for p in (PACKAGE / folder).rglob("*") if p.is_file()))


def _word(*files: Path) -> str:
    return digest(*(f"{p.name} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in sorted(files)))


def _communes(source: SiteSource) -> Files:
    yield "donnees/calendrier.js", data("calendrier", communes.calendar(source))
    yield "donnees/epci.js", data("epci", communes.groupings(source))
    for place, found in communes.shards(source):
        yield f"donnees/communes/{place}.js", data(f"communes/{place}", found)


def _version(source: SiteSource, version: Row, code: str) -> Bundle:
    dataset = source.datasets[version["dataset"]]
    number = version["version_no"]

    def make() -> Files:
        frames = Frames(source, version["document"])
        yield f"donnees/versions/{number}.js", data(f"versions/{number}", rows.version_data(source, dataset, version))
        for n, told in enumerate(rows.told(source, dataset, version, frames)):
            name = f"lignes/{number}/{n}"
            yield f"donnees/{name}.js", data(name, told)

    declared = source.declared_word(version["document"])
    return Bundle(
        f"version/{number}", digest(code, version["content_sha256"], version["inputs_sha256"], declared), make
    )


def _dataset(source: SiteSource, dataset: Dataset) -> Files:
    said = rows.dataset_data(source, dataset)
    yield f"donnees/jeux/{dataset.name}.js", data(f"jeux/{dataset.name}", said)
    for number, found in rows.lives(source, dataset).items() if said["vies"] else ():
        name = f"vies/{dataset.name}/{number}"
        yield f"donnees/{name}.js", data(name, found)


def _text(source: SiteSource, cited: Row, code: str) -> Bundle:
    def make() -> Files:
        for number in texts.chunks(cited):
            name = f"textes/{slug(cited['document'])}/{slug(cited['file'])}/{number}"
            yield f"donnees/{name}.js", data(name, texts.chunk(source, cited, number))

    inputs = digest(code, cited["sha256"], str(cited["lines"]))
    return Bundle(f"texte/{cited['document']}/{cited['file']}", inputs, make)


def _pictures(source: SiteSource, document: str, file: str, pages: list[int]) -> Bundle:
    (rendition,) = source.rows("SELECT sha256 FROM meta.renditions WHERE document = ? AND file = ?", document, file)

    def make() -> Files:
        drawn = pictures.drawn(source, document, file, pages)
        for number, picture in drawn.items():
            yield pictures.picture_name(document, file, number), picture.png
        name = f"pages/{slug(document)}/{slug(file)}"
        yield f"donnees/{name}.js", data(name, {str(n): [p.width, p.height] for n, p in drawn.items()})

    return Bundle(f"images/{document}/{file}", digest("1", rendition["sha256"], str(pages)), make)


def _search(source: SiteSource) -> Files:
    yield "donnees/recherche.js", data("recherche", search.index(source))


def _maps(source: SiteSource) -> Files:
    yield "cartes.html", page("cartes.html", "cartes.html", {**_shared(source), **maps.context(source)})


def _pages(source: SiteSource) -> Files:
    """The pages for people; all are made again after each publish, for each may tell a finding."""
    shared = _shared(source)
    summaries = catalogue.summaries(source)
    acts = catalogue.acts(source)

    def made(path: str, template: str, **context: Any) -> tuple[str, bytes]:
        return path, page(template, path, {**shared, **context})

    told = {"summaries": summaries, "acts": acts, "slug": slug}
    yield made("index.html", "accueil.html", **told, totals=catalogue.totals(source))
    yield made("jeux.html", "jeux.html", **told)
    yield made("actes.html", "actes.html", **told)
    yield made("nouveautes.html", "nouveautes.html", slug=slug, **news.context(source))
    yield made("mentions.html", "mentions.html", **catalogue.notices(source))
    for name in ("valeur", "lignes", "commune", "epci"):
        yield made(f"{name}.html", f"{name}.html")
    if source.live:
        yield made("sql.html", "sql.html", dictionary=catalogue.dictionary(source))
    for summary in summaries:
        if summary["dataset"] in source.datasets:
            said = catalogue.dataset_page(source, source.datasets[summary["dataset"]], summary)
            yield made(of_dataset(summary["dataset"]), "jeu.html", **said, files=downloads.KINDS)
    for act in acts:
        said = catalogue.act_page(source, act, acts)
        yield made(of_act(act["act_id"]), "acte.html", **said, graph=relations.of_act(act, said))


def _shared(source: SiteSource) -> Mapping[str, Any]:
    return {"live": source.live, "published_at": source.published_at}


def _assets() -> Files:
    folder = PACKAGE / "assets"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            yield f"assets/{path.relative_to(folder).as_posix()}", path.read_bytes()


def vendored() -> Mapping[str, Mapping[str, str]]:
    """What comes from others: file → package, version, licence, notice, sha256."""
    path: Path = PACKAGE / "assets/vendor/vendor.json"
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
