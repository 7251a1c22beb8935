"""Communes, départements, régions and EPCI at a date, and names to codes.

Read from raw/reference/, which scripts/make_reference.py makes. What resembles a name is not decided here.
"""

from pipeline.gazetteer.communes import (
    Commune,
    CommuneKind,
    Departement,
    Gazetteer,
    Lookup,
    Match,
    MatchHow,
    Region,
    departement_of,
)
from pipeline.gazetteer.groupings import Epci, EpciKind, EpciYear, epci
from pipeline.gazetteer.names import fold, normalise, split_article
from pipeline.gazetteer.snapshot import ReferenceMissing, epci_years, load, passage, snapshot_dates
from pipeline.gazetteer.tables import COMMENTS, ref_tables

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
    "MatchHow",
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
