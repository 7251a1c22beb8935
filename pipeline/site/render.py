"""Templates to HTML, values to data files. Every text is escaped; nothing that a document prints can become markup.

Pages are French. A data file is a script that hands one JSON value over, because pages opened from the disk may load
scripts and may not fetch files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.cleaning.values import day_in_words

PLOT_STYLE = "'sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww='"
"""The one style sheet that Observable Plot writes into a drawing."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {PLOT_STYLE}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""What a page may load: what lies beside it, and nothing written inside it."""
THIN = "\u202f"


@cache
def environment() -> Environment:
    """The templates of this package, with their filters."""
    made = Environment(
        loader=PackageLoader("pipeline.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"jour": day, "court": short_day, "nombre": number, "valeur": shown}
    made.filters |= {"donnees": embedded, "hote": host}
    made.globals |= {"policy": POLICY}
    return made


def page(template: str, path: str, context: Mapping[str, Any]) -> bytes:
    """The page at `path` (from the root of the site); the template is given `root`, the way back there."""
    root = "../" * path.count("/")
    text = environment().get_template(template).render(root=root, path=path, **context)
    return text.encode()


def data(name: str, value: object) -> bytes:
    """The file donnees/<name>.js."""
    return f"annexes.recevoir({_json(name)},{_json(value)});\n".encode()


def embedded(value: object) -> Markup:
    """JSON for a script element that is no program: no sign in it can end the element."""
    return Markup(_json(value))  # noqa: S704 - no sign that ends or begins an element is left in it


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028")


def plain(value: object) -> object:
    """A value of the warehouse as JSON knows it: dates in ISO, decimals as numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def host(url: str) -> str:
    """The server that an address names, as a reader knows it; the whole address where it names none."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def day(value: date | None) -> str:
    """'1er juin 2009'; '' for none."""
    return day_in_words(value) if value else ""


def short_day(value: date | datetime | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def number(value: Decimal | float | int) -> str:
    """Thousands apart by thin spaces, decimal comma."""
    whole, _, decimals = f"{value:,}".replace(",", THIN).partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def shown(value: object) -> str:
    """A value of a row as a reader of French sees it; codes and names as they are."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, date):
        return short_day(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return "" if value is None else str(value)
