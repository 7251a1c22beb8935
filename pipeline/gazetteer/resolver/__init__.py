"""Printed names to commune codes: one label by `resolve`, one list by `resolve_list`, a document by `resolve_lists`.

Exact look-up is the gazetteer's; what a code means for a dataset (findings, quarantine) is the caller's.
"""

from pipeline.gazetteer.resolver.decide import resolve
from pipeline.gazetteer.resolver.joined import SURE, between_names, cuts, left_over, named_inside
from pipeline.gazetteer.resolver.lists import PrintedList, resolve_list, resolve_lists
from pipeline.gazetteer.resolver.model import Break, Candidate, How, ListResolution, Order, Resolution, Status

__all__ = [
    "SURE",
    "Break",
    "Candidate",
    "How",
    "ListResolution",
    "Order",
    "PrintedList",
    "Resolution",
    "Status",
    "between_names",
    "cuts",
    "left_over",
    "named_inside",
    "resolve",
    "resolve_list",
    "resolve_lists",
]
