"""The partitions: the documents of raw/, and for each dataset those of them that feed it, so that a dataset is complete
when all of its own documents are in. Ids are added when a run finds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import dagster as dg

DOCUMENTS = dg.DynamicPartitionsDefinition(name="documents_de_raw")


@cache
def of_dataset(name: str) -> dg.DynamicPartitionsDefinition:
    """The documents that feed one dataset."""
    return dg.DynamicPartitionsDefinition(name=f"documents_de_{name}")


def register(instance: dg.DagsterInstance, fed: Mapping[str, Collection[str]]) -> None:
    """Make partitions of documents, given with the datasets that each feeds; those that are stay."""
    wanted: dict[dg.DynamicPartitionsDefinition, list[str]] = {DOCUMENTS: list(fed)}
    for document, datasets in fed.items():
        for name in datasets:
            wanted.setdefault(of_dataset(name), []).append(document)
    for definition, documents in wanted.items():
        assert definition.name
        if documents:
            instance.add_dynamic_partitions(definition.name, documents)
