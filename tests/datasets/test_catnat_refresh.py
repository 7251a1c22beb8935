"""A refresh, from document.toml to SQL, of acts that stand alone: each is in force beside those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from pipeline.refresh.plan import plan
from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests import reference
from tests.conftest import SHARED
from tests.datasets.catnat_made import FLOOD, act_xml, granted, rejected
from tests.histories import add_history
from tests.production import publish, read_document
from tests.refresh.small import REFERENCE

NAME = "catnat_communes"
FIRST, SECOND = "JORFTEXT000099999901", "JORFTEXT000099999902"
WINTER = (FLOOD, "16/11/2019", "17/11/2019")
LATEST_COG = reference.tables("communes_2026-01-01", "noms_anciens_2026-01-01")


@dataclass(frozen=True)
class Text:
    """An act as people declare it, and its file."""

    id: str
    nor: str
    signed: date
    effect: date
    data: bytes

    @property
    def declaration(self) -> str:
        return f"""\
[document]
id = "{self.id}"
title = "Arrêté portant reconnaissance de l'état de catastrophe naturelle"
publisher = "Ministère de l'intérieur"
nature = "arrete"
licence = "Licence Ouverte 2.0"

[[rendition]]
file = "{self.id}.xml"
role = "published"

[[act]]
id = "{self.id}"
nor = "{self.nor}"
title = "Arrêté portant reconnaissance de l'état de catastrophe naturelle"
signed = {self.signed}
url = "https://exemple.fr/{self.id}"

[act.effect]
valid_from = {self.effect}
valid_from_base = "lendemain_publication"
"""


def archived(root: Path, texts: Sequence[Text], snapshots: Sequence[str] = REFERENCE) -> Settings:
    """A project with these acts in raw/, nothing read yet."""
    settings = Settings(root)
    reference.link(settings.reference, snapshots)
    add_history(root)
    for text in texts:
        folder = settings.raw / text.id
        folder.mkdir()
        (folder / "document.toml").write_text(text.declaration, encoding="utf-8")
        (folder / f"{text.id}.xml").write_bytes(text.data)
    return settings


def refresh(settings: Settings) -> dict[str, DocumentOutcome]:
    done = {name: read_document(settings, name) for name in plan(settings).changed}
    publish(settings)
    return done


def rows(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute(sql).fetchall()


def in_force(settings: Settings, day: str) -> Counter[object]:
    """Act → lines that answer for this day."""
    found = rows(settings, f"SELECT edition, count(*) FROM {NAME}_as_of(DATE '{day}') GROUP BY ALL")
    return Counter({edition: n for edition, n in found if isinstance(n, int)})


def misplaced(settings: Settings) -> list[tuple[object, ...]]:
    """Cited cells whose text is not in the archived file where the citation says it begins."""
    cited = rows(settings, 'SELECT DISTINCT document, file, "offset", path, printed FROM meta.provenance')
    wrong = []
    for document, file, offset, path, printed in cited:
        if offset is None:
            continue  # whether an annex grants is told by its title, which is named as a rule
        text = (settings.raw / str(document) / str(file)).read_text(encoding="utf-8")
        cell = unescape(text[int(str(offset)) :].split("</td>")[0].split("</th>")[0])
        if str(printed).split("\n")[0] not in cell or "/table[1]/tr[" not in str(path):
            wrong.append((document, offset, path, printed))
    return wrong


def fates(settings: Settings) -> Counter[object]:
    found = rows(settings, "SELECT fate, sum(cells)::INTEGER FROM meta.ledger GROUP BY ALL")
    return Counter({fate: n for fate, n in found if isinstance(n, int)})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two acts: the second grants what the first rejected, and says nothing of Rompon."""
    first = act_xml(
        granted(("Ardèche", "Rompon", *WINTER, "1", "Débit de pointe.")),
        rejected(("Ardèche", "Pouzin (Le)", *WINTER, "Cumuls insuffisants.")),
    )
    second = act_xml(
        granted(("Ardèche", "Pouzin (Le)", *WINTER, "1", "Débit de pointe."), ("Ardèche", "Privaz", *WINTER, "", "")),
        act=SECOND,
        nor="INTE2099902A",
    )
    texts = [
        Text(FIRST, "INTE2099901A", date(2020, 2, 3), date(2020, 2, 6), first),
        Text(SECOND, "INTE2099902A", date(2020, 3, 2), date(2020, 3, 6), second),
    ]
    settings = archived(tmp_path_factory.mktemp("catnat") / "project", texts)
    refresh(settings)
    return settings


