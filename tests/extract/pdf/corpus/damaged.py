"""Files that are broken, or made to break their reader; each is small on disk.

`BAD` names the makers. What must become of each file is in the tests.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod

from tests.extract.pdf.corpus.paper import Page, file_of, stream, write
from tests.extract.pdf.corpus.tables import KINDS, make

MIB = 1024 * 1024
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def one_page(content: bytes, resources: str = "", others: tuple[bytes, ...] = ()) -> bytes:
    """A file of one page; `content` is a stream object's body, `others` are objects 6, 7, 8…"""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << {resources} >> >>"
    tree = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return file_of([CATALOGUE, tree, page.encode(), content, FONT, *others])


def good() -> bytes:
    rows = [(f"{n:02}", "Ain", f"CC numéro {n}", f"20007{n:04}", f"8 {n:03} €") for n in range(1, 30)]
    return make(rows, KINDS["ruled"]).pdf


def empty() -> bytes:
    return b""


def not_a_pdf() -> bytes:
    return b"<html><body>503 Service Unavailable</body></html>"


def garbage() -> bytes:
    return b"%PDF-1.7\n" + random.Random(1).randbytes(50_000)


def truncated() -> bytes:
    """Cut in the middle of the only page's content; the cross-reference table is lost with the end."""
    whole = good()
    return whole[: len(whole) // 2]


def encrypted(user_password: str) -> bytes:
    pdf = FPDF()
    pdf.set_encryption("owner", user_password, EncryptionMethod.RC4, AccessPermission.all())
    pdf.add_page()
    pdf.set_font("Helvetica", size=9)
    with pdf.table() as table:
        for row in (("Code", "Nom"), ("01", "Ain"), ("02", "Aisne")):
            table.row(row)
    return bytes(pdf.output())


def encrypted_with_empty_password() -> bytes:
    return encrypted("")


def encrypted_with_password() -> bytes:
    return encrypted("secret")


def cyclic_page_tree() -> bytes:
    return file_of(
        [CATALOGUE, b"<< /Type /Pages /Count 2 /Kids [3 0 R] >>", b"<< /Type /Pages /Count 2 /Kids [2 0 R] >>"]
    )


def page_tree_10_000_deep() -> bytes:
    nodes = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % number for number in range(3, 10_003)]
    return file_of([CATALOGUE, *nodes, b"<< /Type /Page /MediaBox [0 0 595 842] >>"])


def a_billion_pages() -> bytes:
    return file_of(
        [CATALOGUE, b"<< /Type /Pages /Count 1000000000 /Kids [3 0 R] >>", b"<< /Type /Page /Parent 2 0 R >>"]
    )


def nested_arrays() -> bytes:
    """A content stream and an object that open 200 000 arrays, one in the other."""
    deep = b"[" * 200_000
    return one_page(stream(deep + b" TJ"), "/Font << /F1 5 0 R >> /Deep 6 0 R", (deep + b"]" * 200_000,))


def nested_states() -> bytes:
    return one_page(stream(b"q " * 2_000_000))


def flate_bomb() -> bytes:
    """A page whose content inflates to 1.5 GiB of white space."""
    count, block = 1500, b" " * MIB
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers to what came before: the same bytes may be said again and again.
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(count):
        checksum = zlib.adler32(block, checksum)
    body = b"\x78\xda" + packed * count + packer.flush(zlib.Z_FINISH) + checksum.to_bytes(4, "big")
    return one_page(stream(body, "/Filter /FlateDecode", compress=False))


def exponential_forms() -> bytes:
    """Forty forms, each of which draws the next one ten times."""
    head = "/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
    forms = [
        stream(b"/X Do " * 10, f"{head} /Resources << /XObject << /X {number + 1} 0 R >> >>") for number in range(6, 46)
    ]
    last = stream(b"BT /F1 9 Tf (x) Tj ET", f"{head} /Resources << /Font << /F1 5 0 R >> >>")
    return one_page(stream(b"/X Do"), "/XObject << /X 6 0 R >>", (*forms, last))


def form_that_draws_itself() -> bytes:
    entries = "/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X 6 0 R >> >>"
    return one_page(stream(b"/X Do"), "/XObject << /X 6 0 R >>", (stream(b"/X Do /X Do", entries),))


def five_million_characters() -> bytes:
    # Each run at a place of its own: what is printed twice at one place counts once.
    runs = (b"BT /F1 0.1 Tf 1 0 0 1 10 %.1f Tm (%s) Tj ET\n" % (n * 0.8, b"abcd " * 1000) for n in range(1, 1001))
    return one_page(stream(b"".join(runs)), "/Font << /F1 5 0 R >>")


def a_million_rectangles() -> bytes:
    return one_page(stream(b"".join(b"%d %d 3 2 re f\n" % (n % 595, n * 7 % 842) for n in range(1_000_000))))


def dense_grid() -> bytes:
    """178 × 178 lines: 31 329 cells from less than 3 kB."""
    page = Page()
    for n in range(178):
        page.line(20 + 3 * n, 20, 20 + 3 * n, 20 + 3 * 177, 0.1)
        page.line(20, 20 + 3 * n, 20 + 3 * 177, 20 + 3 * n, 0.1)
    return write([page])


def without_text() -> bytes:
    return one_page(stream(b"0.5 g 100 100 300 300 re f"))


def far_away() -> bytes:
    """A page and a text whose coordinates no float32 holds exactly, or at all."""
    huge = b"1e30 0 0 1e30 -1e38 1e38 cm BT /F1 1e20 Tf 99999999999999999999 1 Td (loin) Tj ET 0 0 m 1e39 1e39 l S"
    return one_page(stream(huge), "/Font << /F1 5 0 R >>").replace(b"[0 0 595 842]", b"[0 0 9e9 8e9]")


BAD: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker
    for maker in (
        empty,
        not_a_pdf,
        garbage,
        truncated,
        encrypted_with_empty_password,
        encrypted_with_password,
        cyclic_page_tree,
        page_tree_10_000_deep,
        a_billion_pages,
        nested_arrays,
        nested_states,
        flate_bomb,
        exponential_forms,
        form_that_draws_itself,
        five_million_characters,
        a_million_rectangles,
        dense_grid,
        without_text,
        far_away,
    )
}
