"""Communes, départements, régions and EPCI at a date, and names to codes.

Read from raw/reference/, which scripts/make_reference.py makes. What resembles a name is not decided here.
"""

from pipeline.gazetteer.files import epci_years, snapshot_dates
from pipeline.gazetteer.groupings import EpciYear, epci
from pipeline.gazetteer.model import (
    Commune,
    CommuneKind,
    Departement,
    Epci,
    EpciKind,
    Lookup,
    Match,
    ReferenceMissing,
    Region,
    departement_of,
)
from pipeline.gazetteer.names import fold, normalise, split_article
from pipeline.gazetteer.snapshot import Gazetteer, load
from pipeline.gazetteer.tables import COMMENTS, ref_tables
from pipeline.gazetteer.territories import passage

__all__ = [
    "COMMENTS",
    "Commune",
    "CommuneKind",
    "Departement",
    "Epci",
    "EpciKind",
    "EpciYear",
    "Gazetteer",
    "Lookup",
    "Match",
    "ReferenceMissing",
    "Region",
    "departement_of",
    "epci",
    "epci_years",
    "fold",
    "load",
    "normalise",
    "passage",
    "ref_tables",
    "snapshot_dates",
    "split_article",
]
