"""One module a family of tables, each declaring its datasets. `all_datasets` finds them; nothing else needs an edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from pipeline.contract.dataset import Dataset
from pipeline.errors import USAGE, AnnexesError

# Of this package, the modules that declare no dataset.
_SUPPORT = frozenset({"toolkit"})


class UnknownDatasetError(AnnexesError, KeyError):
    """No dataset has this name; the French message lists those that exist."""

    code = USAGE


@cache
def all_datasets() -> tuple[Dataset, ...]:
    """Every Dataset that a module of this package holds, by name."""
    found: dict[str, Dataset] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in _SUPPORT:
            continue
        members = vars(importlib.import_module(f"{__name__}.{module.name}"))
        found.update({value.name: value for value in members.values() if isinstance(value, Dataset)})
    return tuple(found[name] for name in sorted(found))


def dataset(name: str) -> Dataset:
    """The dataset of that name. Raises UnknownDatasetError with the names that exist."""
    for item in all_datasets():
        if item.name == name:
            return item
    raise UnknownDatasetError(f"{name} : jeu de données inconnu ; connus : {', '.join(d.name for d in all_datasets())}")
