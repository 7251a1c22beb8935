"""`annexes versions`, `diff` and `withdraw`: what is held, what changed, and taking a reading back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.common import Refusal, out, project
from pipeline.cli.opened import declared, warehouse
from pipeline.cli.reading import Format, OutFile, Output, rendered, write
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.products.differences import Comparison, Count

_KINDS = {
    "retire": ("clé retirée", "clés retirées"),
    "valeur_perdue": ("valeur perdue", "valeurs perdues"),
    "ajoute": ("clé ajoutée", "clés ajoutées"),
    "valeur_trouvee": ("valeur trouvée", "valeurs trouvées"),
    "modifie": ("valeur", "valeurs"),
}


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(versions)
    app.command(rich_help_panel="Look")(diff)
    app.command(rich_help_panel="Decide")(withdraw)


def versions(
    dataset: Annotated[str | None, typer.Argument(help="Of this dataset only.")] = None,
    output: Format = Output.table,
    out_file: OutFile = None,
) -> None:
    """List the versions held: edition, act, when accepted, rows, status, and the days each answers for.

    Status: `fait foi` (it answers for some day), `met fin` (it repeals or annuls another one), `remplacée` (a later
    reading of its edition counts), `retirée`.

    Example: `annexes versions premier_quartile`
    """
    from pipeline.products import differences

    if dataset is not None:
        declared(dataset)
    with warehouse(project()) as connection:
        rows = differences.versions(connection, dataset)
    write(rows, output, out_file)


def diff(
    dataset: Annotated[str, typer.Argument(help="A published table.")],
    a: Annotated[str, typer.Argument(metavar="A", help="A version number, or the act or NOR of an edition held.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The version to compare it with.")],
    output: Format = Output.table,
    out_file: OutFile = None,
    limit: Annotated[int, typer.Option(help="Changes shown in a table; the totals count all.", min=0)] = 50,
) -> None:
    """Show what changed from version A to version B, by key: lost coverage, new coverage, other values, with both.

    A key or value that is gone is lost coverage, not a change. CSV, JSON and Parquet hold every change.

    Example: `annexes diff premier_quartile 6 9`
    """
    from pipeline.products import differences

    asked = declared(dataset)
    with warehouse(project()) as connection:
        cap = limit if output is Output.table else None
        compared = differences.compare(connection, asked, a, b, cap)
    if output is not Output.table:
        write(compared.changes, output, out_file)
        return
    text = _summary(dataset, compared)
    if compared.changes.num_rows:
        text += "\n" + rendered(compared.changes, Output.table)
    if compared.total > compared.changes.num_rows:
        text += f"{compared.changes.num_rows} montrés sur {compared.total} ; tous : --format csv\n"
    if out_file is not None:
        out_file.write_text(text, encoding="utf-8")
    else:
        out(text)


def _summary(dataset: str, compared: Comparison) -> str:
    from pipeline.products import differences

    a, b = (
        f"version {v['version_no']} ({v['edition']}, {v['row_count']} lignes)"
        for v in (compared.before, compared.after)
    )
    lines = [f"{dataset} : {a} → {b}"]
    if not compared.total:
        return lines[0] + "\naucune différence\n"
    for title, kinds in (
        ("couverture perdue", differences.LOST),
        ("couverture gagnée", differences.GAINED),
        ("modifié", differences.CHANGED),
    ):
        lines.append(f"  {title} : {_counted(compared.of(kinds))}")
    return "\n".join(lines) + "\n"


def _counted(counts: Sequence[Count]) -> str:
    """'3 clés retirées, 2 valeurs perdues (nom_officiel 2)'."""
    said: list[str] = []
    for kind in dict.fromkeys(count.kind for count in counts):
        same = [count for count in counts if count.kind == kind]
        number = sum(count.number for count in same)
        columns = ", ".join(f"{count.column} {count.number}" for count in same if count.column)
        said.append(f"{number} {_KINDS[kind][number > 1]}" + (f" ({columns})" if columns else ""))
    return ", ".join(said) or "rien"


def withdraw(
    version: Annotated[int, typer.Argument(help="Its number: `annexes versions`.")],
    reason: Annotated[str, typer.Option(help="Why, kept with the version for ever.")],
) -> None:
    """Take a version back: from now on it answers for no day, and the reading before it counts again. Publishes.

    Nothing is erased: as-of questions known at an earlier moment still see it. The document is not read again until
    it changes; the same content read again does not bring the version back.

    Example: `annexes withdraw 12 --reason "colonne décalée page 3"`
    """
    from pipeline.store import versions as store
    from pipeline.store.lock import LockedError, refresh_lock

    settings = project()
    if not reason.strip():
        raise Refusal("la raison est vide : dire pourquoi la version est retirée", code=2)
    try:
        with refresh_lock(settings):
            withdrawn = store.withdraw(settings, version, reason.strip(), datetime.now(UTC))
            _publish(settings, version)
    except (LockedError, store.StoreError) as error:
        raise Refusal(str(error)) from error
    out(f"version {version} de {withdrawn.dataset} retirée. {_left(settings, withdrawn.dataset)}")


def _publish(settings: Settings, version: int) -> None:
    from pipeline.refresh import publish
    from pipeline.warehouse.publish import PublishError

    try:
        publish.publish(settings)
    except (PublishError, OSError) as error:
        raise Refusal(
            f"le retrait de la version {version} est enregistré, la base publiée est encore l'ancienne : {error} ; "
            "y remédier puis lancer `annexes refresh`"
        ) from error


def _left(settings: Settings, dataset: str) -> str:
    from pipeline.products import differences

    with warehouse(settings) as connection:
        held = differences.versions(connection, dataset).to_pylist()
    counting = [f"version {v['version_no']} ({v['edition']})" for v in held if v["statut"] == "fait foi"]
    return f"Font foi : {', '.join(counting)}." if counting else f"{dataset} n'a plus de version qui fasse foi."