def test_each_act_stands_alone_and_is_never_ended_by_the_next(made: Settings) -> None:
    assert in_force(made, "2020-02-05") == {}
    assert in_force(made, "2020-02-06") == {FIRST: 2}
    assert in_force(made, "2020-03-06") == {FIRST: 2, SECOND: 2}
    ends = rows(made, f"SELECT edition, valid_to, valid_to_base FROM meta.periods WHERE dataset = '{NAME}' ORDER BY 1")
    assert ends == [(FIRST, None, "aucune"), (SECOND, None, "aucune")]


def test_the_table_shows_every_act(made: Settings) -> None:
    found = rows(made, f"SELECT nor, code_commune, reconnue FROM {NAME} ORDER BY ALL")
    assert found == [
        ("INTE2099901A", "07181", False),
        ("INTE2099901A", "07198", True),
        ("INTE2099902A", "07181", True),
        ("INTE2099902A", None, True),
    ]


def test_every_printed_cell_has_its_fate(made: Settings) -> None:
    """Lines of 7 and 6 cells, then of 7 and 5, two being empty; headers of 7, 6 and 7."""
    assert fates(made) == {"publie": 7 + 6 + 7 + 5, "ignore": 20}
    assert rows(made, "SELECT rule FROM meta.findings WHERE severity <> 'info'") == [("commune_non_resolue",)]


def test_every_cell_cited_is_where_the_archived_file_prints_it(made: Settings) -> None:
    assert misplaced(made) == []
    (place,) = rows(
        made,
        f"""SELECT p.printed, p.path FROM {NAME} t JOIN meta.provenance p USING (version_no, row_no)
        WHERE t.nor = 'INTE2099901A' AND t.code_commune = '07181' AND p.colonne = 'code_commune'""",
    )
    table = "/TEXTE[1]/STRUCT[1]/SECTION_TA[2]/ARTICLE[1]/BLOC_TEXTUEL[1]/CONTENU[1]/div[1]/div[1]/table[1]"
    assert place == ("Pouzin (Le)", f"{table}/tr[2]/td[2]")


def test_running_again_changes_nothing(made: Settings) -> None:
    assert plan(made).changed == ()
    assert [e.status for e in read_document(made, FIRST).editions] == ["unchanged"]


def test_the_real_arretes_from_their_files_to_sql(tmp_path: Path) -> None:
    folder = SHARED / "samples/jorf_xml"
    if not folder.is_dir():
        pytest.skip("the real arrêtés (../shared/samples/jorf_xml) are not at hand")
    winter, june = "JORFTEXT000053398028", "JORFTEXT000054245373"
    texts = [
        Text(winter, "INTE2601369A", date(2026, 1, 19), date(2026, 1, 25), (folder / f"{winter}.xml").read_bytes()),
        Text(june, "INTE2615534A", date(2026, 6, 12), date(2026, 6, 14), (folder / f"{june}.xml").read_bytes()),
    ]
    settings = archived(tmp_path / "project", texts, (*REFERENCE, *LATEST_COG))
    done = refresh(settings)
    assert [e.status for outcome in done.values() for e in outcome.editions] == ["accepted", "accepted"]
    assert in_force(settings, "2026-01-24") == {}
    assert in_force(settings, "2026-06-13") == {winter: 140}
    assert in_force(settings, "2026-06-14") == {winter: 140, june: 721}
    assert fates(settings) == {"publie": 842 + 4328, "ignore": 26}
    assert misplaced(settings) == []
    assert rows(settings, "SELECT DISTINCT severity FROM meta.findings") == [("info",)]
