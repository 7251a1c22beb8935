"""findings.toml as text: findings added, given another reason, taken out; the rest of the file kept."""

from __future__ import annotations

import tomllib

import pytest

from pipeline.documents.decisions import AcknowledgeError, with_reasons, without_reason

HELD = '# Vu avec le ministère.\n\n[[finding]]\nid = "bbb"\nreason = "déjà vu"\nseen = 2026-01-02\n'


def held(text: str) -> dict[str, str]:
    return {entry["id"]: entry["reason"] for entry in tomllib.loads(text).get("finding", [])}


def test_a_finding_is_added_in_the_order_of_ids_and_the_rest_stays() -> None:
    text = with_reasons(HELD, {"aaa": "à confirmer"})
    assert list(held(text).items()) == [("aaa", "à confirmer"), ("bbb", "déjà vu")]
    assert text.startswith("# Vu avec le ministère.\n")
    assert "seen = 2026-01-02\n" in text


COMMENTED = """# Vu avec le ministère.

# la coquille du tableau 2
[[finding]]
id = "bbb"
reason = "déjà vu"  # par courriel

# attend une réponse
[[finding]]
id = "ddd"
reason = "vu"
"""


def test_comments_stay_where_they_are() -> None:
    after = with_reasons(COMMENTED, {"ccc": "nouveau", "bbb": "confirmé"})
    assert after == COMMENTED.replace("déjà vu", "confirmé").replace(
        "# attend", '[[finding]]\nid = "ccc"\nreason = "nouveau"\n\n# attend'
    )
    assert with_reasons(COMMENTED, {"aaa": "premier"}) == COMMENTED.replace(
        "# la coquille", '[[finding]]\nid = "aaa"\nreason = "premier"\n\n# la coquille'
    )


def test_the_comment_right_above_a_finding_goes_with_it() -> None:
    head, second = COMMENTED[: COMMENTED.index("# la")], COMMENTED[COMMENTED.index("# attend") :]
    assert without_reason(COMMENTED, ["bbb"]) == head + second
    assert without_reason(COMMENTED, ["ddd"]) == COMMENTED[: COMMENTED.index("# attend")]


def test_a_second_reason_replaces_the_first() -> None:
    assert held(with_reasons(HELD, {"bbb": "confirmé"})) == {"bbb": "confirmé"}


def test_a_new_file_says_what_it_is() -> None:
    text = with_reasons("", {"aaa": "vu"})
    assert text.startswith("# Findings a person has looked at")
    assert with_reasons(text, {"aaa": "vu"}) == text


@pytest.mark.parametrize("reason", ['l\'annexe "I"', "un \\ et\nune ligne", "\x7f", "« œ » 𝟙"])
def test_any_reason_is_read_back(reason: str) -> None:
    assert held(with_reasons("", {"aaa": reason})) == {"aaa": reason}


def test_a_finding_is_taken_out_and_the_last_leaves_nothing() -> None:
    both = with_reasons(HELD, {"aaa": "vu"})
    assert held(without_reason(both, ["aaa"])) == {"bbb": "déjà vu"}
    assert without_reason(both, ["aaa", "bbb"]) == ""


def test_what_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(AcknowledgeError, match="ccc"):
        without_reason(HELD, ["ccc"])


@pytest.mark.parametrize("text", ["[[finding]", '[[finding]]\nid = "a"\n', '[other]\nid = "a"\n', 'finding = ["a"]\n'])
def test_another_file_is_left_alone(text: str) -> None:
    with pytest.raises(AcknowledgeError):
        with_reasons(text, {"aaa": "vu"})
