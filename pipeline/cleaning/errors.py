"""The one refusal of this room: a printed text that is no value of the kind asked for."""

from __future__ import annotations


class UnreadableError(ValueError):
    """`rule` names the parser, `reason` says in French what is wrong with the printed text."""

    def __init__(self, rule: str, reason: str) -> None:
        self.rule, self.reason = rule, reason
        super().__init__(reason)
