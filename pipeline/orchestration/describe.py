"""Values and declarations as Dagster shows them: descriptions in plain words, Markdown tables, column schemas, counts.
Nothing is read from disk here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipeline.contract.dataset import Column, Dataset
from pipeline.documents.model import Document
from pipeline.products import addresses

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.contract.findings import Finding
    from pipeline.documents.model import Act, KnownAct
    from pipeline.refresh.propose import ReadingSummary
    from pipeline.refresh.state import DocumentOutcome, EditionOutcome

PREVIEW_ROWS = 10
OWNERS = ("team:annexes",)
_CELL_CHARACTERS = 80
_SHOWN_AT_ONCE = 1000
"""Characters of Markdown that the interface shows without a click; above, it puts a button in the place."""
_LEGIFRANCE = "https://www.legifrance.gouv.fr/jorf/id/"

Metadata = dict[str, Any]


def markdown_table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], limit: int = PREVIEW_ROWS, width: int = _CELL_CHARACTERS
) -> str:
    """A Markdown table of the first `limit` rows; NULL is blank, cells longer than `width` are cut, pipes and line ends
    are kept out of the markup."""
    shown = list(rows)
    lines = ["| " + " | ".join(_cell(header, width) for header in headers) + " |", "|" + " --- |" * len(headers)]
    lines += ["| " + " | ".join(_cell(value, width) for value in row) + " |" for row in shown[:limit]]
    if len(shown) > limit:
        lines.append(f"\n… et {len(shown) - limit} de plus")
    return "\n".join(lines)


def preview(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """The first rows, as many columns and rows as the interface shows without a click."""
    shown = list(rows)
    for columns in range(len(headers), 0, -1):
        for limit in (PREVIEW_ROWS, 5, 3):
            # Rows left out are no news in a preview.
            cut = [row[:columns] for row in shown[:limit]]
            table = markdown_table(headers[:columns], cut, width=40)
            left = f"\n\n{len(headers) - columns} colonnes de plus" if columns < len(headers) else ""
            if len(table + left) < _SHOWN_AT_ONCE:
                return dg.MetadataValue.md(table + left)
    return dg.MetadataValue.md("")


def _cell(value: object, width: int) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split())
    text = text if len(text) <= width else text[: width - 1] + "…"
    for character in "\\|[]":
        text = text.replace(character, "\\" + character)
    return text.replace("<", "&lt;")


def table_schema(dataset: Dataset) -> dg.TableSchema:
    """The columns of a dataset as Dagster shows them, from its declaration."""
    return dg.TableSchema(
        columns=[_column(column, dataset) for column in dataset.columns],
        constraints=dg.TableConstraints(other=[f"clé : {', '.join(dataset.key)}"]),
    )


def _column(column: Column, dataset: Dataset) -> dg.TableColumn:
    rules = [check.label for check in column.checks]
    rules += [f"unité : {column.unit}"] if column.unit else []
    return dg.TableColumn(
        name=column.name,
        type=column.type,
        description=column.comment,
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable, unique=dataset.key == (column.name,), other=rules or None
        ),
    )


@dataclass(frozen=True)
class Catalogue:
    """The pages of `annexes site`, led to from here: at the address that annexes.toml names (`[site] url`), or where
    `annexes site --serve` shows them."""

    url: str = ""

    def link(self, page: str, said: str = "au catalogue") -> str:
        """A link to one page, in Markdown."""
        return f"[{said}]({self.at(page)})"

    def at(self, page: str) -> str:
        return f"{(self.url or addresses.SERVED).rstrip('/')}/{page}"

    def metadata(self, page: str) -> Metadata:
        """The page of an asset, as its metadata; how to see it, where no address is set."""
        how = (
            ""
            if self.url
            else " : pendant `annexes site --serve`, ou à l'adresse dite dans annexes.toml (`[site] url`)"
        )
        return {"catalogue": dg.MetadataValue.md(f"[{self.at(page)}]({self.at(page)}){how}")}


def address(act: Act | Document | KnownAct) -> str:
    """Where an act or document can be read, '' when that is not known."""
    url = getattr(act, "url", None)
    return url or (_LEGIFRANCE + act.id if act.id.startswith("JORFTEXT") else "")


def acts_list(acts: Sequence[Act | Document | KnownAct], limit: int = 20, catalogue: Catalogue | None = None) -> str:
    """Acts by title with their address, and their page in the catalogue, as a Markdown list."""
    lines = [f"- {_linked(_called(act), address(act))}{_page(act, catalogue)}" for act in acts[:limit]]
    lines += [f"- … et {len(acts) - limit} de plus"] if len(acts) > limit else []
    return "\n".join(lines)


def _called(act: Act | Document | KnownAct) -> str:
    """The title printed; else the one that it is known by, else its identifier."""
    return act.title or getattr(act, "other_title", "") or act.id


def _page(act: Act | Document | KnownAct, catalogue: Catalogue | None) -> str:
    """The link to an act's page; a sheet is no act and has none."""
    if catalogue is None or isinstance(act, Document):
        return ""
    return f" · {catalogue.link(addresses.of_act(act.id))}"


