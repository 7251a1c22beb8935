"""The alert command is told of new errors, once; whatever becomes of it, the refresh goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pipeline import config
from pipeline.config import ConfigError
from pipeline.contract.findings import Finding
from pipeline.refresh.alert import AlertError, new_errors, send
from pipeline.settings import Settings
from tests.production import read_document
from tests.refresh.small import DOCUMENT, PRICES, print_prices, project

ERROR = Finding("zone_inconnue", "error", DOCUMENT, "« D » n'est pas une zone", place="ligne 9", printed="D")
KEEP = "import sys; open('recu.jsonl', 'a', encoding='utf-8').write(sys.stdin.buffer.read().decode())"


def alerted_by(settings: Settings, program: str) -> None:
    """The alert command is this Python program."""
    line = json.dumps([sys.executable, "-c", program])
    settings.configuration.write_text(f"alert = {line}\n", encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_without_a_command_nothing_is_run(settings: Settings) -> None:
    assert config.read(settings).alert == ()
    assert send(settings, [ERROR]) == 0


def test_each_error_is_one_line_of_json(settings: Settings) -> None:
    alerted_by(settings, KEEP)
    other = Finding("zone_inconnue", "error", DOCUMENT, "« E » n'est pas une zone", subject="E")
    assert send(settings, [ERROR, other]) == 2
    lines = (settings.root / "recu.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert [t["id"] for t in told] == [ERROR.id, other.id]
    assert (told[0]["place"], told[0]["message"]) == ("ligne 9", "« D » n'est pas une zone")


def test_a_command_line_is_split_without_a_shell(settings: Settings) -> None:
    settings.configuration.write_text("alert = \"notifier --sujet 'Journal officiel' $HOME\"\n", encoding="utf-8")
    assert config.read(settings).alert == ("notifier", "--sujet", "Journal officiel", "$HOME")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.stderr.write('boîte pleine'); sys.exit(3)", r"code 3.*boîte pleine"),
        ("import time; time.sleep(60)", "arrêtée après 0.5 secondes"),
    ],
)
def test_a_command_that_fails_is_said(settings: Settings, program: str, said: str) -> None:
    alerted_by(settings, program)
    with pytest.raises(AlertError, match=said):
        send(settings, [ERROR], timeout=0.5 if "sleep" in program else 30)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('alert = ["/nulle/part"]', "impossible à lancer : /nulle/part"),
        ("alert = 3", "une ligne de commande"),
        ('alert = "notifier \'sans fin"', "illisible"),
        ("alert =", "illisible"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_said(settings: Settings, text: str, said: str) -> None:
    settings.configuration.write_text(text + "\n", encoding="utf-8")
    with pytest.raises((AlertError, ConfigError), match=said):
        send(settings, [ERROR])


def test_only_new_errors_that_nobody_acknowledged_are_told(tmp_path: Path) -> None:
    settings = project(tmp_path / "project")
    first = read_document(settings, DOCUMENT)
    assert list(new_errors(settings, [first])) == []
    print_prices(settings, PRICES | {"Z": 1_000})
    second = read_document(settings, DOCUMENT)
    told = [f.rule for f in new_errors(settings, [second])]
    assert "zone_inconnue" in told
    assert list(new_errors(settings, [read_document(settings, DOCUMENT)])) == []
    text = "".join(f'[[finding]]\nid = "{i}"\nreason = "vu"\n' for i in second.new_errors)
    (settings.raw / DOCUMENT / "findings.toml").write_text(text, encoding="utf-8")
    assert list(new_errors(settings, [second])) == []
