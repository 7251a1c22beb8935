"""A stream through a flow: the parts of a document as they come, or gathered in one Reading.

Streams are seekable and stay open; which dialect they hold is for `extract.xml` and `extract.html`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pipeline.extract.markup.decode import Encoding, encoding_of, size_of, text_chunks
from pipeline.extract.markup.flow import Flow
from pipeline.extract.markup.limits import Limits
from pipeline.extract.markup.notices import is_rectificatif
from pipeline.extract.model import Block, ExtractError, Grid, Paragraph, Reading, Repair, Source, Unread

Part = Block | Repair | Unread


def opened(stream: BinaryIO, limits: Limits) -> Encoding:
    """The encoding of a stream worth reading. ExtractError for an empty one, or one past the bound."""
    size = size_of(stream)
    if not size:
        raise ExtractError("Le fichier est vide.", "le télécharger de nouveau")
    if size > limits.file_bytes:
        raise ExtractError(f"Le fichier dépasse {limits.file_bytes >> 20} Mio.", "le découper")
    return encoding_of(stream)


def parts_of(stream: BinaryIO, encoding: Encoding, flow: Flow) -> Iterator[Part]:
    """Blocks, repairs and missing parts in reading order. Memory is that of the largest table, not of the file."""
    yield from encoding.repairs
    for tag in flow.scanner.tags(text_chunks(stream, encoding)):
        flow.feed(tag)
        if flow.ready:
            yield from flow.parts()
    flow.finish()
    yield from flow.parts()
    yield from flow.log.rest()


def naming_rectificatif(parts: Iterable[Part], meta: dict[str, str]) -> Iterator[Part]:
    """The parts, and a gap where the text corrects another in prose.

    It says so by a RECT element, or by its title or NOR while it has no table.
    """
    first: Source | None = None
    told = has_table = False
    for part in parts:
        yield part
        has_table = has_table or isinstance(part, Grid)
        if isinstance(part, Paragraph):
            first = first or part.source
            if not told and "/RECT[" in (part.source.path or ""):
                told = True
                yield Unread("rectificatif_en_prose", part.source, part.text)
    title = meta.get("titre", "")
    if is_rectificatif(title, meta.get("nor", "")) and not has_table and not told:
        yield Unread("rectificatif_en_prose", first or Source(), title)


def gathered(parts: Iterable[Part], meta: dict[str, str], limits: Limits) -> Reading:
    """One Reading of all the parts; ExtractError past the bound of blocks, or where there is no text at all."""
    blocks: list[Block] = []
    repairs: list[Repair] = []
    unread: list[Unread] = []
    for part in parts:
        if isinstance(part, Repair):
            repairs.append(part)
        elif isinstance(part, Unread):
            unread.append(part)
        else:
            blocks.append(part)
            if len(blocks) > limits.blocks:
                raise ExtractError(f"Plus de {limits.blocks} blocs de texte.", "découper le fichier", part.source)
    if not blocks and not unread:
        raise ExtractError("Le fichier n'a aucun texte à lire.", "vérifier ce qui a été déposé")
    return Reading(tuple(blocks), tuple(repairs), tuple(unread), meta=meta)
