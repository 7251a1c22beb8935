"""Tables as statistical offices and ministries print them: long labels, units, numbered columns, titles over the body,
dots that lead on, notes, gaps between groups, sparse columns. How they are set on paper is the producers' affair."""

from __future__ import annotations

from benchmarks.pdf.producers.content import Cell, Lot, Table

Row = tuple[Cell | None, ...]
ABSENT = ("–", "...", "(X)", "n.a.", "-", "ns")
UNITS = {"fr": ("en milliers", "en %", "millions d'euros", "(nombre)"), "en": ("Percent", "(thousands)", "Number")}
MARKS = ("", "", "", "", "1", "(a)", "*")


def report(lot: Lot) -> Table:
    """One table, drawn by lot."""
    kinds = _kinds(lot)
    header = _header(lot, len(kinds))
    leaders = lot.random() < 0.3
    body: list[Row] = []
    for group in range(lot.randint(1, 4)):
        body += _group(lot, kinds, group, leaders)
    if lot.random() < 0.4:
        body.append((Cell("Total"), *(_value(lot, kind) for kind in kinds)))
    return Table((*header, *body), len(header))


def _kinds(lot: Lot) -> list[str]:
    """What each column prints, the stub aside: like its neighbour more often than not."""
    kinds: list[str] = []
    for _ in range(lot.randint(2, 7)):
        fresh = lot.choice(("count", "count", "decimal", "percent", "interval", "date", "code", "signed", "sparse"))
        kinds.append(kinds[-1] if kinds and lot.random() < 0.6 else fresh)
    if len(kinds) < 4 and lot.random() < 0.3:
        kinds.append("remark")
    return kinds


def _header(lot: Lot, columns: int) -> list[Row]:
    longest = lot.choice((1, 2, 6))
    stub = Cell(lot.choice(("", lot.words(1, 3))))
    labels = [Cell(lot.words(1, longest), figure=True) for _ in range(columns)]
    rows: list[Row] = [(stub, *labels)]
    if columns % 2 == 0 and columns >= 4 and lot.random() < 0.5:
        groups = [Cell(lot.words(1, 3), col_span=2, figure=True), None] * (columns // 2)
        rows.insert(0, (Cell(""), *groups))
    if lot.random() < 0.2:
        rows.append((Cell(""), *(Cell(f"({k + 1})", figure=True) for k in range(columns))))
    elif lot.random() < 0.25:
        unit = Cell(lot.choice(UNITS[lot.language]), col_span=columns, figure=True)
        rows.append((Cell(""), unit, *[None] * (columns - 1)))
    return rows


def _group(lot: Lot, kinds: list[str], group: int, leaders: bool) -> list[Row]:
    """Rows under a title over all columns, under a label of their own, or after a gap."""
    found: list[Row] = []
    columns = len(kinds)
    shape = lot.choice(("plain", "gap", "over", "label"))
    if shape == "over":
        found.append((Cell(lot.words(1, 3).upper(), col_span=columns + 1, figure=True), *[None] * columns))
    elif shape == "gap" and group:
        found.append(tuple(Cell("", figure=k > 0) for k in range(columns + 1)))
    elif shape == "label":
        found.append((Cell(lot.words(1, 4)), *(Cell("", figure=True) for _ in kinds)))
    longest = lot.choice((2, 4, 9))
    for _ in range(lot.randint(2, 7)):
        label = lot.words(1, longest) + lot.choice(MARKS)
        if leaders:
            label += " " + "." * lot.randint(6, 20)
        found.append((Cell(label, indent=int(shape == "label")), *(_value(lot, kind) for kind in kinds)))
    return found


def _value(lot: Lot, kind: str) -> Cell:
    if lot.random() < (0.8 if kind == "sparse" else 0.06):
        return Cell(lot.choice(("", *ABSENT)) if kind != "sparse" else "", figure=True)
    return Cell(_printed(lot, kind), figure=kind != "remark")


def _printed(lot: Lot, kind: str) -> str:
    match kind:
        case "decimal":
            return f"{lot.uniform(0, 900):.1f}".replace(".", "," if lot.language == "fr" else ".")
        case "percent":
            return f"{lot.uniform(0, 100):.1f}%"
        case "interval":
            low = lot.uniform(0, 50)
            return f"{low + 3:.1f} ({low:.1f}–{low + 7:.1f})"
        case "date":
            return f"{lot.randint(1, 28):02}/{lot.randint(1, 12):02}/{lot.randint(1995, 2019)}"
        case "code":
            return f"{lot.choice('ABEK')}-{lot.randint(1, 99)}"
        case "signed":
            return f"{lot.choice('+-')}{lot.uniform(0, 20):.1f}"
        case "remark":
            return lot.words(2, 8)
    number = f"{10 ** lot.uniform(1, 6):,.0f}"
    return number.replace(",", " ") if lot.language == "fr" else number
