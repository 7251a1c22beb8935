"""The zoning of communes for housing aid: one row a commune (`declaration`), and from when, aid by aid (`effets`);
the ministry's own list, a witness (`liste`)."""

from pipeline.datasets.zonage.declaration import ZONAGE_ABC
from pipeline.datasets.zonage.effets import ZONAGE_ABC_EFFETS
from pipeline.datasets.zonage.liste import ZONAGE_ABC_LISTE

__all__ = ["ZONAGE_ABC", "ZONAGE_ABC_EFFETS", "ZONAGE_ABC_LISTE"]
