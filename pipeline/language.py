"""The language in which the command speaks: French where the locale is French, English elsewhere.

Texts of the program are written in English in the code and looked up in one catalogue (gettext). What speaks of
documents (findings, reasons, letters, refusals of a reading) is French always and does not pass here.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

DOMAIN = "annexes"
CATALOGUES = Path(__file__).parent / "locale"
LANGUAGES = ("fr",)
"""Those that have a catalogue; English is what stands in the code."""


def language(environ: Mapping[str, str] = os.environ) -> str:
    """'fr' or 'en', as the first variable that is set says: LANGUAGE (a list), LC_ALL, LC_MESSAGES, LANG."""
    said = next((environ[name] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    for word in said.split(":"):
        code = word.partition("_")[0].partition(".")[0].partition("@")[0].lower()
        if code in LANGUAGES:
            return code
        if code in ("en", "c", "posix"):
            break
    return "en"


def translated(text: str) -> str:
    """The text in the language of the locale; the text itself where the catalogue has none."""
    return _catalogue(language()).gettext(text) if text else text


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, languages=[code], fallback=True)
