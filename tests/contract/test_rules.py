"""The table of rules: what each says, and what is asked of it. `tests/test_rules.py` holds it against the code."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from pipeline.contract.findings import SEVERITIES
from pipeline.contract.rules import CHECKS, RULES, rule_named
from pipeline.extract.model import Unread


def test_a_rule_that_is_not_declared_is_our_own_mistake() -> None:
    assert rule_named("total_different").check == "controles"
    with pytest.raises(KeyError, match="autre: rule not declared"):
        rule_named("autre")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_all_that_it_is_asked(rule) -> None:
    assert rule.severities and set(rule.severities) <= set(SEVERITIES)
    assert rule.check is None or rule.check in CHECKS
    assert rule.title and rule.why.endswith(".")


def test_a_rule_that_refuses_and_points_is_counted_where_each_belongs() -> None:
    assert rule_named("departement_inconnu").check_of("error") == "valeurs"
    assert rule_named("departement_inconnu").check_of("warning") == "controles"
    assert rule_named("montant_illisible").check_of("error") == "valeurs"


def test_all_that_a_reading_may_lack_has_a_rule_of_the_check_that_tells_it() -> None:
    """A kind without one would end the reading of its document with an error of our own."""
    kinds = get_args(get_type_hints(Unread)["kind"])
    assert "image_non_lue" in kinds
    assert {kind: rule_named(kind).check for kind in kinds} == dict.fromkeys(kinds, "lecture")
