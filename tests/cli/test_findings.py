"""`annexes findings`, `quarantine`, `ack`, `replay`, `report`: listed, decided, read again, told to the publisher."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import AnnexesError
from pipeline.settings import Settings
from tests.production import publish, read_document

Run = Callable[..., Result]
ARRETE, SHEET = "JORFTEXT000042056679", "places-regionales"


@pytest.fixture
def run_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on a project; a refusal is raised as it is."""

    def _run(settings: Settings, *args: str) -> Result:
        monkeypatch.setenv("ANNEXES_ROOT", str(settings.root))
        done = CliRunner().invoke(app, list(args))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return _run


def as_json(done: Result) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def refused_siren(settings: Settings) -> str:
    """Damage one SIREN of the arrêté, its text alone kept, and publish; the damaged text."""
    folder = settings.raw / ARRETE
    text = (folder / "annexe.txt").read_text(encoding="utf-8")
    (folder / "annexe.txt").write_text(text.replace("200071751", "200071752"), encoding="utf-8")
    (folder / "annexe.pdf").unlink()
    declared = (folder / "document.toml").read_text(encoding="utf-8")
    pdf = declared[declared.index("# Set from the same figures") : declared.index("[[act]]")]
    (folder / "document.toml").write_text(declared.replace(pdf, ""), encoding="utf-8")
    read_document(settings, ARRETE)
    publish(settings)
    return "200071752"


def test_errors_and_warnings_are_listed_and_the_rest_counted(shipped: Settings, run_in: Run) -> None:
    said = run_in(shipped, "findings", "--document", SHEET).stdout
    assert "total des places connues : 3513 imprimé, 3515 par la somme des régions" in said
    assert "0 erreur, " in said
    assert "non montrées, `--severity info` les montre" in said


def test_findings_for_a_program_by_severity_dataset_and_rule(shipped: Settings, run_in: Run) -> None:
    rows = as_json(run_in(shipped, "findings", "--json", "-s", "info", "--dataset", "premier_quartile"))
    assert {row["severity"] for row in rows} == {"info"}
    assert {row["dataset"] for row in rows} == {"premier_quartile"}
    (row,) = as_json(run_in(shipped, "findings", "--json", "--rule", "total_different"))
    assert (row["printed"], row["expected"], row["place"]) == ("3513", "3515", "ligne 44")


def test_findings_that_someone_saw_are_marked_and_can_be_left_out(shipped: Settings, run_in: Run) -> None:
    seen = tomllib.loads((shipped.raw / "BOI-8A-2-09/findings.toml").read_text(encoding="utf-8"))["finding"]
    rows = as_json(run_in(shipped, "findings", "--json"))
    marked = {row["id"] for row in rows if row["acknowledged"]}
    assert marked == {entry["id"] for entry in seen}
    unseen = as_json(run_in(shipped, "findings", "--json", "--open"))
    assert {row["id"] for row in unseen} == {row["id"] for row in rows} - marked


def test_nothing_in_quarantine_says_so(shipped: Settings, run_in: Run) -> None:
    assert run_in(shipped, "quarantine", "--dataset", "prix_psla").stdout == "Rien en quarantaine.\n"


def test_a_row_leaves_quarantine_by_a_correction(make_project: Callable[..., Settings], run_in: Run) -> None:
    settings = make_project(ARRETE)
    printed = refused_siren(settings)
    (row,) = as_json(run_in(settings, "quarantine", "--json"))
    assert printed in row["raw"]
    said = run_in(settings, "quarantine", "--dataset", "premier_quartile").stdout
    assert f"« {row['raw']} »" in said
    assert "corrections.toml puis `annexes replay`" in said
    rule = f'[[correction]]\nid = "bourg"\nprinted = "{printed}"\nshould_be = "200071751"\n'
    (settings.raw / ARRETE / "corrections.toml").write_text(
        rule + 'reason = "clé de contrôle fausse ; SIREN de la CA au répertoire"\nstatus = "applied"\n',
        encoding="utf-8",
    )
    done = run_in(settings, "replay")
    assert done.exit_code == 0, done.output
    assert f"{ARRETE} : sortis de quarantaine : 1, « {row['raw']} » ; 0 en quarantaine" in done.stdout
    new = as_json(run_in(settings, "findings", "--new", "--json", "-s", "info"))
    assert [finding["rule"] for finding in new] == ["correction_appliquee"]
    assert run_in(settings, "replay").stdout == "Rien en quarantaine : rien à rejouer.\n"


