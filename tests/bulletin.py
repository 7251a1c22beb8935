"""The shipped tax bulletin as tests use it: whole, or without the lists that take most of the time to read."""

from __future__ import annotations

from pipeline.settings import Settings

BULLETIN = "BOI-8A-2-09"


def without_zoning(settings: Settings) -> Settings:
    """The project's bulletin cut before its fourth annex, whose thousands of names take most of the time to read."""
    folder = settings.raw / BULLETIN
    declaration, text = folder / "document.toml", folder / "bulletin.md"
    parts = declaration.read_text(encoding="utf-8").split("[[act]]")
    kept = [part for part in parts if 'begins = "Annexe 4"' not in part]
    declaration.write_text("[[act]]".join(kept), encoding="utf-8")
    text.write_text(text.read_text(encoding="utf-8").partition("#### Annexe 4")[0], encoding="utf-8")
    return settings
