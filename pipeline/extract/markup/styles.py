"""What styles say of an element's text: not shown, struck out, raised, bold, on a line of its own.

An element's own style, and that of its classes: those of the page's style sheets, and those whose names everybody uses
for one thing. What follows from it is for `marks` and `flow`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from pipeline.extract.markup.scan import attribute

Shown = Literal["", "whole", "blank", "struck"]
"""How text is kept from the reader: it takes no place, it leaves a blank, it is there and struck out."""

_UNSEEN = "display:none"
_RAISED = "vertical-align:super"
_CONVENTIONS = {
    ("", f".{name}"): style
    for style, names in {
        _UNSEEN: "sr-only visually-hidden visuallyhidden screen-reader-text d-none",
        _RAISED: "exposant superscript footnote-ref footnoteref noteref",
    }.items()
    for name in names.split()
}
_LONGEST_SHEET = 1 << 18
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_ELSEWHERE = re.compile(r"@(?:media(?![^{]*\b(?:screen|all)\b)|supports|keyframes|font-face|page)[^{]*\{", re.I)
_SAYS_SOMETHING = re.compile(
    r"display|visib|align|weight|font-|opacity|decoration|position|indent|mso|clip|hidden", re.I
)
_SELECTOR = re.compile(r"(\*|[a-z][a-z0-9]*)?([.#][\w-]+)?", re.I)

_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_ZERO = re.compile(r"0*\.?0+(?:px|pt|em|rem|ex|%)?")
_ABOVE = re.compile(rf"\+?(?![0.]+(?:[a-z%]|\Z)){_NUMBER}(?:px|pt|em|rem|ex|%)?")
_BELOW = re.compile(rf"-{_NUMBER}(?:px|pt|em|rem|ex|%)?")
_FAR = re.compile(r"-[0-9]{3,}(?:\.[0-9]+)?(?:px|pt|em|rem|%)?")
_NOTHING_LEFT = re.compile(r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:50|100)%.*")
_BLOCKS = frozenset({"block", "flex", "grid", "list-item", "table", "table-row"})


class Sheet:
    """The styles that classes, ids and names of elements have in one page. Selectors of several parts do not count."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], str] = dict(_CONVENTIONS)
        self._known: dict[tuple[str, str], str] = {}

    def add(self, css: str) -> None:
        """Take in the text of a style element."""
        for selectors, style in _RULE.findall(_for_screens(_COMMENT.sub(" ", css[:_LONGEST_SHEET]))):
            for selector in selectors.split(",") if _SAYS_SOMETHING.search(style) else ():
                found = _SELECTOR.fullmatch(selector.strip())
                if found and found[0] and found[0] != "*":
                    key = ((found[1] or "").lower().strip("*"), found[2] or "")
                    self._rules[key] = f"{self._rules.get(key, '')};{style}"
        self._known.clear()

    def applied(self, key: str, attrs: str) -> str:
        """The attributes of an element, with the styles of its name, classes and id before its own."""
        known = self._known.get((key, attrs))
        if known is None:
            styles = [self._rules[rule] for rule in _rules_for(key, attrs) if rule in self._rules]
            own = (attribute(attrs, "style") or "").replace('"', "'")
            known = f' style="{";".join([*styles, own])}"{attrs}' if styles else attrs
            if len(self._known) < 4096:
                self._known[key, attrs] = known
        return known


def _rules_for(key: str, attrs: str) -> Iterator[tuple[str, str]]:
    names = [f".{name}" for name in (attribute(attrs, "class") or "").split()]
    if own := attribute(attrs, "id"):
        names.append(f"#{own}")
    for name in ("", *names):
        if name:
            yield "", name
        yield key, name


def _for_screens(css: str) -> str:
    """Without what is for printers or other devices, and what is no rule for elements."""
    while found := _ELSEWHERE.search(css):
        depth, end = 1, found.end()
        while end < len(css) and depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        css = css[: found.start()] + css[end:]
    return css


@lru_cache(maxsize=4096)
def declared(attrs: str) -> Mapping[str, str]:
    """Property → value of an element's style, the last of each."""
    style = attribute(attrs, "style") or ""
    pairs = (part.split(":", 1) for part in style.lower().split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, value in pairs}


def shown(attrs: str, *, inline: bool) -> Shown:
    """How a style keeps text from the reader; '' where it does not. A size of nothing counts for running text alone:
    on what holds other elements it only takes the gaps between them away."""
    if "style" not in attrs:
        return ""
    style = declared(attrs)
    if _is_gone(style) or (inline and _ZERO.fullmatch(style.get("font-size", ""))):
        return "whole"
    if style.get("visibility") == "hidden" or _ZERO.fullmatch(style.get("opacity", "")):
        return "blank"
    return "struck" if "line-through" in f"{style.get('text-decoration')} {style.get('text-decoration-line')}" else ""


def _is_gone(style: Mapping[str, str]) -> bool:
    if style.get("display") == "none" or style.get("visibility") == "collapse" or style.get("mso-hide") == "all":
        return True
    if _FAR.fullmatch(style.get("text-indent", "").split(" ")[0]):
        return True
    apart = style.get("position") in ("absolute", "fixed")
    if apart and any(_FAR.fullmatch(style.get(side, "")) for side in ("left", "right", "top", "bottom")):
        return True
    if apart and any(_NOTHING_LEFT.fullmatch(style.get(cut, "")) for cut in ("clip", "clip-path")):
        return True
    sizes = (style.get(size, "") for size in ("width", "height", "max-width", "max-height"))
    return style.get("overflow") == "hidden" and any(_ZERO.fullmatch(size) for size in sizes)


def is_raised(attrs: str) -> bool:
    """Whether a style lifts text above its line, as it does note calls and ordinals."""
    if "style" not in attrs:
        return False
    style = declared(attrs)
    align = style.get("vertical-align", "")
    if (
        align in ("super", "text-top", "top")
        or _ABOVE.fullmatch(align)
        or style.get("font-variant-position") == "super"
    ):
        return True
    moved = style.get("position") == "relative"
    lifted = _BELOW.fullmatch(style.get("top", "")) or _ABOVE.fullmatch(style.get("bottom", ""))
    return bool(moved and lifted) or bool(_ABOVE.fullmatch(style.get("mso-text-raise", "")))


def is_heavy(attrs: str) -> bool:
    """Whether a style makes text bold."""
    weight = declared(attrs).get("font-weight", "") if "weight" in attrs else ""
    return weight in ("bold", "bolder", "600", "700", "800", "900")


def is_block(attrs: str) -> bool:
    """Whether a style puts an element on lines of its own."""
    return "display" in attrs and declared(attrs).get("display") in _BLOCKS
