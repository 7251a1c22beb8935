"""What an act is tied to, as the drawing of its kin asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.products.addresses import slug
from pipeline.site.graph import Graph, Neighbour, graph
from pipeline.site.source import Row

DONE = {"modifie": "modifie", "rectifie": "rectifie", "abroge": "abroge", "annule": "annule"}


def of_act(act: Row, said: Mapping[str, Any]) -> Graph:
    """The drawing, from what the page of the act says."""
    return graph(act["title"] or act["act_id"], list(_neighbours(said)))


def _neighbours(said: Mapping[str, Any]) -> Iterator[Neighbour]:
    if said["document"]:
        yield Neighbour("above", "document", said["document"]["title"] or said["document"]["document"], "", "le porte")
    for target in said["targets"]:
        href = _page(target["act_id"]) if target["title"] else ""
        yield Neighbour("left", "act", target["title"] or target["act_id"], href, DONE.get(target["relation"], ""))
    for other in said["amended_by"]:
        tie = DONE.get(other["relation"] or "", "")
        yield Neighbour("right", _kind(other["detenu"]), other["title"] or other["act_id"], _page(other["act_id"]), tie)
    drawn = {t["act_id"] for t in said["targets"]} | {a["act_id"] for a in said["amended_by"]}
    for near in said["neighbours"]:
        for side, way, tie in (("left", "before", "suivi de"), ("right", "after", "suivi de")):
            if near[way] and near[way] not in drawn:
                drawn.add(near[way])
                kind = _kind(near[f"{way}_state"] == "detenu")
                title = near[f"{way}_title"] or near[way]
                yield Neighbour("left" if side == "left" else "right", kind, title, _page(near[way]), tie)
    for edition in said["editions"]:
        yield Neighbour("below", "dataset", edition["dataset_title"], f"../jeux/{edition['dataset']}.html", "nourrit")


def _kind(held: bool) -> Any:
    return "held" if held else "known"


def _page(act: str) -> str:
    return f"{slug(act)}.html"
