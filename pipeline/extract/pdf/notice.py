"""What the first page of a PDF says of the text it prints. Only that page's words are read, in a confined child."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from pipeline.extract.model import ExtractError
from pipeline.extract.notice import page_notice
from pipeline.extract.pdf.limits import DEFAULT, Limits
from pipeline.parallel import using

_CHARACTERS = 20_000


def pdf_metadata(data: bytes, limits: Limits = DEFAULT) -> dict[str, str]:
    """As `html.html_metadata`, from what page 1 prints: titre, nor, signe_le, publie_le, nature, num_parution,
    num_sequence. Empty for a page without text; a file that does not read says nothing here, the refresh refuses it."""
    from pipeline.extract.pdf.worker import check_file, confined

    with tempfile.NamedTemporaryFile(prefix="annexes-", suffix=".pdf") as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        try:
            check_file(path, limits)
        except ExtractError:
            return {}
        with using() as engine:
            (text,) = engine.map(partial(first_page, limits), [file.name], limits.wall_seconds, child=confined(limits))
    return page_notice(text) if isinstance(text, str) else {}


def first_page(limits: Limits, path: str) -> str:
    """The words of page 1, lines as printed; '' when it does not open. Runs in the child."""
    import pypdfium2

    from pipeline.extract.confined import processor_time

    with processor_time(limits.cpu_seconds):
        try:
            with pypdfium2.PdfDocument(path) as document:
                page = document[0]
                text: str = page.get_textpage().get_text_range()
        except (pypdfium2.PdfiumError, IndexError):
            return ""
    return text[:_CHARACTERS].replace("\r\n", "\n")
