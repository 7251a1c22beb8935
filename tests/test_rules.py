"""The table of rules against all of the code: every name that it gives a finding is declared, with its severities, and
every declared rule is given by some module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pipeline.contract.rules import RULES, rule_named
from scripts.rules_page import PAGE, page
from tests.conftest import ROOT

NAMED_FIRST = {"Observation", "Finding", "UnreadableError", "Problem", "Unread", "_unbalanced"}
"""Calls whose first argument names a rule."""
NAMED_SECOND = {"Refused", "spoil", "_unreadable"}
REPAIRS = {"Repair", "RepairLog", "add"}
"""Calls whose first argument names the kind of a repair; a finding of it is `reparation_<kind>`."""


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(file, name called, the call) in all modules but the table of rules itself."""
    for path in sorted((ROOT / "pipeline").rglob("*.py")):
        if path.name == "rules.py" and path.parent.name == "contract":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                yield str(path.relative_to(ROOT)), called, node


def texts(node: ast.expr) -> list[str]:
    """The text that an argument is, or the two that it may be."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def named() -> Iterator[tuple[str, str]]:
    """(file, rule) wherever a call names a rule by a text."""
    for file, called, node in calls():
        place = 0 if called in NAMED_FIRST else 1 if called in NAMED_SECOND else None
        found = [texts(node.args[place])] if place is not None and len(node.args) > place else []
        found += [texts(keyword.value) for keyword in node.keywords if keyword.arg == "rule"]
        if called in REPAIRS and len(node.args) > 1:
            found += [[f"reparation_{kind}" for kind in texts(node.args[0])]]
        yield from ((file, rule) for rules in found for rule in rules if rule)


def test_every_name_that_the_code_gives_is_declared() -> None:
    assert {f"{file}: {rule}" for file, rule in named() if rule not in RULES} == set()


def test_findings_have_the_severities_that_their_rule_declares() -> None:
    pairs = [
        (file, rule, severity)
        for file, called, node in calls()
        if called in ("Observation", "Finding") and len(node.args) > 1
        for rule in texts(node.args[0])
        for severity in texts(node.args[1])
    ]
    assert len(pairs) > 50
    wrong = {f"{file}: {rule} {said}" for file, rule, said in pairs if said not in rule_named(rule).severities}
    assert wrong == set()


def test_every_declared_rule_is_given_by_some_module() -> None:
    """By a call, or by a text that a table of the module holds."""
    modules = [p for p in (ROOT / "pipeline").rglob("*.py") if (p.parent.name, p.name) != ("contract", "rules.py")]
    words = {
        node.value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    bare = {name: name.removeprefix("reparation_").removeprefix("signe_") for name in RULES}
    assert {name for name in RULES if name not in words and bare[name] not in words} == set()


def test_the_page_of_rules_is_the_one_that_the_table_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.rules_page"
