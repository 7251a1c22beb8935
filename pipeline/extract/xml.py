"""DILA XML of the Journal officiel -> Reading: self-contained texts (JORFSIMPLE) and single articles.

Tables and lines are read by `markup`; lxml judges whether the XML is well formed and reads the metadata. No archive
is opened here and no dataset is known.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from pipeline.extract.limits import Limits
from pipeline.extract.markup.decode import Encoding, text_chunks
from pipeline.extract.markup.flow import Flow, Part, gathered, naming_rectificatif, opened, parts_of
from pipeline.extract.markup.lines import decoded
from pipeline.extract.markup.scan import Scanner, Tag, attribute
from pipeline.extract.model import ExtractError, Reading, Repair, Source, Unread

_READABLE = frozenset({"texte", "article", "texte_version"})
_OTHERS = {
    "textelr": ("Ce fichier ne donne que la structure du texte.", "prendre le fichier JORFSIMPLE ou ceux des articles"),
    "jo": ("Ce fichier est le sommaire d'un Journal officiel.", "prendre les fichiers JORFTEXT qu'il cite"),
    "section_ta": ("Ce fichier ne donne que le plan d'une section.", "prendre le fichier JORFSIMPLE du texte"),
}
_NOT_JORF = "La racine « {} » n'est pas celle d'un texte du Journal officiel."

_NO_DATE = "2999-01-01"
# Element -> key, in a self-contained text and in the split files, where they stand deeper.
_META = {
    "ID": "id",
    "ID_ELI": "eli",
    "NATURE": "nature",
    "NUM_PARUTION": "num_parution",
    "NUM_SEQUENCE": "num_sequence",
    "NOR": "nor",
    "DATE_PUBLI": "publie_le",
    "DATE_TEXTE": "signe_le",
    "TITREFULL": "titre",
    "ORIGINE_PUBLI": "parution",
    "MINISTERE": "ministere",
}
_URL = "https://www.legifrance.gouv.fr/jorf/id/{}"

_SECTION_LEVELS = 4
_ARTICLE = 5


def read_xml(data: bytes, limits: Limits | None = None) -> Reading:
    """The reading of one text; `meta` is that of `xml_metadata`.

    Offsets count characters of the decoded text, paths are XPath of the element as written. ExtractError when the
    file is no text of the Journal officiel, declares entities, mixes encodings or goes past the limits.
    """
    limits, stream = limits or Limits(), io.BytesIO(data)
    encoding = opened(stream, limits)
    meta = _metadata(stream, encoding)
    return gathered(_parts(stream, encoding, meta, limits), meta, limits)


def xml_metadata(data: bytes) -> dict[str, str]:
    """What the text says of itself. Only what is said is there: a missing or conventional date (2999) has no key.

    Keys: forme (texte, article, textelr, jo…: the root), id, texte_id (of an article), eli, url, nor, nature, titre,
    publie_le, signe_le (ISO dates), num_parution, num_sequence, parution, ministere.
    """
    stream = io.BytesIO(data)
    return _metadata(stream, opened(stream, Limits()))


class JorfFlow(Flow):
    """Text is what stands in a CONTENU; sections and articles are headings."""

    walls = frozenset({"contenu", "bloc_textuel", "article", "section_ta", "struct", "texte", "texte_version"})

    def __init__(self, limits: Limits) -> None:
        super().__init__(Scanner(html=False), limits)
        self._contents = 0
        self._sections = 0
        self._articles = self._links = 0
        self._root = ""
        self._label = False  # inside a TITRE_TA, or the NUM of an article

    def reads(self) -> bool:
        return self._contents > 0 or self._label

    def opened(self, key: str, tag: Tag) -> None:
        if self.tree.depth == 1:
            _check_root(key, self.place(tag))
            self._root = self._root or key
        if self._contents:
            if key == "img":
                image = attribute(tag.attrs, "src") or "sans nom"
                self.ready.append(Unread("image_non_lue", self.place(tag), f"image {image}"))
            self._contents += key == "contenu"
            return
        self._contents += key == "contenu"
        self._label = key == "titre_ta" or (key == "num" and "/ARTICLE[" in self.tree.path)
        self._articles += key == "article"
        self._links += key == "lien_art"
        if key == "section_ta":
            self._sections += 1
            self.outline.leave(min(self._sections, _SECTION_LEVELS))
        elif key == "article":
            self.outline.leave(_ARTICLE)

    def closing(self, key: str) -> None:
        if key == "contenu":
            self._contents = max(0, self._contents - 1)
            self.outline.settle()
        elif self._label and key in ("titre_ta", "num"):
            self._label = False
            if key == "titre_ta":
                self.outline.end_line(min(max(self._sections, 1), _SECTION_LEVELS))
            else:
                self.outline.end_line(_ARTICLE, _article_name)
        elif key == "section_ta":
            self.outline.leave(min(max(self._sections, 1), _SECTION_LEVELS))
            self._sections = max(0, self._sections - 1)
        elif key == "article":
            self.outline.leave(_ARTICLE)

    def finish(self) -> None:
        unclosed = self.tree.unclosed
        super().finish()
        if unclosed:
            self.ready.append(Unread("fichier_tronque", Source(path=self.tree.path), f"sans </{unclosed[0]}>"))
        elif not self._articles and (self._links or self._root == "texte_version"):
            detail = "les articles de ce texte sont dans d'autres fichiers"
            self.ready.append(Unread("articles_ailleurs", Source(), detail))


def _parts(stream: BinaryIO, encoding: Encoding, meta: dict[str, str], limits: Limits) -> Iterator[Part]:
    yield from naming_rectificatif(parts_of(stream, encoding, JorfFlow(limits)), meta)
    if mend := _malformed(stream, encoding):
        yield mend


def _article_name(number: str) -> str:
    return number if number.lower().startswith(("annexe", "article")) else f"Article {number}"


def _check_root(key: str, source: Source) -> None:
    if key not in _READABLE:
        reason, remedy = _OTHERS.get(key, (_NOT_JORF.format(key), "vérifier ce qui a été déposé"))
        raise ExtractError(reason, remedy, source)


def _parser_options(encoding: Encoding) -> dict[str, Any]:
    """lxml without network, DTD, entities or huge trees; the real encoding where the declared one is wrong."""
    override = {"encoding": encoding.name} if encoding.repairs and not encoding.lost_tail else {}
    return {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, **override}


def _metadata(stream: BinaryIO, encoding: Encoding) -> dict[str, str]:
    """The elements that stand before the text proper. ExtractError where not even the root can be read.

    The scanner looks at the prolog first, for it refuses a document type of its own; lxml then sees none.
    """
    next((tag for tag in Scanner(html=False).tags(text_chunks(stream, encoding)) if tag.name), None)
    stream.seek(0)
    said: dict[str, str] = {}
    root = ""
    try:
        for event, element in etree.iterparse(stream, events=("start", "end"), **_parser_options(encoding)):
            if not root:
                root = str(element.tag)
                said["forme"] = root.lower()
            if event == "start" and element.tag in ("STRUCT", "BLOC_TEXTUEL", "STRUCTURE_TXT"):
                break
            if event == "end" and element.tag in _META and element.text:
                said.setdefault(_META[element.tag], decoded(element.text))
            elif element.tag == "TEXTE" and element.get("cid"):
                said |= _context(element)
    except etree.XMLSyntaxError as error:
        if not root:
            raise ExtractError("Le fichier n'est pas du XML lisible.", "le télécharger de nouveau") from error
    if said.get("id", "").startswith("JORFTEXT"):
        said["url"] = _URL.format(said["id"])
    return {key: value for key, value in said.items() if value and value != _NO_DATE}


def _context(text: etree._Element) -> dict[str, str]:
    """What a single article says of the text it belongs to."""
    return {
        "texte_id": text.get("cid") or "",
        "nor": text.get("nor") or "",
        "publie_le": text.get("date_publi") or "",
        "signe_le": text.get("date_signature") or "",
        "titre": decoded(text.findtext("TITRE_TXT") or ""),
    }


class _Judge:
    """A parser target with no handler: no tree is built, the file is only judged."""

    def close(self) -> None:
        return None


def _malformed(stream: BinaryIO, encoding: Encoding) -> Repair | None:
    """What lxml refuses in the file, told with its line; None for well-formed XML."""
    stream.seek(0)
    # The stubs ask for every handler; lxml calls those that exist.
    parser = etree.XMLParser(target=_Judge(), **_parser_options(encoding))  # type: ignore[arg-type]
    try:
        etree.parse(stream, parser)
    except etree.XMLSyntaxError as error:
        return Repair("xml_mal_forme", Source(line=error.lineno), error.msg or "")
    return None
