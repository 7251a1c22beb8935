"""What each publication leaves said of what it brought."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipeline.products.changes import NewVersion, Report, as_markdown
from pipeline.refresh import changes
from pipeline.refresh.changes import read_reports
from pipeline.settings import Settings
from tests.production import publish
from tests.refresh.small import ACT, DATASET, DOCUMENT, PRICES, published, read

DAY = datetime(2030, 1, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Published, then another edition, dearer in zone A, a year later."""
    settings = published(tmp_path_factory.mktemp("changes") / "project")
    path = settings.raw / DOCUMENT / "document.toml"
    text = path.read_text(encoding="utf-8").replace(ACT, "XXXX1000001A").replace("2009-04-10", "2010-04-10")
    path.write_text(text, encoding="utf-8")
    read(settings, {**PRICES, "A": 4_200})
    publish(settings, now=DAY)
    return settings


def test_each_publication_that_brought_something_is_told_newest_first(told: Settings) -> None:
    assert [r.title for r in read_reports(told, 10)] == ["1 nouvelle version", "Première publication : 1 table"]
    assert read_reports(told, 1)[0].at == DAY


def test_one_that_brought_nothing_leaves_none(told: Settings) -> None:
    assert changes.write_report(told, DAY + timedelta(days=1)) is None
    assert len(changes.report_names(told)) == 2


def test_a_new_edition_is_compared_with_the_one_in_effect_before_it(told: Settings) -> None:
    text = read_reports(told, 10)[0].text
    assert "Nouvelle édition : Arrêté relatif aux prêts" in text
    assert "- Modifié : 1 valeur (prix_max_euros_m2_su 1)." in text
    assert "| 4100 | 4200 | +2,4 % |" in text
    assert "en vigueur le 10/04/2010" in text


def test_the_first_publication_says_so_and_compares_nothing(told: Settings) -> None:
    text = read_reports(told, 10)[-1].text
    assert "C'est la première publication de cette base" in text
    assert "Comparée" not in text


def test_what_was_taken_back_says_why() -> None:
    taken_back = {"dataset": DATASET, "version_no": 2, "withdrawn_reason": "mauvaise colonne"}
    made = Report(DAY, False, retirees=(taken_back,))
    assert made.title == "1 version retirée"
    assert f"`{DATASET}`, version 2 : mauvaise colonne" in as_markdown(made)


def test_programs_and_readers_of_feeds_have_it_too(told: Settings) -> None:
    newest = json.loads((changes.folder(told) / f"{changes.report_names(told)[0]}.json").read_text(encoding="utf-8"))
    (version,) = newest["versions"]
    assert (version["nature"], version["avant"], version["comptes"][0]["number"]) == ("nouvelle édition", 1, 1)
    feed = ElementTree.parse(changes.folder(told) / changes.FEED).getroot()
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.findtext("a:title", "", names) for e in feed.findall("a:entry", names)] == [
        "1 nouvelle version",
        "Première publication : 1 table",
    ]


def test_a_note_that_cannot_be_read_tells_all_again(told: Settings, tmp_path: Path) -> None:
    settings = Settings(shutil.copytree(told.root, tmp_path / "project", symlinks=True))
    (changes.folder(settings) / "connu.json").write_text("{", encoding="utf-8")
    path = changes.write_report(settings, DAY)
    assert path is not None
    assert path.name == "20300101-080000-2.md"
    assert "première publication" in path.read_text(encoding="utf-8")


def test_a_cell_text_makes_no_markup() -> None:
    version = NewVersion("d", "<script>", 1, "e", "[x](http://y) | z", 1, None, "premier acte")
    text = as_markdown(Report(DAY, False, (version,)))
    assert "<script>" not in text.replace("\\<", "")
    assert "\\[x\\](http://y) \\| z" in text
