"""The two functions the rest of the pipeline calls: pages read into results, results assembled into a Reading.

`read_pages` runs in a worker and loads pdfium; `assemble` runs in the parent and loads no library at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.model import Reading
from pipeline.extract.pdf.assemble import assemble_pages
from pipeline.extract.pdf.limits import Limits
from pipeline.extract.pdf.results import PageResults


def read_pages(path: str, first: int, last: int, limits: Limits) -> PageResults:
    """Pages `first` to `last` (from 1, both included; those past the end are left out).

    Raises ExtractError when the file cannot be opened. What a page lacks is in its `unread`, never left unsaid.
    """
    from pipeline.extract.pdf import pages

    return pages.read(path, first, last, limits)


def assemble(results: Sequence[PageResults]) -> Reading:
    """The reading of the whole file from the results of all its chunks, given in any order."""
    words: frozenset[str] = frozenset().union(*(chunk.words for chunk in results))
    return assemble_pages([page for chunk in sorted(results, key=lambda r: r.first) for page in chunk.pages], words)
