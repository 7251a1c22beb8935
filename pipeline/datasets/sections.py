"""The part of a document's reading that belongs to one act, between the headings that document.toml names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.cleaning.labels import fold
from pipeline.documents.model import Act, Document
from pipeline.extract.model import Block, Heading, Reading, Source


class SectionError(ValueError):
    """A heading that document.toml names is not in the reading (French)."""


def sections(reading: Reading, document: Document) -> Mapping[str, Reading]:
    """Act id → its part of the reading. An act without `begins` has whatever no other act claims.

    Repairs and unread parts go with the act whose lines hold them. Raises SectionError for a heading not found.
    """
    owner: dict[int, str] = {}
    current = ""
    pending = {fold(a.begins): a for a in document.acts if a.begins}
    ends: str | None = None
    for i, block in enumerate(reading.blocks):
        if isinstance(block, Heading):
            label = fold(block.text)
            if label in pending:
                act = pending.pop(label)
                current, ends = act.id, fold(act.ends) if act.ends else None
            elif ends is not None and label == ends:
                current, ends = "", None
        owner[i] = current
    if pending:
        missing = ", ".join(f"« {act.begins} »" for act in pending.values())
        raise SectionError(f"titre déclaré et introuvable dans le document : {missing}")
    rest = [a.id for a in document.acts if not a.begins]
    return {a.id: _part(reading, owner, a, rest) for a in document.acts}


def _part(reading: Reading, owner: Mapping[int, str], act: Act, rest: list[str]) -> Reading:
    name = "" if act.id in rest else act.id
    blocks = tuple(b for i, b in enumerate(reading.blocks) if owner[i] == name)
    if len({*owner.values(), name}) == 1:
        return reading
    starts = sorted((_order(b), owner[i]) for i, b in enumerate(reading.blocks))

    def mine(source: Source) -> bool:
        before = [who for place, who in starts if place <= source.order]
        return (before[-1] if before else "") == name

    return replace(
        reading,
        blocks=blocks,
        repairs=tuple(r for r in reading.repairs if mine(r.source)),
        unread=tuple(u for u in reading.unread if mine(u.source)),
    )


def _order(block: Block) -> tuple[int, int, int, float, float]:
    return block.source.order
