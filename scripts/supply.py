"""What is taken from others, and on which terms: every locked package with its licence, and the faults known of it.

`check` (in `make check`, without network) compares the locks with scripts/supply.json; `update` (in `make lock`) writes
that file again: licences as the installed packages state them, faults as pip-audit finds them, where it is installed.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LISTED = ROOT / "scripts" / "supply.json"
LOCKS = "requirements*.lock"
_PINNED = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Artistic|CC0|Zlib|HPND|Unlicense",
    re.I,
)
"""Terms under which a package may be a dependency; of several offered, one is enough."""


@dataclass(frozen=True)
class Package:
    """One locked package. `faults`: known vulnerabilities, each with the reason why it may stand ('' when none was
    given)."""

    version: str
    licence: str
    faults: Mapping[str, str]


def locked(root: Path = ROOT) -> dict[str, str]:
    """Package → version, of all locks."""
    found: dict[str, str] = {}
    for path in sorted(root.glob(LOCKS)):
        for name, version in _PINNED.findall(path.read_text(encoding="utf-8")):
            found[_normal(name)] = version
    return found


def listed(path: Path = LISTED) -> tuple[dict[str, Package], str]:
    """What was noted of each package, and when faults were last looked for ('' for never)."""
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    packages = {n: Package(p["version"], p["licence"], p.get("faults", {})) for n, p in data["packages"].items()}
    return packages, str(data.get("audited") or "")


def problems(pinned: Mapping[str, str], known: Mapping[str, Package]) -> Iterator[str]:
    """What stands against the locks as they are; nothing when all is in order."""
    for name, version in sorted(pinned.items()):
        package = known.get(name)
        if package is None or package.version != version:
            yield f"{name} {version}: not in scripts/supply.json; run `make lock`"
            continue
        if not _ALLOWED.search(package.licence):
            yield f"{name} {version}: licence “{package.licence}” is none that was agreed to"
        for fault, reason in package.faults.items():
            if not reason:
                yield f"{name} {version}: {fault}; take another version, or say in scripts/supply.json why it may stand"
    for name in sorted(known.keys() - pinned.keys()):
        yield f"{name}: in scripts/supply.json and locked no more; run `make lock`"


def update() -> None:
    """Write scripts/supply.json again. What is not installed keeps the licence that was noted of it."""
    known, audited = listed() if LISTED.is_file() else ({}, "")
    found = _faults()
    packages = {}
    for name, version in sorted(locked().items()):
        before = known.get(name, Package("", "", {}))
        same = before.faults if before.version == version else {}
        faults = {fault: same.get(fault, "") for fault in found[name]} if found and name in found else same
        packages[name] = {"version": version, "licence": _licence(name) or before.licence, "faults": dict(faults)}
    moment = f"{datetime.now(UTC):%Y-%m-%d}" if found is not None else audited
    text = json.dumps({"audited": moment, "packages": packages}, ensure_ascii=False, indent=1)
    LISTED.write_text(text + "\n", encoding="utf-8")


def _faults() -> dict[str, list[str]] | None:
    """Package → ids of its known faults, as pip-audit says; None where it is not installed, or could not look at all of
    them: an audit that knows nothing of a package is none."""
    if not shutil.which("pip-audit"):
        print("pip-audit is not installed: known faults stay as they were noted", file=sys.stderr)
        return None
    found: dict[str, list[str]] = {}
    unknown: list[str] = []
    for path in sorted(ROOT.glob(LOCKS)):
        command = ["pip-audit", "--disable-pip", "--require-hashes", "-r", str(path), "-f", "json"]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        for package in json.loads(said.stdout)["dependencies"]:
            found[_normal(package["name"])] = [each["id"] for each in package.get("vulns", ())]
            if "skip_reason" in package:
                unknown.append(package["name"])
    if unknown:
        print(f"pip-audit knows nothing of {len(unknown)} packages ({unknown[0]}, …): faults stay as they were noted")
        return None
    return found


def _licence(name: str) -> str:
    """As the installed package states it; '' when it is not installed, or does not say."""
    try:
        metadata = importlib.metadata.distribution(name).metadata
    except importlib.metadata.PackageNotFoundError:
        return ""
    classified = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier") or [] if c.startswith("License")]
    stated = str(metadata.get("License-Expression") or "") or " OR ".join(classified)
    return stated or str(metadata.get("License") or "").split("\n")[0][:60]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(words: list[str]) -> int:
    """`check` or `update`. 0: in order; 1: something stands against it; 2: another word."""
    if words == ["update"]:
        update()
        return 0
    if words != ["check"]:
        print("scripts.supply: check or update", file=sys.stderr)
        return 2
    known, audited = listed()
    found = list(problems(locked(), known))
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(known)} locked packages; faults last looked for: {audited or 'never'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
