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

PAGES = [ROOT / name for name in ("README.md", "README.fr.md", "docs/questions.md", "docs/fr/questions.md")]
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


LINKING = [*PAGES, *(ROOT / f"docs/{name}.md" for name in ("tutorial", "fr/tutoriel", "fr/lecture", "fr/tables"))]


@pytest.mark.parametrize("page", LINKING, ids=[str(page.relative_to(ROOT)) for page in LINKING])
def test_every_path_named_in_a_page_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("http") and not (page.parent / link).exists()] == []


def blocks(page: str) -> set[str]:
    """The queries, answers, recipes and outputs of a page, without comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return {re.sub(r"\s+#.*", "", block) for block in re.findall(r"```[a-z]+\n(.*?)```", text, re.DOTALL)}


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("README.md", "README.fr.md"),
        ("docs/questions.md", "docs/fr/questions.md"),
        ("docs/reading.md", "docs/fr/lecture.md"),
        ("docs/tutorial.md", "docs/fr/tutoriel.md"),
    ],
)
def test_the_french_page_shows_what_the_english_one_does(english: str, french: str) -> None:
    assert blocks(french) == blocks(english)


COMMANDS = re.compile(r"`annexes ([a-z]+)((?: [^`]*)?)`")


@pytest.mark.parametrize("page", LINKING, ids=[str(page.relative_to(ROOT)) for page in LINKING])
def test_every_command_and_option_named_in_a_page_exists(page: Path) -> None:
    from typer.main import get_command

    from pipeline.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    wrong = []
    for name, words in COMMANDS.findall(page.read_text(encoding="utf-8")):
        known = (
            {option for parameter in commands[name].params for option in parameter.opts} if name in commands else set()
        )
        wrong += [f"{name} {word}" for word in re.findall(r"--[a-z-]+", words) if word not in known | {"--help"}]
        wrong += [name] * (name not in commands)
    assert wrong == []


@pytest.mark.parametrize("name", ["docs/tables.md", "docs/fr/tables.md"])
def test_the_dictionary_is_the_one_declared(name: str) -> None:
    """`make docs` writes both."""
    from pipeline.cli.dictionary import page
    from pipeline.datasets import all_datasets
    from pipeline.warehouse.marts import read_marts

    text = page(name, all_datasets(), read_marts())
    if os.environ.get("ANNEXES_UPDATE_GOLDEN"):
        (ROOT / name).write_text(text, encoding="utf-8")
    assert text == (ROOT / name).read_text(encoding="utf-8")