def test_ack_writes_the_file_of_the_document_and_undo_forgets(
    make_project: Callable[..., Settings], run_in: Run
) -> None:
    settings = make_project(SHEET)
    read_document(settings, SHEET)
    publish(settings)
    (row,) = as_json(run_in(settings, "findings", "--json", "--rule", "total_different"))
    path = settings.raw / SHEET / "findings.toml"
    assert f"raw/{SHEET}/findings.toml : écrit" in run_in(settings, "ack", row["id"], "--reason", "signalé").stdout
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {"finding": [{"id": row["id"], "reason": "signalé"}]}
    assert row["id"] not in run_in(settings, "findings", "--open").stdout
    assert "vide, retiré" in run_in(settings, "ack", row["id"], "--undo").stdout
    assert not path.exists()
    assert row["id"] in run_in(settings, "findings", "--open").stdout


def test_a_damaged_findings_file_is_one_message(make_project: Callable[..., Settings], run_in: Run) -> None:
    settings = make_project(SHEET)
    (settings.raw / SHEET / "findings.toml").write_text("[[finding]", encoding="utf-8")
    with pytest.raises(AnnexesError, match=r"rien à défaire ; .*findings\.toml"):
        run_in(settings, "ack", "0123456789ab", "--undo")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("ack", "0123456789ab", "--reason", "vu"), "aucun document lu n'a cette anomalie"),
        (("ack", "0123456789ab", "--undo"), "rien à défaire"),
        (("ack", "0123456789ab"), "--reason"),
        (("ack", "0123456789ab", "--reason", " "), "--reason"),
        (("findings", "--document", "INCONNU"), "aucun dossier raw/INCONNU"),
        (("quarantine", "--dataset", "inconnu"), "jeu de données inconnu"),
        (("replay", "INCONNU"), "aucun dossier raw/INCONNU"),
        (("report", "--document", "INCONNU"), "aucun dossier raw/INCONNU"),
        (("report", "--publisher", "Personne"), "rien à signaler à « Personne »"),
        (("report", "--format", "html"), "plusieurs éditeurs"),
    ],
)
def test_wrong_usage_is_two(shipped: Settings, run_in: Run, args: tuple[str, ...], message: str) -> None:
    with pytest.raises(AnnexesError, match=message) as refused:
        run_in(shipped, *args)
    assert refused.value.code == 2


@pytest.mark.parametrize(
    "args", [("findings",), ("quarantine",), ("report",), ("versions",), ("why", "prix_psla", "zone=A")]
)
def test_before_the_first_refresh_each_says_to_run_it(
    make_project: Callable[..., Settings], run_in: Run, args: tuple[str, ...]
) -> None:
    with pytest.raises(AnnexesError, match="annexes refresh") as refused:
        run_in(make_project(SHEET), *args)
    assert refused.value.code == 1


def test_the_report_quotes_the_list_and_keeps_our_realigning_out(shipped: Settings, run_in: Run) -> None:
    bulletin = run_in(shipped, "report", "--document", "BOI-8A-2-09").stdout
    assert "Cerbère, **Clara**, Collioure" in bulletin
    assert "non reproduite" not in bulletin, "an omission that the bulletin itself marks is no anomaly"
    sheet = run_in(shipped, "report", "--document", SHEET).stdout
    assert "| Nouvelle-Aquitaine \\| **475** \\| 647 " in sheet
    assert "réaligné" not in sheet


def test_one_file_for_each_publisher(shipped: Settings, run_in: Run, tmp_path: Path) -> None:
    run_in(shipped, "report", "--format", "html", "--out", str(tmp_path / "lettres"))
    names = sorted(path.name for path in (tmp_path / "lettres").iterdir())
    assert "direction-generale-des-finances-publiques.html" in names
    assert all((tmp_path / "lettres" / name).read_text(encoding="utf-8").endswith("</html>\n") for name in names)
