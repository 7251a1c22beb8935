"""A PDF written operator by operator, so that a test decides how each glyph and rule is drawn.

No layout here (that is `tables`) and no damage (that is `damaged`). Same calls, same bytes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fontTools.agl import UV2AGL
from fpdf.fonts import CORE_FONTS_CHARWIDTHS

FONTS = {"F1": ("Helvetica", "helvetica"), "F2": ("Helvetica-Bold", "helveticaB")}


def width_of(text: str, size: float, font: str = "F1") -> float:
    """Advance of `text` in points."""
    widths = CORE_FONTS_CHARWIDTHS[FONTS[font][1]]
    return sum(widths[chr(byte)] for byte in text.encode("cp1252")) * size / 1000


@dataclass(frozen=True)
class Pen:
    """How text is drawn.

    `unit`: one operator a run, a word or a glyph. `spaces`: whether white space is drawn; in runs it always is, else
    what comes after it may only be placed further.
    `twice`: every glyph drawn again 0.2 pt to the right, as fake bold.
    `mode`: the PDF text render mode; 3 is invisible. `grey`: 0 black, 1 white.
    `type3`: with a font whose glyphs are drawings, all the same one; only their names say what they mean.
    """

    unit: Literal["run", "word", "glyph"] = "run"
    spaces: bool = False
    twice: bool = False
    mode: int = 0
    grey: float = 0
    type3: bool = False


@dataclass
class Page:
    """One page under construction. Coordinates in points from the top left of the page as it is seen.

    `cropped`: the page is a window on a larger sheet whose origin is elsewhere. `form`: its content stands in a form
    XObject, drawn at another scale than it is placed.
    """

    width: float = 595
    height: float = 842
    rotate: Literal[0, 90, 180, 270] = 0
    cropped: bool = False
    form: bool = False
    operators: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float, font: str = "F1", pen: Pen | None = None) -> None:
        """Draws `text` with its baseline at `y`."""
        pen = pen or Pen()
        style = f"{pen.grey:g} g {pen.mode} Tr /{'F3' if pen.type3 else font} {size:g} Tf"
        for dx, piece in _pieces(text, size, font, pen):
            for shift in (0.0, 0.2) if pen.twice else (0.0,):
                place = f"{x + dx + shift:.3f} {self.height - y:.3f} Td"
                self.operators.append(f"BT {style} {place} ({_escaped(piece)}) Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> None:
        self.operators.append(f"{width:g} w {x0:.3f} {self.height - y0:.3f} m {x1:.3f} {self.height - y1:.3f} l S")

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, grey: float = 0) -> None:
        """Filled, without an outline."""
        self.operators.append(f"{grey:g} g {x0:.3f} {self.height - y1:.3f} {x1 - x0:.3f} {y1 - y0:.3f} re f 0 g")

    def content(self) -> bytes:
        turn = {
            0: "",
            90: f"0 1 -1 0 {self.height:g} 0 cm\n",
            180: f"-1 0 0 -1 {self.width:g} {self.height:g} cm\n",
            270: f"0 -1 1 0 0 {self.width:g} cm\n",
        }[self.rotate]
        shift = "1 0 0 1 100 200 cm\n" if self.cropped else ""
        return (shift + turn + "\n".join(self.operators)).encode("latin-1")

    def objects(self, number: int, fonts: str) -> list[bytes]:
        """The page as object `number` and those that follow it; `fonts` is a font dictionary."""
        # As stored, before the viewer turns the page.
        width, height = (self.height, self.width) if self.rotate in (90, 270) else (self.width, self.height)
        boxes = f"/MediaBox [0 0 {width:g} {height:g}]"
        if self.cropped:
            boxes = f"/MediaBox [60 170 {width + 150:g} {height + 230:g}] "
            boxes += f"/CropBox [100 200 {width + 100:g} {height + 200:g}]"
        forms = f"/XObject << /X0 {number + 2} 0 R >>" if self.form else ""
        page = (
            f"<< /Type /Page /Parent 2 0 R {boxes} /Rotate {self.rotate} /Contents {number + 1} 0 R "
            f"/Resources << /Font {fonts} {forms} >> >>"
        ).encode()
        if not self.form:
            return [page, stream(self.content())]
        form = f"/Type /XObject /Subtype /Form /BBox [0 0 {width:g} {height:g}] /Matrix [.5 0 0 .5 0 0] "
        form += f"/Resources << /Font {fonts} >>"
        return [page, stream(b"q 2 0 0 2 0 0 cm /X0 Do Q"), stream(self.content(), form)]


def _pieces(text: str, size: float, font: str, pen: Pen) -> Iterator[tuple[float, str]]:
    """Each piece to draw, and how far it stands from the beginning of the text."""
    pieces = {"run": [text], "word": re.split("( )", text), "glyph": list(text)}[pen.unit]
    dx = 0.0
    for piece in pieces:
        if piece != " " or pen.spaces:
            yield dx, piece
        dx += width_of(piece, size, font)


def _escaped(text: str) -> str:
    raw = text.encode("cp1252").decode("latin-1")
    return raw.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def stream(data: bytes, entries: str = "", *, compress: bool = True) -> bytes:
    """A stream object's body."""
    if compress:
        data, entries = zlib.compress(data, 6), entries + " /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries.strip().encode(), data)


def file_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A whole file from the bodies of objects 1, 2, 3…; object 1 is the catalogue."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    entries = f"/Size {len(objects) + 1} /Root 1 0 R {trailer}"
    return bytes(out + b"trailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (entries.encode(), start))


def write(pages: Sequence[Page]) -> bytes:
    """The pages as a file, with the two core fonts in WinAnsi and the drawn one."""
    drawn = 3 + len(FONTS)
    first = drawn + 2
    fonts = f"<< {' '.join(f'/{key} {3 + i} 0 R' for i, key in enumerate(FONTS))} /F3 {drawn} 0 R >>"
    objects: list[bytes] = []
    kids: list[int] = []
    for page in pages:
        kids.append(first + len(objects))
        objects.extend(page.objects(first + len(objects), fonts))
    tree = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>"
    core = [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
        for name, _ in FONTS.values()
    ]
    return file_of([b"<< /Type /Catalog /Pages 2 0 R >>", tree.encode(), *core, *_drawn_font(drawn + 1), *objects])


def _drawn_font(glyph: int) -> list[bytes]:
    """A Type 3 font with the widths of the first core font, and object `glyph`, the drawing of all its characters."""
    characters = {code: bytes([code]).decode("cp1252", "ignore") for code in range(32, 256)}
    names = {code: UV2AGL[ord(char)] for code, char in characters.items() if char and ord(char) in UV2AGL}
    widths = " ".join(f"{CORE_FONTS_CHARWIDTHS['helvetica'][chr(code)]:g}" for code in range(32, 256))
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 -200 1000 800] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 32 "
        f"/LastChar 255 /Widths [{widths}] /Resources << >> "
        f"/Encoding << /Type /Encoding /Differences [{' '.join(f'{code} /{name}' for code, name in names.items())}] >> "
        f"/CharProcs << {' '.join(f'/{name} {glyph} 0 R' for name in sorted(set(names.values())))} >> >>"
    )
    return [font.encode(), stream(b"500 0 0 0 450 700 d1 0 0 450 700 re f")]
