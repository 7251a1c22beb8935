"""The table of rules against the code: every name that the code gives a finding is declared, and every declared rule is
given by some module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import get_args, get_type_hints

import pytest

from pipeline.contract.findings import SEVERITIES
from pipeline.contract.rules import CHECKS, RULES, rule_named
from pipeline.extract.model import Unread
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


def test_every_declared_rule_is_given_by_some_module() -> None:
    """By a call, or by a text that a table of the module holds."""
    modules = [p for p in (ROOT / "pipeline").rglob("*.py") if (p.parent.name, p.name) != ("contract", "rules.py")]
    words = {
        node.value
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {name for name in RULES if name not in words and name.removeprefix("reparation_") not in words} == set()


def test_a_rule_that_is_not_declared_is_our_own_mistake() -> None:
    assert rule_named("total_different").check == "totals"
    with pytest.raises(KeyError, match="autre: rule not declared"):
        rule_named("autre")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_all_that_it_is_asked(rule) -> None:
    assert rule.severities and set(rule.severities) <= set(SEVERITIES)
    assert rule.check is None or rule.check in CHECKS
    assert rule.title and rule.why.endswith(".")


def test_a_rule_that_refuses_and_points_is_counted_where_each_belongs() -> None:
    assert rule_named("departement_inconnu").check_of("error") == "schema"
    assert rule_named("departement_inconnu").check_of("warning") == "totals"
    assert rule_named("montant_illisible").check_of("error") == "schema"


def test_the_page_of_rules_is_the_one_that_the_table_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.rules_page"


def test_all_that_a_reading_may_lack_has_a_rule_of_the_check_that_tells_it() -> None:
    """A kind without one would end the reading of its document with an error of our own."""
    kinds = get_args(get_type_hints(Unread)["kind"])
    assert "image_non_lue" in kinds
    assert {kind: rule_named(kind).check for kind in kinds} == dict.fromkeys(kinds, "read")
