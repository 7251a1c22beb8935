"""What is new: the reports of the last publications, and the versions by the day they were accepted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from pipeline.refresh.changes import read_reports
from pipeline.site.catalogue import differences
from pipeline.site.source import Row, SiteSource

REPORTS = 10
"""Reports of publications told; all of them are in warehouse/changes/."""
NEWEST = 40
"""Versions told; the pages of the datasets have them all."""
KEYS = 12
"""Keys told for one version."""


def context(source: SiteSource) -> Mapping[str, Any]:
    """Days, newest first, each with its versions and their differences from the version before."""
    versions = source.rows(
        "SELECT * FROM (SELECT v.*, d.title AS dataset_title, "
        "  (SELECT title FROM meta.documents o WHERE o.document = v.document) AS document_title, "
        "  lag(version_no) OVER (PARTITION BY v.dataset ORDER BY version_no) AS former "
        "  FROM meta.versions v JOIN meta.datasets d ON d.dataset = v.dataset) ORDER BY version_no DESC LIMIT ?",
        NEWEST,
    )
    for version in versions:
        version["differences"] = _differences(source, version)
    days = [(day, list(own)) for day, own in groupby(versions, key=lambda v: v["accepted_at"].date())]
    missing = source.rows(
        "SELECT c.*, d.title AS dataset_title FROM meta.coverage c JOIN meta.datasets d USING (dataset) "
        "WHERE etat = 'connu_non_detenu' ORDER BY coalesce(effect_from, published) DESC"
    )
    return {"days": days, "missing": missing, "keys": KEYS, "reports": read_reports(source.settings, REPORTS)}


def _differences(source: SiteSource, version: Row) -> Mapping[str, Any] | None:
    dataset = source.datasets.get(version["dataset"])
    if dataset is None or version["former"] is None:
        return None
    return differences(source, dataset, version["former"], version["version_no"], KEYS)
