"""Makes tests/store/format_1: a version as format 1 wrote it, to be read for ever.

    python -m tests.store.make_format_1

Format 1 had no checksum in its JSON. This version also stands for an old declaration of the dataset: no column
`nom`, and citations without `offset` and `rules`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.store.tables import content_hash
from tests.warehouse.made import cells_table, rows_table

FOLDER = Path(__file__).parent / "format_1"
ROWS = [(2019, "200000001", None, 8_000), (2019, "200000002", None, 7_500)]


def main() -> None:
    folder = FOLDER / "seuils"
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_table(ROWS).drop_columns(["nom"])
    cells = _renumbered(cells_table(rows_table(ROWS))).drop_columns(["offset", "rules"])
    pq.write_table(rows, folder / "000001.parquet")
    pq.write_table(cells, folder / "000001.cells.parquet")
    names = ("000001.parquet", "000001.cells.parquet")
    record = {
        "accepted_at": "2025-03-01T09:30:00+00:00",
        "act": {"id": "A0", "nor": None, "published": None, "signed": None, "title": "Arrêté A0", "url": None},
        "content_sha256": content_hash(rows),
        "dataset": "seuils",
        "document": "doc-A0",
        "edition": "A0",
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        "findings": {},
        "format": 1,
        "inputs_sha256": "",
        "licence": "",
        "publisher": "",
        "quarantined": 0,
        "relation": None,
        "rendition": "annexe.txt",
        "role": "published",
        "rows": len(ROWS),
        "source_url": "",
        "valid_from": "2019-06-01",
        "valid_from_base": "texte",
        "valid_to": None,
        "valid_to_base": "aucune",
        "version_no": 1,
    }
    (folder / "000001.json").write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _renumbered(cells: pa.Table) -> pa.Table:
    """Columns numbered as when `nom`, the third, did not exist."""
    numbers = [3 if n == 4 else n for n in cells.column("col_no").to_pylist()]
    return cells.set_column(1, cells.schema.field("col_no"), pa.array(numbers, pa.int16()))


if __name__ == "__main__":
    main()
