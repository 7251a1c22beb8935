"""A reading that waits, from the notice to the decision, as a person meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.inside import Command
from tests.refresh import small
from tests.refresh.small import ACT, DATASET, PRICES, print_prices, read


@pytest.fixture
def annexes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """On a project whose published prices were delivered again at a quarter."""
    settings = small.published(tmp_path / "project")
    read(settings, {zone: price // 4 for zone, price in PRICES.items()})
    return Command(settings, monkeypatch, capsys)


def waiting_id(annexes: Command) -> str:
    (found,) = json.loads(annexes("pending", "--json").out)
    assert (found["dataset"], found["edition"], found["published_version"]) == (DATASET, ACT, 1)
    return str(found["id"])


def price_of_a(annexes: Command) -> int:
    done = annexes("sql", f"select prix_max_euros_m2_su from {DATASET} where zone = 'A'", "-f", "json")
    return int(json.loads(done.out)[0]["prix_max_euros_m2_su"])


def test_pending_says_why_it_waits(annexes: Command) -> None:
    done = annexes("pending")
    assert (done.code, done.err) == (0, "")
    assert "4 lignes ; publiée : version 1" in done.out
    assert "valeurs changées dans prix_max_euros_m2_su : 4 sur 4" in done.out


def test_accept_publishes_it_and_nothing_waits_any_more(annexes: Command) -> None:
    done = annexes("accept", waiting_id(annexes))
    assert done.code == 0
    assert f"Accepté : {DATASET}, {ACT}, version 2" in done.out
    assert price_of_a(annexes) == 1_025
    assert annexes("pending").out == "Aucune lecture en attente.\n"


def test_reject_keeps_what_is_published(annexes: Command) -> None:
    done = annexes("reject", waiting_id(annexes), "--reason", "chiffre perdu")
    assert (done.code, price_of_a(annexes)) == (0, 4_100)
    assert annexes("pending").out == "Aucune lecture en attente.\n"


def test_rollback_brings_a_version_back(annexes: Command) -> None:
    annexes("accept", waiting_id(annexes))
    done = annexes("rollback", DATASET, "1", "--reason", "accepté à tort")
    assert done.out == f"Retour à la version 1 de {DATASET} ; retirées : 2.\n"
    assert price_of_a(annexes) == 4_100


def test_what_cannot_be_decided_is_one_message(annexes: Command) -> None:
    for words, code, said in (
        (("accept", "inconnu"), 2, "aucune lecture inconnu en attente"),
        (("rollback", DATASET, "1", "--reason", "essai"), 1, "déjà la dernière lecture"),
        (("rollback", DATASET, "7", "--reason", "essai"), 2, f"aucune version 7 de {DATASET}"),
        (("reject", "inconnu"), 2, "--reason"),
        (("reject", "inconnu", "--reason", "  "), 2, "dire pourquoi"),
    ):
        done = annexes(*words)
        assert done.code == code, words
        assert said in done.err
        assert "Traceback" not in done.err


def test_refresh_gives_notice_and_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    annexes = Command(small.published(tmp_path / "project"), monkeypatch, capsys)
    print_prices(annexes.settings, {zone: price // 4 for zone, price in PRICES.items()})
    done = annexes("refresh")
    assert done.code == 0
    assert re.search(rf"{DATASET}.*en attente", done.out)
    assert re.search(rf"en attente : {DATASET} \({ACT}\) : `annexes pending [0-9a-f]{{8}}` dit pourquoi", done.err)
    again = annexes("refresh")
    assert (again.code, again.out.split(" :")[0]) == (0, "Rien n'a changé")
    assert "en attente" in again.err
