"""A fiche written as Markdown or as one HTML page. Nothing is queried or decided here."""

from __future__ import annotations

import re
from html import escape

from pipeline.products.fiche.commune import Fiche, Section

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_STYLE = (
    "body{font:16px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}th[scope=row]{font-weight:600;width:30%}td.source{color:#555;font-size:.85em;width:30%}"
    "p.note{color:#444;font-size:.9em}h2{margin-top:1.8rem}"
)


def markdown(fiche: Fiche) -> str:
    """The page as Markdown, one table a section."""
    parts = [f"# {_md(fiche.title)}"]
    for section in fiche.sections:
        parts.append(f"## {_md(section.title)}")
        rows = [f"| {_md(line.label)} | {_md(line.value)} | {_md(line.source)} |" for line in section.lines]
        parts.append("\n".join(["| | | Source |", "|---|---|---|", *rows]))
        parts += [_md(note) for note in section.notes]
    parts += _md_list("Ce qui n'est pas détenu", fiche.missing)
    parts += _md_list("Sources", fiche.sources)
    return "\n\n".join(parts) + "\n"


def html(fiche: Fiche) -> str:
    """The page as one HTML document without scripts or outside resources."""
    title = escape(fiche.title)
    body = "".join(_html_section(section) for section in fiche.sections)
    body += _html_list("Ce qui n'est pas détenu", fiche.missing) + _html_list("Sources", fiche.sources)
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head>\n<body><main><h1>{title}</h1>\n{body}</main></body></html>\n"
    )


def _md(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _md_list(title: str, items: tuple[str, ...]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {_md(item)}" for item in items)] if items else []


def _html_section(section: Section) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(line.label)}</th><td>{escape(line.value)}</td>'
        f'<td class="source">{escape(line.source)}</td></tr>\n'
        for line in section.lines
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>\n' for note in section.notes)
    return f"<section><h2>{escape(section.title)}</h2>\n<table>{rows}</table>\n{notes}</section>\n"


def _html_list(title: str, items: tuple[str, ...]) -> str:
    if not items:
        return ""
    listed = "".join(f"<li>{escape(item)}</li>\n" for item in items)
    return f"<section><h2>{escape(title)}</h2>\n<ul>{listed}</ul></section>\n"
