"""The text of the module that declares a proposed dataset, as `ruff format` would leave it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.contract.dataset import Check
from pipeline.drafting.columns import Proposed, cut
from pipeline.drafting.proposal import Proposal

_WIDTH = 120


def module_text(proposal: Proposal, has_act: bool) -> str:
    """The module, whole."""
    return "\n".join([*_imports(proposal), *_declarations(proposal, has_act)]) + "\n"


def _imports(proposal: Proposal) -> Iterator[str]:
    title = cut(_plain(proposal.title).replace('"', "'").replace("\\", "/"), 60)
    yield f'"""{title}: proposed by `annexes dataset new`, to be checked."""'
    yield ""
    yield "from __future__ import annotations"
    yield ""
    if any(column.kind.parser for column in proposal.columns):
        yield "from pipeline.cleaning import values"
    names = ["Column", "Dataset", "Expect", "Recognise"]
    names += ["Check"] if any(column.checks for column in proposal.columns) else []
    names += ["Ignore"] if proposal.others else []
    yield f"from pipeline.contract.dataset import {', '.join(sorted(names))}"
    yield f"from pipeline.datasets.toolkit import {'Total, table' if proposal.total else 'table'}"
    yield ""


def _declarations(proposal: Proposal, has_act: bool) -> Iterator[str]:
    yield from _call("ANNEX = Expect", [_text(proposal.expected), _Tuple("headers", _raws(proposal.headers))])
    yield "COLUMNS = ("
    for column in proposal.columns:
        yield from _call("    Column", _column(column), ",")
    yield ")"
    items = ["ANNEX"]
    for other in proposal.others:
        items.append(f"TABLE_{other.number}")
        known = _Tuple("headers", _raws(other.headers)) if other.headers else f"containing={_raw(other.containing)}"
        title, why = _text(other.title or f"tableau {other.number}"), _text("autre tableau du document, à examiner")
        yield from _call(f"{items[-1]} = Ignore", [title, f"why={why}", known])
    yield ""
    total = f", Total({_raw('(?:total|ensemble)')}, {_text(proposal.total)})" if proposal.total else ""
    about = _text("À écrire : ce que dit une ligne, et ce que la table ne dit pas.")
    yield f"{proposal.name.upper()} = Dataset("
    arguments: list[_Tuple | str] = [
        f"name={_text(proposal.name)}",
        f"title={_text(cut(_plain(proposal.title), 90))}",
        f"description={about}",
        _Tuple("key", [_text(k) for k in proposal.key]),
        "columns=COLUMNS",
        f"acts=Recognise({'titles' if has_act else 'sheets'}=({_raw(proposal.recognised)},))",
        f"read=table(ANNEX, COLUMNS{total})",
        *([] if has_act else ["dated=False"]),
        _Tuple("inventory", items),
    ]
    for argument in arguments:
        yield from _argument("    ", argument)
    yield ")"


def _column(column: Proposed) -> list[_Tuple | str]:
    said: list[_Tuple | str] = [_text(column.name), _text(column.kind.type), _text(column.label or column.name)]
    if column.kind.unit:
        said.append(f"unit={_text(column.kind.unit)}")
    if column.nullable:
        said.append("nullable=True")
    if column.checks:
        said.append(_Tuple("checks", [_check(check) for check in column.checks]))
    said.append(f"printed={column.printed}")
    if column.kind.parser:
        said.append(f"parse=values.{column.kind.parser}")
    return said


def _check(check: Check) -> str:
    if check.values is not None:
        return f"Check({_Tuple('values', [_text(v) for v in check.values])})"
    low, high = check.between or (0, 0)
    return f"Check(between=({int(low):_}, {int(high):_}))"


@dataclass(frozen=True)
class _Tuple:
    """A named argument that is a tuple of expressions."""

    name: str
    items: Sequence[str]

    def __str__(self) -> str:
        return f"{self.name}=({', '.join(self.items)}{',' if len(self.items) == 1 else ''})"


def _call(name: str, arguments: Sequence[_Tuple | str], end: str = "") -> Iterator[str]:
    """A call on one line where it fits, else one argument a line."""
    whole = f"{name}({', '.join(map(str, arguments))}){end}"
    if len(whole) <= _WIDTH:
        yield whole
        return
    margin = " " * (len(name) - len(name.lstrip()))
    yield f"{name}("
    for argument in arguments:
        yield from _argument(f"{margin}    ", argument)
    yield f"{margin}){end}"


def _argument(margin: str, argument: _Tuple | str) -> Iterator[str]:
    """One argument, a tuple that is too long one item a line."""
    if isinstance(argument, str) or len(f"{margin}{argument},") <= _WIDTH:
        yield f"{margin}{argument},"
        return
    yield f"{margin}{argument.name}=("
    yield from (f"{margin}    {item}," for item in argument.items)
    yield f"{margin}),"


def _raws(texts: Sequence[str]) -> list[str]:
    return [_raw(text) for text in texts]


def _text(text: str) -> str:
    return json.dumps(_plain(text), ensure_ascii=False)


def _raw(text: str) -> str:
    """A regular expression as a raw string; one that ends in a backslash, or has a quote, does not come here."""
    return f'r"{text}"'


def _plain(text: str) -> str:
    return " ".join(text.split())
