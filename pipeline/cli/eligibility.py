"""`annexes eligibilite`: the conditions of the reduced VAT rate, one by one, for a sale that is described."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import rows
from pipeline.cli.common import out, project, typed_day
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(eligibilite)


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", ".").replace(" ", "").replace("\u202f", ""))
    except InvalidOperation as error:
        raise typer.BadParameter(_("“{text}” is not a number").format(text=text)) from error
    if not found.is_finite():
        raise typer.BadParameter(_("“{text}” is not a number").format(text=text))
    return found


_Number = Annotated[Decimal | None, typer.Option(parser=_number, metavar="NUMBER")]
_Day = Annotated[date | None, typer.Option(parser=typed_day, metavar="DAY")]


def eligibilite(
    commune: Annotated[
        str, typer.Argument(help="Name, name with its département (“Saint-Denis (93)”), or INSEE code.")
    ],
    le: Annotated[date, typer.Option("--le", parser=typed_day, metavar="DAY", help="The day of the sale or delivery.")],
    categorie: Annotated[str, typer.Option(help="Category of household, 1 to 6.", metavar="CATEGORY")] = "1",
    personnes: Annotated[int, typer.Option(help="Persons beyond category 6.", min=0)] = 0,
    surface: _Number = None,
    annexes: _Number = None,
    garage: _Number = None,
    prix: _Number = None,
    ressources: _Number = None,
    contrat_le: _Day = None,
    permis_le: _Day = None,
    distance: _Number = None,
    convention_le: _Day = None,
    convention_fin_le: _Day = None,
    residence_principale: Annotated[
        bool | None, typer.Option("--residence-principale/--autre-usage", help="What the dwelling is for.")
    ] = None,
    evenement_le: _Day = None,
    evenement: Annotated[
        str, typer.Option(help="What ends a condition; an unknown word lists the known ones.", metavar="EVENT")
    ] = "revente",
    output: rows.Format = rows.Output.record,
    out_file: rows.OutFile = None,
) -> None:
    """Say whether a sale has the reduced VAT rate of bulletin 8 A-2-09, by condition: yes, no, not determined.

    What is not given is not determined; nor is what is not held, and the row says why. Floor areas are in m², the price
    without tax, resources those of two years before the contract, the distance to the quarter in metres (0 inside it).
    With --evenement-le and --prix, the VAT to pay back if a condition ends that day.

    Example: `annexes eligibilite Annecy --le 2009-12-15 --surface 70 --prix 150000 --permis-le 2009-06-01`
    """
    import duckdb

    from pipeline.products import eligibility
    from pipeline.products.fiche.commune import find_commune
    from pipeline.warehouse.access import connect

    given = {
        "personnes_supplementaires": personnes,
        "surface_habitable": surface,
        "surface_annexes": annexes,
        "surface_garage": garage,
        "prix_ht": prix,
        "ressources_n2": ressources,
        "contrat_le": contrat_le,
        "permis_le": permis_le,
        "distance_m": distance,
        "convention_le": convention_le,
        "convention_fin_le": convention_fin_le,
        "residence_principale": residence_principale,
    }
    if evenement_le is not None and prix is None:
        raise AnnexesError(_("the VAT to pay back is counted on the price: give --prix"), USAGE)
    with connect(project()) as connection:
        place = find_commune(connection, commune, le)
        try:
            found = eligibility.conditions(connection, place.code, categorie, le, given)
            rows.write(found, output, out_file)
            if evenement_le is not None and prix is not None:
                due = eligibility.to_pay_back(connection, place.code, prix, le, evenement_le, evenement)
                if output in (rows.Output.table, rows.Output.record):
                    out("")
                rows.write(due, output, _beside(out_file))
        except duckdb.InvalidInputException as error:
            raise AnnexesError(str(error).removeprefix("Invalid Input Error: "), USAGE) from error


def _beside(target: Path | None) -> Path | None:
    """The file of the VAT to pay back, next to that of the conditions."""
    return target.with_stem(f"{target.stem}-reversement") if target else None
