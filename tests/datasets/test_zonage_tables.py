"""The zoning as printed since 2014: tables of communes with their INSEE codes, whole or of those that move."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from pipeline.contract.findings import Finding
from pipeline.documents.declaration import read_document
from pipeline.extract import read as extract
from pipeline.gazetteer import load
from pipeline.refresh.read import ReadEditions, read_editions
from pipeline.settings import Settings
from tests.datasets.reading import of, rows
from tests.datasets.zonage_made import country
from tests.law.made import article, declared, jorf, table

NAME = "JORFTEXT000099000002"
TITLE = (
    "Arrêté du 3 mars 2025 modifiant l'arrêté du 1er août 2014 pris en application de l'article D. 304-1 du code de la "
    "construction et de l'habitation"
)
PARTIAL = '\n[act.relation]\nkind = "modifie"\nact = "A2014"\nportee = "partielle"\n'
HEAD = ("DÉPARTEMENT", "COMMUNE", "CODE INSEE")
WHOLE = {
    "A bis": [("75", "Paris", "75056"), ("92", "Neuilly-sur-Seine", "92051")],
    "A": [("13", "Marseille", "13055")],
    "B1": [("74", "Annecy", "74010"), ("2A", "Ajaccio", "2A004")],
    "B2": [("01", "Bourg-en-Bresse", "01053"), ("974", "Saint-Denis", "97411")],
}
Printed = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("tables")
    (root / "raw").mkdir()
    (root / "raw" / "reference").symlink_to(country("01", "13", "2A", "31", "69", "74", "75", "92", "94", "974"))
    return Settings(root)


def replaced(
    zone: str, lines: list[tuple[str, ...]], said: str = "le tableau {} est remplacé par le tableau suivant :"
) -> str:
    sentence = f"<p>A l'annexe I de l'arrêté du 1er août 2014 susvisé, {said.format(zone)}</p>"
    return article("2", sentence + table(HEAD, lines))


def act(settings: Settings, body: str, relation: str = "", file: str = "a.xml", text: str = "") -> ReadEditions:
    folder = settings.raw / NAME
    folder.mkdir(parents=True, exist_ok=True)
    day = date(2009, 4, 29)
    toml = declared(NAME, TITLE, file, day, day, relation=relation)
    (folder / "document.toml").write_text(toml, encoding="utf-8")
    (folder / file).write_text(text or jorf(NAME, TITLE, body), encoding="utf-8")
    document = read_document(folder)
    return read_editions(settings, document, [(r, extract(folder / r.file, r.media)) for r in document.renditions])


def zones(read: ReadEditions) -> dict[object, object]:
    return {row["code_commune"]: row["zone"] for row in rows(of(read, "zonage_abc"))}


def errors(read: ReadEditions) -> list[Finding]:
    return [finding for finding in read.findings if finding.severity == "error"]


def test_four_whole_tables_put_all_other_communes_in_zone_c(settings: Settings) -> None:
    found = act(settings, "".join(replaced(zone, lines) for zone, lines in WHOLE.items()))
    edition = of(found, "zonage_abc")
    assert errors(found) == []
    assert Counter(zones(found).values()) == {"C": 1939, "Abis": 2, "A": 1, "B1": 2, "B2": 2}
    by_code = {row["code_commune"]: row for row in rows(edition)}
    assert (by_code["2A004"]["zone"], by_code["2A004"]["resolution"], by_code["2A004"]["portee"]) == (
        "B1",
        "exact",
        "commune",
    )
    assert by_code["01001"]["portee"] == "reste_du_territoire"
    assert set(found.unbalanced.values()) == {0}


def test_a_table_that_is_missing_refuses_what_is_not_declared_partial(settings: Settings) -> None:
    found = act(settings, "".join(replaced(zone, lines) for zone, lines in WHOLE.items() if zone != "B1"))
    (reason,) = found.failed.values()
    assert reason.startswith("tableaux entiers absents : B1 ; si l'acte ne change que la zone de quelques communes")


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("le tableau {} est complété par les lignes suivantes :", "A bis"),
        ("le tableau « {} » est complété comme suit :", "A"),
        ("les communes suivantes sont reclassées de la zone B2 à la zone {} :", "B1"),
        ("les communes suivantes passent de B1 en {} :", "A"),
        ("sont classées en zone {} les communes suivantes :", "B2"),
    ],
)
def test_a_partial_act_gives_the_communes_that_it_moves_and_no_other(settings: Settings, said: str, zone: str) -> None:
    found = act(settings, replaced(zone, [("94", "Alfortville", "94002")], said), PARTIAL)
    assert zones(found) == {"94002": zone.replace(" ", "")}
    assert errors(found) == []


def test_a_commune_leaves_one_table_for_another(settings: Settings) -> None:
    line = [("94", "Alfortville", "94002")]
    body = replaced("A", line, "dans le tableau {}, la ligne suivante est supprimée :")
    found = act(settings, body + replaced("A bis", line, "le tableau {} est complété comme suit :"), PARTIAL)
    assert zones(found) == {"94002": "Abis"}
    alone = act(settings, body, PARTIAL)
    assert zones(alone) == {"94002": None}
    assert rows(of(alone, "zonage_abc"))[0]["reserve"] == "retiree_sans_zone"


def test_a_header_printed_again_and_a_note_over_the_whole_width_are_no_rows(settings: Settings) -> None:
    line = ("94", "Alfortville", "94002")
    body = replaced("A", [line, HEAD, ("94", "Cachan", "94016")], "le tableau {} est complété comme suit :")
    note = '<tr><td colspan="3">(1) Au 1er janvier 2025.</td></tr></table>'
    found = act(settings, body.replace("</table>", note), PARTIAL)
    assert zones(found) == {"94002": "A", "94016": "A"}
    assert (errors(found), set(found.unbalanced.values())) == ([], {0})


def test_a_sentence_moves_a_commune_without_a_table(settings: Settings) -> None:
    body = article("1", "<p>La commune d'Alfortville (94002) est classée en zone A bis.</p>")
    found = act(settings, body, PARTIAL)
    assert zones(found) == {"94002": "Abis"}
    assert set(found.unbalanced.values()) == {0}


@pytest.mark.parametrize(
    ("line", "rule", "unsure"),
    [
        (("13", "Marseille", "69123"), "departement_contradictoire", {"13055", "69123"}),
        (("69", "Villeurbanne", "69123"), "code_et_nom_contradictoires", {"69266", "69123"}),
        (("69", "Villeurbanne", "6926"), "code_commune_inconnu", {"69266"}),
        (("69", "Villeurbanne", "69999"), "code_commune_inconnu", {"69266"}),
    ],
)
def test_a_row_that_contradicts_itself_leaves_what_it_could_name_without_a_zone(
    settings: Settings, line: tuple[str, ...], rule: str, unsure: set[str]
) -> None:
    lines = {**WHOLE, "A": [("13", "Aix-en-Provence", "13001"), line]}
    found = act(settings, "".join(replaced(zone, printed) for zone, printed in lines.items()))
    assert [finding.rule for finding in errors(found)] == [rule]
    given = zones(found)
    assert {code for code in unsure if given[code] is not None} == set()
    assert given["13001"] == "A"


def test_a_commune_in_two_tables_is_in_no_zone(settings: Settings) -> None:
    lines = {**WHOLE, "B2": [*WHOLE["B2"], ("74", "Annecy", "74010")]}
    found = act(settings, "".join(replaced(zone, printed) for zone, printed in lines.items()))
    assert zones(found)["74010"] is None
    assert {finding.rule for finding in errors(found)} == {"commune_en_deux_zones"}


def test_a_table_of_no_known_zone_leaves_its_communes_without_one(settings: Settings) -> None:
    body = "".join(replaced(zone, lines) for zone, lines in WHOLE.items())
    lost = article("9", "<p>Communes :</p>" + table(HEAD, [("31", "Toulouse", "31555")]))
    assert zones(act(settings, body + lost))["31555"] is None


def test_titles_that_a_person_declares_equal_are_read(settings: Settings) -> None:
    body = "".join(replaced(zone, lines) for zone, lines in WHOLE.items()).replace("CODE INSEE", "Matricule")
    assert [finding.rule for finding in errors(act(settings, body))] != []
    relation = '\n[document.titles."Matricule"]\nmeans = "Code INSEE"\nreason = "cinq chiffres, ceux de l\'INSEE"\n'
    assert zones(act(settings, body, relation))["75056"] == "Abis"


def test_a_list_of_all_communes_has_the_zone_in_a_column(settings: Settings) -> None:
    communes = load(settings.reference, date(2009, 4, 29)).communes()
    head = "CODGEO;DEP;LIBGEO;Zonage en vigueur depuis le 3 mars 2025;Reclassement 3 mars 2025"
    lines = [f"{c.code};{c.code_departement};{c.nom};{'Abis' if c.code == '94002' else 'C'};Non" for c in communes[20:]]
    found = act(settings, "", file="a.csv", text="\n".join([head, *lines]))
    given = zones(found)
    assert Counter(given.values()) == {"Abis": 1, "C": len(communes) - 21, None: 20}
    short = act(settings, "", file="a.csv", text="\n".join([head, *lines[:900]]))
    assert "la liste ne donne la zone que de 900 communes" in next(iter(short.failed.values()))
