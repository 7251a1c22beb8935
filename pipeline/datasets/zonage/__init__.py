"""The zoning of communes for housing aid: one row a commune (`declaration`), and from when, aid by aid (`effets`)."""

from pipeline.datasets.zonage.declaration import ZONAGE_ABC
from pipeline.datasets.zonage.effets import ZONAGE_ABC_EFFETS

__all__ = ["ZONAGE_ABC", "ZONAGE_ABC_EFFETS"]
