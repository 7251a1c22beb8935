"""The names that bulletin 8 A-2-09 prints under zones A, B1 and B2, cut from its Markdown for measuring only.

The bulletin lies beside the checkout; without it the measures that need it say so. The product reads it elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.gazetteer.resolver import PrintedList

BULLETIN = Path(__file__).parents[2].parent / "shared" / "seeds" / "boi_8a-2-09.md.txt"
_ZONE = re.compile(r"^Zone (A|B1|B2)\b\s*")
_DEPARTEMENT = re.compile(r"^(\d{2,3}|2[AB])\s*-\s*\S")


def printed_lists(text: str) -> dict[tuple[str, str], PrintedList]:
    """(zone, département) → its names as printed, in order; a département printed whole ("L'ensemble…") is left out."""
    bodies: dict[tuple[str, str], list[str]] = {}
    zone = departement = ""
    for line in text[text.index("## Zone A\n") : text.index("<b>Zone C")].splitlines():
        heading = re.sub(r"[#*]+", " ", line).strip() if line.startswith(("#", "**")) else line.strip()
        if found := _ZONE.match(heading):
            zone, heading = found[1], heading[found.end() :]
        if found := _DEPARTEMENT.match(heading):
            departement = found[1]
            bodies[zone, departement] = []
        elif heading and not heading.startswith("|"):
            bodies[zone, departement].append(heading)
    lists = {key: PrintedList(key[1], _names(body)) for key, body in bodies.items()}
    return {key: printed for key, printed in lists.items() if not printed.labels[0].startswith("L'ensemble")}


def _names(body: list[str]) -> list[str]:
    """The names of a list; a name cut after its hyphen goes on in the next paragraph."""
    text = re.sub(r"-\s+", "-", " ".join(body))
    return [name for part in text.split(",") if (name := part.strip().rstrip(".").strip())]
