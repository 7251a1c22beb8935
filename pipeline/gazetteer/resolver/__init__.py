"""Printed names to commune codes: one label by `resolve`, the names of one list together by `resolve_list`.

Exact look-up is the gazetteer's; what a code means for a dataset (findings, quarantine) is the caller's.
"""

from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.lists import resolve_list
from pipeline.gazetteer.resolver.model import Break, Candidate, How, ListResolution, Order, Resolution, Status

__all__ = [
    "Break",
    "Candidate",
    "How",
    "ListResolution",
    "Order",
    "Resolution",
    "Status",
    "resolve",
    "resolve_list",
]
