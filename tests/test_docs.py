"""Every query of the README and of docs/ runs on the shipped documents and gives the answer printed under it.

`ANNEXES_UPDATE_GOLDEN=1` writes the answers anew; read the diff before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pipeline.cli.rows import Output, rendered
from pipeline.settings import Settings
from pipeline.warehouse.access import query
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "docs/questions.md"]
PAIR = re.compile(r"```sql\n(?P<sql>.*?)\n```\n\n```text\n(?P<answer>.*?)```", re.DOTALL)
QUERIES = [(page, match["sql"]) for page in PAGES for match in PAIR.finditer(page.read_text(encoding="utf-8"))]


def answer(settings: Settings, sql: str) -> str:
    """What `annexes sql` prints, without trailing blanks."""
    lines = rendered(query(settings, sql), Output.table).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


@pytest.mark.parametrize(("page", "sql"), QUERIES, ids=[f"{p.name}-{i}" for i, (p, _) in enumerate(QUERIES)])
def test_a_query_gives_the_answer_printed_under_it(page: Path, sql: str, shipped: Settings) -> None:
    found = answer(shipped, sql)
    text = page.read_text(encoding="utf-8")
    printed = next(m for m in PAIR.finditer(text) if m["sql"] == sql)
    if os.environ.get("ANNEXES_UPDATE_GOLDEN"):
        start, end = printed.span("answer")
        page.write_text(text[:start] + found + text[end:], encoding="utf-8")
        return
    assert found == printed["answer"]


def test_there_are_queries_to_run() -> None:
    assert len(QUERIES) >= 12


def test_every_path_named_in_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_dictionary_is_the_one_declared() -> None:
    from pipeline.cli.dictionary import as_markdown
    from pipeline.datasets import all_datasets
    from pipeline.warehouse.marts import read_marts

    path = ROOT / "docs/tables.md"
    text = as_markdown(all_datasets(), read_marts()) + "\n"
    if os.environ.get("ANNEXES_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
