"""Runs that Dagster starts tell the alert command; those of `annexes refresh` leave it to the command."""

from __future__ import annotations

import json
import sys
from logging import WARNING
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterInstance

from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.record import feeds
from pipeline.orchestration.run import execute
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.orchestration.conftest import REFUSED, add_refused
from tests.refresh.small import DOCUMENT, PRICES, print_prices, project

KEEP = "import sys; open('recu.jsonl', 'ab').write(sys.stdin.buffer.read())"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A document that prints a zone which is none, one that cannot be read, and a command that keeps what it hears."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings = project(tmp_path)
    print_prices(settings, PRICES | {"Z": 1_000})
    add_refused(settings)
    alerted_by(settings, KEEP)
    return settings


def alerted_by(settings: Settings, program: str) -> None:
    settings.configuration.write_text(f"alert = {json.dumps([sys.executable, '-c', program])}\n", encoding="utf-8")


def told(settings: Settings) -> list[tuple[str, str]]:
    kept = settings.root / "recu.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return [(line["document"], line["rule"]) for line in map(json.loads, lines)]


def run_by_dagster(settings: Settings, document: str) -> list[str]:
    """A document read and decided as a person does it in the interface; the warnings of the log."""
    found: list[str] = []
    with DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(DOCUMENTS.name), [document])
        job = build_defs(settings).resolve_implicit_global_asset_job_def()
        for name in ("lecture", *feeds(settings, document)[:1]):
            done = job.execute_in_process(
                partition_key=document, asset_selection=[AssetKey(name)], instance=instance, raise_on_error=False
            )
            found += [entry.user_message for entry in instance.all_logs(done.run_id) if entry.level == WARNING]
    return found


def test_a_run_of_dagster_tells_each_new_error_once(settings: Settings) -> None:
    run_by_dagster(settings, DOCUMENT)
    assert (DOCUMENT, "zone_inconnue") in told(settings)
    before = told(settings)
    run_by_dagster(settings, DOCUMENT)
    assert told(settings) == before


def test_a_document_that_cannot_be_read_is_told_too(settings: Settings) -> None:
    run_by_dagster(settings, REFUSED)
    assert {document for document, _ in told(settings)} == {REFUSED}


def test_an_alert_that_fails_is_a_warning_of_the_run(settings: Settings) -> None:
    alerted_by(settings, "import sys; sys.exit('boîte pleine')")
    warnings = run_by_dagster(settings, DOCUMENT)
    assert any("boîte pleine" in warning for warning in warnings), warnings


def test_the_runs_of_a_refresh_leave_it_to_the_command(settings: Settings) -> None:
    done = execute(settings, plan(settings), lambda _: None)
    assert any(outcome.new_errors for outcome in done.outcomes)
    assert told(settings) == []
