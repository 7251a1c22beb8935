"""Coverage-guided fuzzing of the readers of text: nothing but the declared error may escape them.

Needs atheris (extra `soak`): python tests/soak/fuzz_markup.py -max_total_time=60. `test_fuzz_markup` runs it as a test.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def one_input(data: bytes) -> None:
    """All readers and both metadata readers on the same bytes; cells must stand where the grid says."""
    from pipeline.extract.cells import read_cells
    from pipeline.extract.csv import read_csv
    from pipeline.extract.html import html_metadata, read_html
    from pipeline.extract.markdown import read_markdown
    from pipeline.extract.model import ExtractError
    from pipeline.extract.tsv import read_tsv
    from pipeline.extract.xml import read_xml, xml_metadata

    for read in (read_xml, read_html, read_markdown, read_csv, read_tsv, read_cells):
        with contextlib.suppress(ExtractError):
            for grid in read(data).grids:
                assert all(grid.own(cell.row, cell.col) is cell for cell in grid.cells)
    for metadata in (xml_metadata, html_metadata):
        with contextlib.suppress(ExtractError):
            metadata(data)


def write_seeds(folder: Path) -> None:
    """A corpus to start from: a text with a table, and a page whose table is left open."""
    from tests.extract.jorf_made import article, jorf_text, table

    rows = table([["Zone", "Prix"], ["A", "12"], ["B&amp;eacute;", ""]])
    (folder / "text.xml").write_bytes(jorf_text(article("<p>ANNEXE I</p>" + rows, "1")))
    (folder / "page.md").write_bytes(
        b"# **a** **b**\n\n| a[^1] | b |\n|---|---|\n| 1<sup>2</sup> |\n\n<table><tr><td hidden>x"
    )
    (folder / "page.html").write_bytes(
        b"<p>(...)<table><caption>t<tr><th rowspan=2>a<td colspan=3>b<br><table><tr><td>c"
    )


def main() -> None:
    sys.path.insert(0, str(ROOT))
    import atheris

    # Only what is imported in here is instrumented; without it the fuzzer is blind and says so.
    with atheris.instrument_imports(include=["pipeline.extract"]):
        import pipeline.extract.cells
        import pipeline.extract.csv
        import pipeline.extract.markdown
        import pipeline.extract.tsv
        import pipeline.extract.xml  # noqa: F401
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        atheris.Setup([*sys.argv, folder], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
