"""Writes the pages of docs/ that are made of declarations: tables.md in both languages, rules.md (`make docs`)."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.dictionary import PAGES, page
from pipeline.datasets import all_datasets
from pipeline.warehouse.marts import read_marts
from scripts import rules_page

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write each page, and name those that changed."""
    datasets, marts = all_datasets(), read_marts()
    texts = {ROOT / name: page(name, datasets, marts) for name in PAGES}
    texts[rules_page.PAGE] = rules_page.page()
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
