"""The letter to the authority that decided what a document prints: which findings concern it and how each is put, in
French, as Markdown or as HTML. Spellings of a copy are no faults of its publisher: they go to the annex, on demand.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from pipeline.cleaning.values import day_in_words
from pipeline.contract.findings import Finding, ordered
from pipeline.contract.rules import RULES
from pipeline.documents.decisions import Correction, Question
from pipeline.documents.model import Document
from pipeline.products.why import CellContext

Kind = Literal["refused", "doubt", "missing", "spelling", "confirm"]
AroundOf = Callable[[Finding], CellContext | None]
"""The words around what a finding is about; None when they are not to be had."""

_QUESTIONS = 10
_URGENCY: tuple[Kind, ...] = ("refused", "doubt", "missing", "confirm")
_WITNESSES = "temoins_en_desaccord"
_CONFIRM = frozenset({"correction_appliquee", "correction_proposee"})
_SCORE = re.compile(r"(?<=\)) [01],[0-9]{2}(?=[,; ]|$)")
"""The likeness of a candidate, as some messages give it after its code: '(57202) 0,89'. It says nothing to others."""


@dataclass(frozen=True)
class Point:
    """One thing to look at. `others` are the ids of findings about the same printed words, told once."""

    id: str
    kind: Kind
    place: str
    printed: str
    expected: str
    why: str
    around: CellContext | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concern:
    """The points of one document. `copied`: it was read in a copy, not in the file that was published."""

    document: Document
    copied: bool
    points: tuple[Point, ...]
    acts: tuple[str, ...] = ()
    """Names of the acts that the points are about."""
    annex: tuple[Point, ...] = ()
    """What can wait: past the first ten questions of the letter, and the spellings of a copy."""

    def of(self, kind: Kind) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.kind == kind)


@dataclass(frozen=True)
class Letter:
    """All that one authority is told on one day."""

    publisher: str
    """The authority; the publisher of the document where no other is known."""
    day: date
    concerns: tuple[Concern, ...]

    @property
    def total(self) -> int:
        return sum(len(concern.points) for concern in self.concerns)


def letters(
    documents: Sequence[Document],
    findings: Iterable[Finding],
    corrections: Mapping[str, Sequence[Correction]],
    around_of: AroundOf,
    day: date,
    questions: Mapping[str, Sequence[Question]] | None = None,
) -> tuple[Letter, ...]:
    """One letter an authority, by name, with the documents that have something to say, in the order given.

    `corrections` are the rules of each document: a reading that the publisher confirmed is not asked again.
    `questions` are those that people ask of each document.
    """
    by_document: dict[str, list[Finding]] = {}
    for finding in ordered(findings):
        by_document.setdefault(finding.document, []).append(finding)
    told: dict[str, list[Concern]] = {}
    for document in documents:
        rules = {rule.id: rule for rule in corrections.get(document.id, ())}
        asked = (questions or {}).get(document.id, ())
        own = by_document.get(document.id, [])
        names = [_authority(document, f.edition) for f in own] + [_authority(document, q.act) for q in asked]
        for name in dict.fromkeys(names):
            mine = [f for f in own if _authority(document, f.edition) == name]
            points = [_asked(q) for q in asked if _authority(document, q.act) == name]
            points += _points(document, mine, rules, around_of)
            if points:
                acts = [f.edition for f in mine] + [q.act for q in asked if _authority(document, q.act) == name]
                told.setdefault(name, []).append(_concern(document, points, acts))
    return tuple(Letter(name, day, _first_ten(told[name])) for name in sorted(told))


def _authority(document: Document, act: str) -> str:
    return next((a.authority for a in document.acts if a.id == act and a.authority), document.publisher)


def _asked(question: Question) -> Point:
    place = f"ligne {question.line}"
    return Point(question.id, "doubt", place, question.printed, question.expected, question.why)


def _concern(document: Document, points: Sequence[Point], acts: Sequence[str]) -> Concern:
    """The points in the order of the document; the spellings of a copy in its annex."""
    copied = bool(document.current) and document.current[0].role != "published"
    ordered_points = sorted(points, key=lambda p: (_as_number(p.place), p.place, p.printed))
    of_copy = [p for p in ordered_points if copied and p.kind in ("spelling", "confirm")]
    names = tuple(dict.fromkeys(a.name for a in document.acts if a.id in acts))
    kept = tuple(p for p in ordered_points if p not in of_copy)
    return Concern(document, copied, kept, names, tuple(of_copy))


def _first_ten(concerns: Sequence[Concern]) -> tuple[Concern, ...]:
    """The letter asks ten questions, the gravest first; the others wait in the annexes."""
    ranked = sorted(
        (_URGENCY.index(point.kind), n, m)
        for n, concern in enumerate(concerns)
        for m, point in enumerate(concern.points)
        if point.kind != "spelling"
    )
    asked = {(n, m) for _, n, m in ranked[:_QUESTIONS]}
    found = []
    for n, concern in enumerate(concerns):
        kept = tuple(p for m, p in enumerate(concern.points) if p.kind == "spelling" or (n, m) in asked)
        later = tuple(p for p in concern.points if p not in kept)
        found.append(replace(concern, points=kept, annex=(*later, *concern.annex)))
    return tuple(found)


def kind_of(finding: Finding, document: Document, rules: Mapping[str, Correction]) -> Kind | None:
    """How a finding concerns the publisher; None when it does not.

    A rule that is told is judged by what it says: refused, missing, contradictory, or read under another spelling. One
    that is no more declared (a finding published by an older reading) is not told.
    """
    if finding.rule in _CONFIRM:
        rule = rules.get(finding.subject)
        return "confirm" if rule and rule.status != "confirmed_by_publisher" else None
    declared = RULES.get(finding.rule)
    if declared is None or declared.audience != "publisher":
        return None
    if finding.rule == _WITNESSES and any(r.role == "typeset" for r in document.renditions):
        return None
    if finding.severity == "error":
        return "refused" if finding.printed else None  # a check of ours that fails prints nothing
    if finding.severity == "warning":
        return "doubt" if finding.printed else "missing"
    return "spelling" if finding.printed and finding.expected else None


def _points(
    document: Document, findings: Sequence[Finding], rules: Mapping[str, Correction], around_of: AroundOf
) -> tuple[Point, ...]:
    """One point for all findings about the same printed words at one place, the most severe first."""
    groups: dict[tuple[str, ...], list[tuple[Kind, Finding]]] = {}
    for finding in findings:
        kind = kind_of(finding, document, rules)
        if kind is not None:
            same = (finding.rendition, finding.place, finding.printed) if finding.printed else (finding.id,)
            groups.setdefault(same, []).append((kind, finding))
    points = [_point(group, rules, around_of) for group in groups.values()]
    return tuple(sorted(points, key=lambda p: (_as_number(p.place), p.place, p.printed)))


def _point(group: Sequence[tuple[Kind, Finding]], rules: Mapping[str, Correction], around_of: AroundOf) -> Point:
    kind, first = group[0]
    expected = next((f.expected for _, f in group if f.expected), "")
    rule = rules.get(first.subject) if first.rule in _CONFIRM else None
    return Point(
        id=first.id,
        kind=kind,
        place=first.place,
        printed=first.printed,
        expected=expected,
        why=rule.reason if rule else _why(first),
        around=around_of(first) if first.printed else None,
        others=tuple(f.id for _, f in group[1:]),
    )


def _why(finding: Finding) -> str:
    """The message without what stands beside it in the letter: the place, what became of it, the scores."""
    message = finding.message.removeprefix(f"{finding.place} : ").removesuffix(f" ; « {finding.printed} » écarté")
    return _SCORE.sub("", message)


def _as_number(place: str) -> int:
    found = re.search(r"[0-9]+", place)
    return int(found[0]) if found else 0


_SECTIONS: Mapping[Kind, tuple[str, str]] = {
    "refused": (
        "Ce que nous n'avons pas pu interpréter",
        "Ces passages ne sont pas repris dans les données, qui restent incomplètes tant que la question est posée.",
    ),
    "doubt": (
        "Points à vérifier",
        "Deux indications se contredisent, ou une indication surprend. Les données reprennent ce qui est imprimé.",
    ),
    "missing": ("Ce qui semble manquer", "Nous ne savons pas si l'absence est voulue."),
    "confirm": (
        "Lectures à confirmer",
        "Une personne a proposé de lire ces passages autrement qu'ils sont imprimés. Est-ce exact ?",
    ),
    "spelling": (
        "Graphies et intitulés",
        "Compris à nos yeux sans doute possible, et repris sous la forme proposée. Pour une prochaine édition.",
    ),
}
_COLUMNS = ("Réf.", "Où", "Imprimé", "Attendu ou proposé", "Pourquoi")
_COPIED = (
    "Nous n'avons pas lu le fichier d'origine mais une copie de son texte : les lignes indiquées sont celles de cette "
    "copie, et une différence de graphie ou de disposition peut venir d'elle. Si l'original est juste, une réponse "
    "en ce sens suffit."
)
_PURPOSE = (
    "Nous mettons en données ouvertes les tableaux et listes {where}. Leur lecture laisse {found}. Rien n'a été "
    "complété au jugé : ce qui n'est pas compris n'est pas repris, le reste l'est avec l'endroit où il est imprimé."
)
_ASKED = (
    "Il suffit de répondre à ce message en citant la référence du point (12 caractères, la même d'un relevé à l'autre) "
    "et l'une de ces réponses :"
)
_THANKS = "Votre réponse sera consignée à côté du document, et les données mises à jour. Avec nos remerciements."
_ANSWER = (
    "**l'imprimé est à corriger** : donnez le texte juste, et dites si un rectificatif paraîtra ;",
    "**l'imprimé est juste** : nous le reprendrons tel quel ;",
    "**nous avons mal lu** : dites-nous ce que dit l'original.",
)


def markdown(letter: Letter, annexes: bool = False) -> str:
    """The letter as Markdown, tables with pipes; with its annexes when asked."""
    return "\n".join(_markdown(letter, annexes)) + "\n"


def page(letter: Letter, annexes: bool = False) -> str:
    """The letter as one HTML page that stands alone, readable when printed; with its annexes when asked."""
    return "\n".join(_page(letter, annexes)) + "\n"


def _title(letter: Letter) -> str:
    return f"Relevé d'anomalies à l'attention de : {letter.publisher}"


def _opening(letter: Letter) -> tuple[str, ...]:
    documents = len(letter.concerns)
    where = "du document ci-dessous" if documents == 1 else f"des {documents} documents ci-dessous"
    return f"Établi le {day_in_words(letter.day)}.", "Bonjour,", _PURPOSE.format(where=where, found=_found(letter))


def _found(letter: Letter) -> str:
    """'9 questions auxquelles…, et 151 graphies…': what asks for an answer apart from what does not."""
    spellings = sum(len(concern.of("spelling")) for concern in letter.concerns)
    asked = letter.total - spellings
    parts = ["une question à laquelle vous seul pouvez répondre"] if asked == 1 else []
    parts += [f"{asked} questions auxquelles vous seul pouvez répondre"] if asked > 1 else []
    parts += [f"{spellings} graphie{'s' if spellings > 1 else ''} à signaler"] if spellings else []
    return " et ".join(parts)


def _about(concern: Concern) -> str:
    document = concern.document
    said = [f"identifiant {document.id}"]
    said += [f"publié le {day_in_words(document.published)}"] if document.published else []
    acts = concern.acts or tuple(a.name for a in document.acts if len(document.acts) == 1)
    said += [f"acte{'s' if len(acts) > 1 else ''} : {' ; '.join(acts)}"] if acts else []
    said += [f"fichier lu : {document.current[0].file}"] if document.current else []
    return " ; ".join(said) + "."


def _sections(concern: Concern) -> Iterator[tuple[str, str, Sequence[Point]]]:
    """Title, what it means, and points of each part that has some."""
    for kind, (title, meaning) in _SECTIONS.items():
        points = concern.of(kind)
        if points:
            yield f"{title} ({len(points)})", meaning, points


def _cells(point: Point) -> tuple[str, str, str, str, str]:
    heading = f"«\u00a0{point.around.heading}\u00a0»" if point.around and point.around.heading else ""
    where = ", ".join(part for part in (heading, point.place) if part)
    return point.id, where, point.printed, point.expected, point.why[:1].upper() + point.why[1:]


def _counts(letter: Letter) -> Iterator[tuple[str, ...]]:
    for concern in letter.concerns:
        numbers = [len(concern.of(kind)) for kind in _SECTIONS]
        yield (concern.document.title, *(str(n) if n else "" for n in numbers), str(sum(numbers)))


def _waiting(letter: Letter) -> str:
    """What the annexes hold, said where they are not shown."""
    count = sum(len(concern.annex) for concern in letter.concerns)
    if not count:
        return ""
    points = "un point" if count == 1 else f"{count} points"
    return f"En annexe, sur demande : {points} de moindre portée, graphies d'une copie comprises."


def _markdown(letter: Letter, annexes: bool) -> Iterator[str]:
    yield f"# {_md(_title(letter))}"
    for paragraph in _opening(letter):
        yield f"\n{paragraph}"
    yield ""
    yield from _pipes(("Document", *(title for title, _ in _SECTIONS.values()), "Total"), _counts(letter))
    for concern in letter.concerns:
        yield f"\n## {_md(concern.document.title)}\n"
        yield _md(_about(concern)) + (f" <{concern.document.url}>" if concern.document.url else "")
        if concern.copied:
            yield f"\n{_COPIED}"
        for title, meaning, points in _sections(concern):
            yield f"\n### {title}\n\n{meaning}\n"
            yield from _pipes(_COLUMNS, (_quoted(point) for point in points))
    yield f"\n## Comment répondre\n\n{_ASKED}\n"
    yield from (f"{n}. {line}" for n, line in enumerate(_ANSWER, start=1))
    yield f"\n{_THANKS}"
    if _waiting(letter) and not annexes:
        yield f"\n{_waiting(letter)}"
    for concern in letter.concerns if annexes else ():
        if concern.annex:
            yield f"\n## Annexe : {_md(concern.document.title)} ({len(concern.annex)})\n"
            yield from _pipes(_COLUMNS, (_quoted(point) for point in concern.annex))


def _quoted(point: Point) -> tuple[str, ...]:
    reference, where, printed, expected, why = _cells(point)
    shown = f"{_md(point.around.before)}**{_md(printed)}**{_md(point.around.after)}" if point.around else _md(printed)
    return f"`{reference}`", _md(where), shown, _md(expected), _md(why)


def _pipes(head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _md(text: str) -> str:
    """Printed text kept from being read as Markdown, on one line."""
    flat = " ".join(text.split()) if text.strip() == text else text.replace("\n", " ")
    return "".join(f"\\{c}" if c in "\\|*_`<>[]" else c for c in flat)


_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid #bbb;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}th{background:#f0f0f0}code{white-space:nowrap}mark{background:#ffe9a8}"
    "tr{break-inside:avoid}"
)


def _page(letter: Letter, annexes: bool) -> Iterator[str]:
    title = html.escape(_title(letter))
    yield f'<!doctype html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    yield from (f"<p>{html.escape(paragraph)}</p>" for paragraph in _opening(letter))
    counts = (tuple(html.escape(cell) for cell in row) for row in _counts(letter))
    yield from _table(("Document", *(title for title, _ in _SECTIONS.values()), "Total"), counts)
    for concern in letter.concerns:
        yield f"<h2>{html.escape(concern.document.title)}</h2>\n<p>{html.escape(_about(concern))}"
        url = html.escape(concern.document.url or "")
        yield (f' <a href="{url}">{url}</a>' if url else "") + "</p>"
        if concern.copied:
            yield f"<p>{html.escape(_COPIED)}</p>"
        for name, meaning, points in _sections(concern):
            yield f"<h3>{html.escape(name)}</h3>\n<p>{html.escape(meaning)}</p>"
            yield from _table(_COLUMNS, (_marked(point) for point in points))
    yield f"<h2>Comment répondre</h2>\n<p>{html.escape(_ASKED)}</p>\n<ol>"
    for line in _ANSWER:
        word, rest = line.removeprefix("**").split("**", 1)
        yield f"<li><strong>{html.escape(word)}</strong>{html.escape(rest)}</li>"
    yield f"</ol>\n<p>{html.escape(_THANKS)}</p>"
    if _waiting(letter) and not annexes:
        yield f"<p>{html.escape(_waiting(letter))}</p>"
    for concern in letter.concerns if annexes else ():
        if concern.annex:
            yield f"<h2>Annexe : {html.escape(concern.document.title)} ({len(concern.annex)})</h2>"
            yield from _table(_COLUMNS, (_marked(point) for point in concern.annex))
    yield "</body>\n</html>"


def _marked(point: Point) -> tuple[str, ...]:
    reference, where, printed, expected, why = (html.escape(cell) for cell in _cells(point))
    around = point.around
    shown = f"{html.escape(around.before)}<mark>{printed}</mark>{html.escape(around.after)}" if around else printed
    return f"<code>{reference}</code>", where, shown, expected, why


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """`rows` hold HTML."""
    yield "<table>\n<thead><tr>" + "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    yield "</tr></thead>\n<tbody>"
    yield from ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    yield "</tbody>\n</table>"
