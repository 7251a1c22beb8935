"""Which lines that share upright gaps are no table: lists, contents, indexes, letters, listings, prose with notes in
its margin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.unruled.columns import Span
from pipeline.extract.pdf.unruled.lines import MARK, contents, crosses, shared_gaps, under
from pipeline.extract.pdf.words import Chunk, Strip

# An entry of an index: a text and the pages it is found on.
_ENTRY = re.compile(r"^[^\W\d_].*,(?:\s?[0-9]{1,4}(?:\s?[-–]\s?[0-9]{1,4})?,?)+$")
_BULLET = re.compile(r"^[^\w\s–—−-]$")
# What a letter says of its writer, its reader and its day.
_LETTER = re.compile(
    r"\b(?:le|on)\s+[0-9]{1,2}(?:er)?\s+\w+\s+[0-9]{4}|\S@\S"
    r"|^(?:à|Le préfet|La préfète|Affaire suivie|Monsieur|Madame|Mesdames|Messieurs|Dear)\b"
    r"|^(?:Objet|Réf|Tél|Subject)[.\w]*\s?:",
    re.IGNORECASE,
)


def accepted(members: Sequence[Strip], ruled: bool) -> bool:
    """Whether lines with open gaps are a table, and not a list, an address, a signature or prose set wide."""
    rows = [s for s in members if len(s.chunks) > 1]
    widest = max((len(s.chunks) for s in rows), default=0)
    if widest < 2 or sum(map(contents, members)) * 3 > len(members):
        return False
    chunks = [c for s in rows for c in s.chunks]
    if sum(bool(_ENTRY.match(c.text)) for c in chunks) * 3 > 2 * len(chunks):
        return False
    words = sum(len(c.words) for c in chunks) / len(chunks)
    if ruled:
        return len(rows) * 6 >= len(members) >= 2 and (words <= 8 or len(rows) >= 3)
    if len(rows) < 3 or (words > 7 and not _rows_of_text(members)):
        return False
    # Lines of one piece are wrapped cells, or titles of sections when they go over the gaps.
    gaps = shared_gaps(members)
    if len(gaps) == 1 and (_beside_prose(members, gaps[0]) or _explained(members, gaps[0])):
        return False
    titles = sum(crosses(s, gaps) for s in members if len(s.chunks) == 1)
    several = sorted(len(s.chunks) for s in rows)[len(rows) // 2] >= 3
    if titles > len(rows) or len(members) > (thresholds.LONGEST_LABEL if several else 4) * len(rows):
        return False
    if several:
        return not _bulleted(rows)
    figures = sum(c.figure for c in chunks) / len(chunks)
    if len(rows) <= thresholds.LETTERHEAD and figures < 0.3 and any(_LETTER.search(c.text) for c in chunks):
        return False
    return (len(rows) >= 4 or figures >= 0.3) and 2 * titles <= len(rows) and not _labelled(rows)


def _rows_of_text(members: Sequence[Strip]) -> bool:
    """Whether lines set apart from those above are all in pieces, the first of them at the left: rows of texts."""
    steps = [b.top - a.top for a, b in pairwise(members)]
    starts = [b for step, b in zip(steps, members[1:], strict=True) if step > 1.2 * median(steps)]
    left = min(s.x0 for s in members)
    return len(starts) >= 2 and all(len(s.chunks) > 1 and s.x0 - left < s.size for s in starts)


def _labelled(rows: Sequence[Strip]) -> bool:
    """Two columns whose first is labels with a colon, marks or the numbers of lines: a form, a list or a listing."""
    labels: list[Chunk] = [s.chunks[0] for s in rows]
    if _counted(labels):
        return True
    if all(under(s, rows[0]) for s in rows) and not MARK.match(rows[0].chunks[0].text):
        return False
    return sum(c.text.endswith(":") or bool(MARK.match(c.text)) for c in labels) * 2 > len(labels)


def _counted(labels: Sequence[Chunk]) -> bool:
    """Whether all labels are numbers, most of them one more than the one above, as lines of a listing are numbered.

    Ranks begin at 1; the lines of a page of a listing seldom do.
    """
    shown = [c.text for c in labels]
    if not all(text.isdecimal() for text in shown) or shown[0] == "1":
        return False
    return 5 * sum(int(b) == int(a) + 1 for a, b in pairwise(shown)) >= 4 * (len(shown) - 1)


def _bulleted(rows: Sequence[Strip]) -> bool:
    """Whether most rows, the first among them, begin with a sign that is no letter, figure or dash: items of a list."""
    bullets = [bool(_BULLET.match(s.chunks[0].text)) for s in rows]
    return bullets[0] and 2 * sum(bullets) > len(bullets)


def _beside_prose(members: Sequence[Strip], gap: Span) -> bool:
    """Whether what stands left of the gap are notes or numbers in the margin of running text: most stand beside a line
    that goes on with the full one above it."""
    right = max(s.x1 for s in members)
    labels = through = 0
    for above, line in pairwise(members):
        if line.x0 >= gap[0]:
            continue
        labels += 1
        full = above.x1 >= right - thresholds.FULL_LINE * above.size and line.x1 > gap[1]
        through += full and line.top - above.bottom <= thresholds.WRAP_GAP * line.size
    prose_lines = sum(s.x1 > gap[1] and len(s.words) >= thresholds.PROSE_WORDS for s in members)
    return len(members) >= 2 * labels < 4 * through and 3 * prose_lines > 2 * len(members)


def _explained(members: Sequence[Strip], gap: Span) -> bool:
    """Whether the lines are a list of terms, each explained in sentences behind it: wrapped at the margin, without a
    head."""
    texts: list[list[Strip]] = []
    for line in members:
        if line.x0 < gap[0]:
            texts.append([line])
        elif texts:
            texts[-1].append(line)
    texts = [text for text in texts if text[0].x1 > gap[1]]
    if len(texts) < 2:
        return False
    wrapped = sum(len(text) > 1 for text in texts)
    ended = sum(text[-1].chunks[-1].text.rstrip(')”»"’').endswith((".", ";")) for text in texts)
    head = texts[0][0].chunks[-1]
    headed = len(texts[0]) == 1 and len(head.words) < thresholds.PROSE_WORDS and not head.text.endswith((".", ";"))
    return not headed and 2 * wrapped >= len(texts) and 3 * ended >= 2 * len(texts)