def _linked(title: str, url: str) -> str:
    plain = _cell(title, 200)
    return f"[{plain}]({url})" if url else plain


def documents_table(documents: Sequence[Document], limit: int = 50) -> str:
    """Documents by their ids, which are the partition keys, with titles and addresses."""
    rows = [(d.id, _linked(d.title, d.url or "")) for d in documents]
    lines = ["| partition | document |", "| --- | --- |"]
    lines += [f"| {_cell(name, 80)} | {title} |" for name, title in rows[:limit]]
    lines += [f"\n… et {len(rows) - limit} de plus"] if len(rows) > limit else []
    return "\n".join(lines)


def document_metadata(document: Document | None, folder: Path, sizes: Mapping[str, int]) -> Metadata:
    """A document as it was archived: title, address, acts, files with their bytes. None for a refused declaration."""
    shown: Metadata = {}
    if document is not None:
        shown["titre"] = document.title
        if document.url:
            shown["adresse"] = dg.MetadataValue.url(document.url)
        if document.acts:
            shown["actes"] = dg.MetadataValue.md(acts_list(document.acts))
    return shown | {
        "dossier": dg.MetadataValue.path(folder),
        "fichiers": len(sizes),
        "octets": sum(sizes.values()),
        "aperçu": preview(("fichier", "octets"), sorted(sizes.items())),
    }


def reading_metadata(read: ReadingSummary, folder: Path) -> Metadata:
    """Counts over the renditions that read, and the first rows of the widest table of the best one."""
    headers = ("fichier", "rôle", "tableaux", "cellules", "réparations", "non lu", "mis à part")
    shown: Metadata = {
        "titre": read.title,
        "dagster/row_count": read.rows,
        "fichiers lus": len(read.renditions),
        "tableaux": read.grids,
        "réparations": sum(repairs for *_, repairs, _unread, _aside in read.renditions),
        "renditions": dg.MetadataValue.md(markdown_table(headers, read.renditions)),
        "dossier": dg.MetadataValue.path(folder),
    }
    return shown | ({"aperçu": preview(read.headers, read.first)} if read.headers else {})


def edition_metadata(
    outcome: DocumentOutcome,
    dataset: str,
    editions: Sequence[EditionOutcome],
    path: Path,
    first: dg.MarkdownMetadataValue,
) -> Metadata:
    """What one document gives a dataset: the numbers are plotted over documents. `editions` are those that stand,
    `path` is the newest version's file, `first` its first rows."""
    found = Counter(f.severity for f in outcome.findings if f.dataset == dataset)
    return {
        "actes": dg.MetadataValue.md("\n".join(f"- {_cell(e.act, 200)}" for e in editions)),
        "dagster/row_count": sum(e.rows for e in editions),
        "lignes écartées": sum(e.quarantined for e in editions),
        "erreurs": found["error"],
        "avertissements": found["warning"],
        "version": max((e.version_no or 0 for e in editions), default=0),
        "éditions": editions_table(editions),
        "aperçu": first,
        "fichier": dg.MetadataValue.path(path),
    }


def findings_table(findings: Sequence[Finding]) -> dg.MarkdownMetadataValue:
    """Findings as a person looks them up: place, message, id."""
    severities = {"error": "erreur", "warning": "avertissement", "info": "info"}
    rows = [(severities[f.severity], f.place, f.message, f.id) for f in findings]
    return dg.MetadataValue.md(markdown_table(("gravité", "lieu", "message", "id"), rows))


def editions_table(editions: Sequence[EditionOutcome]) -> dg.MarkdownMetadataValue:
    """What became of each edition."""
    headers = ("acte", "état", "version", "lignes", "écartées", "lu dans")
    states = {"accepted": "nouvelle", "unchanged": "inchangée"}
    rows = [
        (e.edition, states.get(e.status, e.status), e.version_no, e.rows, e.quarantined, f"{e.rendition} ({e.role})")
        for e in editions
    ]
    return dg.MetadataValue.md(markdown_table(headers, rows))
