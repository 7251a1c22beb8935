"""The drawing of an act among its kin: the document that carries it above, acts before it at the left, acts after it at
the right, the datasets it feeds below. Geometry only; templates/_graphe.html writes the SVG."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["act", "held", "known", "document", "dataset"]
Side = Literal["above", "left", "right", "below"]

WIDTH, BOX, LINE, PAD, GAP = 760.0, 208.0, 15.0, 9.0, 18.0
CHARACTERS, LINES = 29, 3
COLUMNS = {"left": 0.0, "above": (WIDTH - BOX) / 2, "right": WIDTH - BOX}
SHOWN = 8
"""Neighbours drawn on one side; the page's lists name all."""


@dataclass(frozen=True)
class Neighbour:
    """What an act is tied to, on which side it is drawn, and how the tie is called. `href` is '' for what has no
    page."""

    side: Side
    kind: Kind
    title: str
    href: str
    tie: str


@dataclass(frozen=True)
class Node:
    """One box."""

    kind: Kind
    x: float
    y: float
    height: float
    lines: tuple[str, ...]
    href: str
    title: str
    width: float = BOX


@dataclass(frozen=True)
class Edge:
    """A line from one box to another, drawn as a curve, with its word."""

    path: str
    tie: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    height: float
    left: float
    width: float
    """Of what is drawn: an act that nothing comes before has no empty side."""


def graph(title: str, neighbours: Sequence[Neighbour]) -> Graph:
    """The act's box in the middle, its neighbours around it, at most SHOWN on a side."""
    sides = {s: [n for n in neighbours if n.side == s][:SHOWN] for s in ("above", "left", "right", "below")}
    above, y = _stack(sides["above"], COLUMNS["above"], 0.0)
    top = y + GAP + 8 if above else 0.0
    left, left_end = _stack(sides["left"], COLUMNS["left"], top)
    right, right_end = _stack(sides["right"], COLUMNS["right"], top)
    middle = max(left_end, right_end, top + _height(title)) - top
    centre = _node("act", title, "", COLUMNS["above"], top + (middle - _height(title)) / 2)
    below_y = top + middle + GAP + 16
    below = _row(sides["below"], below_y)
    edges = [_down(node, centre, n.tie) for node, n in zip(above, sides["above"], strict=True)]
    edges += [_across(node, centre, n.tie) for node, n in zip(left, sides["left"], strict=True)]
    edges += [_across(centre, node, n.tie) for node, n in zip(right, sides["right"], strict=True)]
    edges += [_down(centre, node, n.tie) for node, n in zip(below, sides["below"], strict=True)]
    nodes = (*above, *left, centre, *right, *below)
    start, end = min(n.x for n in nodes), max(n.x + n.width for n in nodes)
    return Graph(nodes, tuple(edges), max(n.y + n.height for n in nodes) + 2, start, end - start)


def _lines(title: str) -> tuple[str, ...]:
    kept = title.replace("« ", "«\u00a0").replace(" »", "\u00a0»")  # a guillemet stays with its word
    return tuple(textwrap.wrap(kept, CHARACTERS, max_lines=LINES, placeholder=" …")) or ("?",)


def _height(title: str) -> float:
    return len(_lines(title)) * LINE + 2 * PAD


def _node(kind: Kind, title: str, href: str, x: float, y: float) -> Node:
    return Node(kind, round(x, 1), round(y, 1), _height(title), _lines(title), href, title)


def _stack(neighbours: Sequence[Neighbour], x: float, y: float) -> tuple[list[Node], float]:
    nodes = []
    for n in neighbours:
        nodes.append(_node(n.kind, n.title, n.href, x, y))
        y += nodes[-1].height + GAP
    return nodes, y - GAP if nodes else y


def _row(neighbours: Sequence[Neighbour], y: float) -> list[Node]:
    """Boxes side by side, three a line, each line centred."""
    nodes: list[Node] = []
    step = (WIDTH - BOX) / 2
    for begin in range(0, len(neighbours), 3):
        line = neighbours[begin : begin + 3]
        first = (WIDTH - BOX - step * (len(line) - 1)) / 2
        nodes += [_node(n.kind, n.title, n.href, first + i * step, y) for i, n in enumerate(line)]
        y += max(_height(n.title) for n in line) + GAP
    return nodes


def _across(a: Node, b: Node, tie: str) -> Edge:
    x1, y1, x2, y2 = a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2
    bend = (x1 + x2) / 2
    return Edge(
        f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}", tie, bend, min(y1, y2) - 5 if y1 == y2 else y1 - 5, "middle"
    )


def _down(a: Node, b: Node, tie: str) -> Edge:
    x1, y1, x2, y2 = a.x + a.width / 2, a.y + a.height, b.x + b.width / 2, b.y
    bend = (y1 + y2) / 2
    return Edge(f"M{x1} {y1}C{x1} {bend} {x2} {bend} {x2} {y2}", tie, x2 + 6, y2 - 5, "start")
