"""What the person on duty types: status, backup, restore, verify, clean, and the alert of a refresh."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipeline.files import sha256_of
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from tests.cli.inside import Command
from tests.refresh import small
from tests.refresh.small import DATASET, DOCUMENT, PRICES, print_prices, refresh


@pytest.fixture
def annexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """On a small project, published. Its only act is of 2009: the yearly prices are late."""
    settings = small.published(tmp_path / "project")
    return Command(settings, monkeypatch, capsys)


def declare_an_end(settings: Settings) -> None:
    """The act says until when it is in force: nothing is late any more."""
    declaration = settings.raw / DOCUMENT / "document.toml"
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text + 'valid_to = 2010-01-01\nvalid_to_base = "revision_annuelle"\n', encoding="utf-8")
    refresh(settings)


def test_status_in_order_is_zero(annexes: Command) -> None:
    declare_an_end(annexes.settings)
    done = annexes("status")
    assert (done.code, done.err) == (0, "")
    assert "Base       warehouse/annexes.duckdb" in done.out
    assert "terminé" in done.out


def test_status_names_each_problem_on_standard_error(annexes: Command) -> None:
    done = annexes("status")
    assert done.code == 1
    assert f"à voir : {DATASET} : l'acte de 2010 est attendu" in done.err


def test_status_for_programs_says_the_same(annexes: Command) -> None:
    done = annexes("status", "--json")
    found = json.loads(done.out)
    assert (done.code, found["ok"]) == (1, False)
    assert {d["name"]: d["state"] for d in found["datasets"]}[DATASET] == "late"
    assert found["published"]["versions"] == 1
    assert f"à voir : {found['problems'][0]}" in done.err


def test_status_help_says_what_makes_it_ring(annexes: Command) -> None:
    said = annexes("status", "--help").out
    assert "Code de retour 1" in said
    assert "refusé" in said
    assert "déclaré" in said


def test_a_backup_is_verified_and_comes_back(annexes: Command, tmp_path: Path) -> None:
    target = tmp_path / "annexes.tar.zst"
    done = annexes("backup", str(target))
    assert (done.code, "1 versions" in done.out) == (0, True)
    assert annexes("verify", "--file", str(target)).code == 0
    print_prices(annexes.settings, PRICES | {"A": 4_200})
    refresh(annexes.settings)
    refused = annexes("restore", str(target))
    assert refused.code == 1
    assert "déjà 2 versions" in refused.err
    assert annexes("restore", str(target), "--force").code == 0
    assert [r.version_no for r in VersionStore(annexes.settings.versions).records()] == [1]
    assert annexes("verify").code == 0
    rows = annexes("sql", f"select count(*) as n from {DATASET}", "-f", "json").out
    assert json.loads(rows) == [{"n": 4}]


def test_a_backup_that_is_none_is_one_message(annexes: Command, tmp_path: Path) -> None:
    (tmp_path / "faux.tar.gz").write_bytes(b"rien")
    done = annexes("verify", "--file", str(tmp_path / "faux.tar.gz"))
    assert (done.code, "faux.tar.gz" in done.err) == (1, True)
    assert annexes("backup", str(tmp_path / "annexes.zip")).code == 2
    assert annexes("backup", str(tmp_path / "absent/annexes.tar.gz")).code == 1


@pytest.mark.parametrize("suffix", [".parquet", ".cells.parquet", ".json"])
def test_verify_names_an_altered_version_file(annexes: Command, suffix: str) -> None:
    path = VersionStore(annexes.settings.versions).path(DATASET, 1, suffix)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)
    done = annexes("verify")
    assert done.code == 1
    assert f"{DATASET}/{path.name} : fichier" in done.err


def test_verify_sees_a_published_file_that_says_something_else(annexes: Command) -> None:
    """Same size, same place, another content: only the comparison with the versions tells."""
    import duckdb

    file = annexes.settings.database
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"UPDATE data.{DATASET} SET prix_max_euros_m2_su = 1")
    stamp = annexes.settings.warehouse / "published.json"
    said = json.loads(stamp.read_text(encoding="utf-8")) | {"bytes": file.stat().st_size, "sha256": sha256_of(file)}
    stamp.write_text(json.dumps(said), encoding="utf-8")
    done = annexes("verify")
    assert done.code == 1
    assert "le contenu chargé n'est pas celui qui a été accepté" in done.err


def test_clean_removes_what_nothing_needs_and_only_that(annexes: Command) -> None:
    settings = annexes.settings
    gone = settings.staged / "PARTI/readings"
    gone.mkdir(parents=True)
    (gone / "annexe.txt.parquet").write_bytes(b"x" * 1000)
    orphan = VersionStore(settings.versions).path(DATASET, 9)
    orphan.write_bytes(b"x")
    kept = sorted(p for p in settings.root.rglob("*") if p.is_file() and p not in (orphan, gone / "annexe.txt.parquet"))
    rehearsed = annexes("clean", "--dry-run")
    assert "staged/PARTI" in rehearsed.out
    assert orphan.exists()
    done = annexes("clean")
    assert (done.code, "2 fichiers ou dossiers" in done.out) == (0, True)
    left = {p for p in settings.root.rglob("*") if p.is_file() and not p.name.startswith(".refresh")}
    assert {p for p in left if p.parent != settings.in_force} == {
        p for p in kept if not p.name.startswith(".refresh") and p.parent != settings.in_force
    }


def test_a_refresh_tells_the_alert_command_and_outlives_it(annexes: Command) -> None:
    settings = annexes.settings
    program = "import sys; open('recu.jsonl', 'w', encoding='utf-8').write(sys.stdin.read()); sys.exit(3)"
    line = json.dumps([sys.executable, "-c", program])
    settings.configuration.write_text(f"alert = {line}\n", encoding="utf-8")
    (settings.raw / DOCUMENT / "annexe.md").write_text("# Annexe II\n", encoding="utf-8")
    done = annexes("refresh")
    assert done.code == 1
    assert "alerte : commande d'alerte en échec (code 3)" in done.err
    told = [json.loads(x) for x in (settings.root / "recu.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "edition_refusee" in {t["rule"] for t in told}
