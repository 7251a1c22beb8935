"""The folder: made once, made again only where something changed, and of a bounded weight."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pipeline.products.addresses import slug
from pipeline.settings import Settings
from pipeline.site import pages, search
from pipeline.site.build import MANIFEST, FolderError, build
from pipeline.site.render import data, embedded
from pipeline.site.source import PACKAGE, SiteSource, opened

VENDOR = PACKAGE / "assets/vendor"
# What each kind of page loads beside its own HTML, data of one commune or value included.
HEAVIEST = ("assets/vendor/editor.js", "assets/vendor/d3.js", "assets/vendor/plot.js", "assets/site.css")


@pytest.fixture(scope="module")
def site(small_project: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "pages"
    build(small_project, target)
    return target


def test_a_second_build_makes_nothing(small_project: Settings, site: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in site.rglob("*.*") if p.name != MANIFEST}
    again = build(small_project, site)
    assert (again.made, again.removed) == (0, 0)
    assert {p: p.stat().st_mtime_ns for p in site.rglob("*.*") if p.name != MANIFEST} == before


def test_what_is_missing_or_changed_is_made_again_and_the_rest_kept(small_project: Settings, site: Path) -> None:
    (site / "donnees/versions/1.js").unlink()
    manifest = json.loads((site / MANIFEST).read_text())
    manifest["recherche"]["inputs"] = "of another publish"
    manifest["gone"] = {"inputs": "", "files": ["donnees/vieux.js"]}
    (site / MANIFEST).write_text(json.dumps(manifest))
    (site / "donnees/vieux.js").write_text("")
    (site / "a-moi.txt").write_text("left alone")
    again = build(small_project, site)
    assert (site / "donnees/versions/1.js").is_file()
    assert again.made == len(manifest["version/1"]["files"]) + 1
    assert again.removed == 1
    assert (site / "a-moi.txt").read_text() == "left alone"


def test_a_folder_that_holds_other_things_is_refused(small_project: Settings, tmp_path: Path) -> None:
    (tmp_path / "these.txt").write_text("mine")
    with pytest.raises(FolderError):
        build(small_project, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["these.txt"]


def test_every_page_has_the_policy_and_names_no_address_outside(site: Path) -> None:
    loaded = ('src="http', 'href="http', "url(http", "//cdn")
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text
        assert "<script>" not in text and " style=" not in text and " onclick" not in text, path
        for line in text.splitlines():
            assert not any(word in line for word in loaded) or "legifrance" in line, (path, line)


def test_what_is_vendored_is_what_was_recorded() -> None:
    for name, said in pages.vendored().items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == said["sha256"], name
        assert said["licence"] in ("ISC", "MIT", "CC-BY-4.0", "OFL-1.1")
        assert (VENDOR / said["notice"]).is_file()


def test_the_heaviest_page_is_under_a_megabyte_and_a_half(site: Path) -> None:
    fonts = sum(path.stat().st_size for path in (site / "assets/vendor").glob("*.woff2"))
    shared = sum((site / name).stat().st_size for name in HEAVIEST)
    largest = max(path.stat().st_size for path in site.glob("*.html"))
    assert fonts + shared + largest < 1_500_000


def test_the_index_of_all_communes_is_under_a_megabyte(shipped: Settings) -> None:
    with opened(shipped) as source:
        index = data("recherche", search.index(source))
    assert len(index) < 1_000_000


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "\u2028", "&lt;"])
def test_no_text_ends_the_element_or_the_string_that_holds_it(text: str) -> None:
    assert json.loads(embedded([text])) == [text]
    written = data("x", text).decode()
    assert not any(sign in written for sign in ("<", ">", "\u2028"))


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../../etc", "é", "a" * 100, "annexe.txt"])
def test_an_address_made_of_a_name_stays_in_its_folder(name: str) -> None:
    made = slug(name)
    assert made and "/" not in made and made.strip(".") and len(made) <= 80
    assert slug("annexe.txt") == "annexe.txt"


def test_a_chunk_of_rows_says_what_each_value_cites(source: SiteSource) -> None:
    from pipeline.site import rows
    from pipeline.site.pictures import Frames

    (version,) = source.versions
    dataset = source.datasets[version["dataset"]]
    (told, *_) = rows.told(source, dataset, version, Frames(source, version["document"]))
    threshold = [c.name for c in dataset.columns].index("seuil_euros_par_uc_an")
    row = told["lignes"][4]
    (piece,) = [told["pieces"][n] for n in told["citations"][4][str(threshold)]]
    assert int("".join(c for c in piece["texte"] if c.isdigit())) == row[threshold]
    assert piece["fichier"] == "annexe.txt" and piece["ligne"] > 0
    assert told["cadres"][4]["fichier"] == "annexe.pdf"
    assert len(told["cadres"][4]["boites"][str(threshold)]) == 1
