"""What one PDF may cost before it is refused.

Values only: `worker` enforces those on the file and the process, the engine those on a page.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Each default leaves a wide margin over the largest annexes seen, and stops a hostile file within a minute or so.

    `file_bytes`: a whole issue of the Journal officiel weighs 5 to 30 MiB.
    `pages`: 35 000 rows make about 800 pages; the longest issues have some 700.
    `page_objects`: a dense page has 2 000; one glyph per operator, 8 000; a map 100 000.
    `page_chars`: a page set in 4 pt holds about 20 000.
    `page_edges`: an 85 × 30 ruled table drawn cell by cell as rectangles has 10 000; finding cells costs more than
        linear in them.
    `result_bytes`: what all the pages together may hand back; 35 000 rows of five cells make 13 MiB.
    `memory_bytes`: address space of one worker; the libraries alone map about 200 MiB, a page adds a few.
    `cpu_seconds`: for each chunk of pages (see `worker.PAGES_A_CHUNK`); the exact engine takes about 0.3 s a page.
    `wall_seconds`: for the whole file, whatever its chunks, start of the workers included.
    """

    file_bytes: int = 200 * MIB
    pages: int = 5_000
    page_objects: int = 200_000
    page_chars: int = 200_000
    page_edges: int = 50_000
    result_bytes: int = 512 * MIB
    memory_bytes: int = 1024 * MIB
    cpu_seconds: int = 60
    wall_seconds: float = 600.0


DEFAULT = Limits()
