"""Write docs/rules.md from the table of rules. Run it when pipeline/contract/rules.py changes:

python -m scripts.rules_page
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.contract.rules import CHECKS, RULES, Rule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
_HEAD = """\
# Rules

Every finding and refusal of this project is named by one of these {count} rules. This page is made from
`pipeline/contract/rules.py` by `python -m scripts.rules_page`; titles and sentences are those that French readers see.

A rule's *check* is the asset check of a dataset that counts its findings. *Told*: whether the letter to a publisher may
hold it. A name that ends with (+) is counted in `controles` when it only warns.
"""


def page() -> str:
    """The page as Markdown: one table a check, then what is about no dataset of a document."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD.format(count=len(RULES))
    for check, holds in CHECKS.items():
        yield from _section(f"`{check}`", holds, [rule for rule in RULES.values() if rule.check == check])
    outside = [rule for rule in RULES.values() if rule.check is None]
    yield from _section("Around the documents", "Ce qui arrive, ce qui est attendu, le magasin des versions.", outside)


def _section(title: str, holds: str, rules: list[Rule]) -> Iterator[str]:
    yield f"## {title}\n\n{holds}\n"
    yield "| rule | severity | told | title | what it says |\n| --- | --- | --- | --- | --- |"
    for rule in sorted(rules, key=lambda r: r.name):
        name = f"`{rule.name}`" + (" (+)" if rule.also_warns else "")
        told = "yes" if rule.audience == "publisher" else ""
        yield f"| {name} | {', '.join(rule.severities)} | {told} | {rule.title} | {rule.why} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
