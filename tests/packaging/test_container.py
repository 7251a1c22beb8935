"""The image and the services around it: what they copy exists, nothing runs as root, nothing is public; built where
asked and Docker answers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from fnmatch import fnmatch

import pytest
import yaml

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def copied() -> list[str]:
    return [word for line in re.findall(r"(?m)^COPY (.+) \S+$", DOCKERFILE) for word in line.split()]


def test_what_the_image_copies_is_there_and_let_in() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert len(copied()) > 8
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    assert [name for name in copied() if not any(fnmatch(name, pattern) for pattern in let_in)] == []


def test_the_image_is_of_a_named_release_and_its_program_is_not_root() -> None:
    (base,) = re.findall(r"(?m)^FROM (\S+)$", DOCKERFILE)
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    user, entry = DOCKERFILE.index("\nUSER annexes"), DOCKERFILE.index("\nENTRYPOINT")
    assert user < entry
    assert "--require-hashes" in (ROOT / "scripts/install.py").read_text(encoding="utf-8")
    assert "install.py requirements.lock" in DOCKERFILE


def test_no_service_is_public_or_privileged() -> None:
    assert set(SERVICES) == {"init", "refresh", "site"}
    for service in SERVICES.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"]
        assert [p for p in service.get("ports", ()) if not p.startswith("127.0.0.1:")] == []


def test_every_service_runs_a_command_that_exists() -> None:
    from typer.main import get_command

    from pipeline.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    for service in SERVICES.values():
        name, *words = map(str, service["command"])
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert [word for word in words if word.startswith("--") and word not in known] == []


def test_the_image_builds_and_says_its_version() -> None:
    docker = shutil.which("docker")
    if not os.environ.get("ANNEXES_DOCKER") or not docker:
        pytest.skip("asked for with ANNEXES_DOCKER=1, where Docker answers: a build takes packages from the network")
    subprocess.run([docker, "build", "-q", "-t", "annexes-test", str(ROOT)], check=True, capture_output=True)
    said = subprocess.run([docker, "run", "--rm", "annexes-test", "--version"], check=True, capture_output=True)
    assert said.stdout.startswith(b"annexes ")
