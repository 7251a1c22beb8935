"""Tables without rules, drawn by lot: statistics, accounts, lists of people, answers, texts. Same seed, same table.

How they are set on paper is in `chromium` and `groff`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

FRENCH = """revenu logement commune surface charges produits dotation part annuel moyen indice région service habitat
aide prêt neuf ancien locatif zone plafond population ménage emploi formation secteur santé dépense énergie transport
rural urbain forêt famille impôt dette valeur salaire"""
ENGLISH = """income housing county area charges revenue grant share annual mean index region service support loan new
existing rented zone ceiling population household employment training sector health spending energy transport rural
urban forest family tax debt value wage female student"""
WORDS = {"fr": FRENCH.split(), "en": ENGLISH.split()}
SMALL = {"fr": ("de", "du", "des", "et", "pour", "par", "sur"), "en": ("of", "the", "and", "in", "for", "by", "from")}
NAMES = ("Martin", "Bernard", "Dubois", "Petit", "Moreau", "Garcia", "Smith", "Jones", "Taylor", "Brown", "Wilson")
CITIES = ("Lyon", "Bordeaux", "Rouen", "Dijon", "Nantes", "Limoges", "Leeds", "York", "Boston", "Denver", "Salem")


@dataclass(frozen=True)
class Cell:
    """`indent` counts levels of a hierarchy; `figure` says that it is aligned as figures are."""

    text: str
    row_span: int = 1
    col_span: int = 1
    indent: int = 0
    figure: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, None under a span; the first `header` rows are header. `texts`: columns are running text."""

    rows: tuple[tuple[Cell | None, ...], ...]
    header: int
    texts: bool = False

    @property
    def printed(self) -> list[list[str]]:
        """What is printed, a spanning cell at its first place."""
        return [[cell.text if cell else "" for cell in row] for row in self.rows]


class Lot(random.Random):
    """A source of words and figures in one language."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.language = self.choice(("fr", "en"))

    def words(self, low: int, high: int) -> str:
        found = [self.choice(WORDS[self.language]) for _ in range(self.randint(low, high))]
        for i in range(1, len(found) - 1):
            if self.random() < 0.35:
                found[i] = self.choice(SMALL[self.language])
        return " ".join(found).capitalize()

    def prose(self) -> str:
        return " ".join(self.words(8, 22) + "." for _ in range(self.randint(2, 5)))

    def figures(self, kind: str, n: int) -> tuple[Cell, ...]:
        return tuple(self.figure(kind) for _ in range(n))

    def figure(self, kind: str) -> Cell:
        if self.random() < 0.05:
            return Cell("–", figure=True)
        if kind == "percent":
            return Cell(f"{self.uniform(0, 100):.1f}%", figure=True)
        number = f"{10 ** self.uniform(1, 5.5):,.0f}"
        text = number.replace(",", " ") if self.language == "fr" else number
        return Cell(f"({text})" if kind == "account" and self.random() < 0.2 else text, figure=True)


def table(lot: Lot) -> Table:
    """One table of any kind; statistics are the most frequent."""
    return lot.choices((statistics, answers, people, texts, crosses), (6, 2, 2, 2, 1))[0](lot)


def statistics(lot: Lot) -> Table:
    """Figures under a header of one to three rows, their labels flat, in a hierarchy or under titles of sections."""
    header = _header(lot)
    columns = len(header[0]) - 1
    kind = lot.choice(("count", "account", "percent"))
    longest = lot.choice((3, 3, 8))
    shape = lot.choice(("flat", "hierarchy", "sections"))
    body: list[tuple[Cell | None, ...]] = []
    while len(body) < lot.randint(6, 24):
        if shape == "flat":
            body.append((Cell(lot.words(1, longest)), *lot.figures(kind, columns)))
            continue
        if shape == "sections":
            body.append((Cell(lot.words(1, 4)), *(Cell("", figure=True) for _ in range(columns))))
        else:
            body.append((Cell(lot.words(1, longest)), *lot.figures(kind, columns)))
        body += [(Cell(lot.words(1, longest), indent=1), *lot.figures(kind, columns)) for _ in range(lot.randint(2, 4))]
    if lot.random() < 0.4:
        body.append((Cell("Total"), *lot.figures(kind, columns)))
    return Table((*header, *body), len(header))


def _header(lot: Lot) -> list[tuple[Cell | None, ...]]:
    levels = lot.choices((1, 2, 3), (5, 4, 1))[0]
    stub = Cell(lot.choice(("", lot.words(1, 2))))
    if levels == 1:
        return [(stub, *_labels(lot, lot.randint(1, 6)))]
    groups, each = (2, lot.randint(2, 3)) if levels == 2 else (2, 4)
    labels = _labels(lot, each) if levels == 2 else _labels(lot, 2) * 2
    rows: list[list[Cell | None]] = [[Cell("")], [stub]]
    for _ in range(groups):
        rows[0] += [Cell(lot.words(1, 3), col_span=each, figure=True), *[None] * (each - 1)]
        rows[-1] += labels
    if levels == 3:
        halves = [Cell(lot.words(1, 2), col_span=2, figure=True), None] * 4
        rows.insert(1, [Cell(""), *halves])
    return [tuple(row) for row in rows]


def _labels(lot: Lot, n: int) -> list[Cell]:
    first = lot.randint(1990, 2015)
    if lot.random() < 0.5:
        return [Cell(str(first + i), figure=True) for i in range(n)]
    return [Cell(lot.words(1, 2), figure=True) for _ in range(n)]


def answers(lot: Lot) -> Table:
    """Long questions, wrapped, beside shares."""
    columns = lot.randint(2, 4)
    header = (Cell(""), *_labels(lot, columns))
    body = [(Cell(lot.words(8, 22)), *lot.figures("percent", columns)) for _ in range(lot.randint(4, 9))]
    return Table((header, *body), 1)


def people(lot: Lot) -> Table:
    """Names, towns, functions and telephone numbers: no figures."""
    header = tuple(Cell(label) for label in ("Nom", "Ville", "Fonction", "Téléphone"))
    body = [
        tuple(map(Cell, (lot.choice(NAMES), lot.choice(CITIES), lot.words(1, 4), f"05 55 {lot.randint(10, 99)} 40 12")))
        for _ in range(lot.randint(5, 18))
    ]
    return Table((header, *body), 1)


def texts(lot: Lot) -> Table:
    """Columns of running text beside a short label."""
    columns = lot.randint(1, 2)
    header = tuple(Cell(lot.words(1, 2)) for _ in range(columns + 1))
    body = [
        (Cell(lot.words(1, 2)), *(Cell(lot.words(8, 26)) for _ in range(columns))) for _ in range(lot.randint(4, 8))
    ]
    return Table((header, *body), 1, texts=True)


def crosses(lot: Lot) -> Table:
    """Mostly blank columns, a cross where a row has what the column says."""
    columns = lot.randint(3, 6)
    header = (Cell(""), *(Cell(lot.words(1, 1), figure=True) for _ in range(columns)))
    body = [
        (Cell(lot.words(1, 4)), *(Cell(lot.choice(("X", "")), figure=True) for _ in range(columns)))
        for _ in range(lot.randint(5, 12))
    ]
    return Table((header, *body), 1)
