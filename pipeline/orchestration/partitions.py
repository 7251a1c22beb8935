"""The one partition: a document of raw/, by its id. Ids are added when a refresh finds them."""

from __future__ import annotations

from collections.abc import Iterable

from dagster import DagsterInstance, DynamicPartitionsDefinition

DOCUMENTS = DynamicPartitionsDefinition(name="documents")


def remember(instance: DagsterInstance, documents: Iterable[str]) -> None:
    """Make these documents partitions; those that are stay."""
    assert DOCUMENTS.name
    known = set(instance.get_dynamic_partitions(DOCUMENTS.name))
    new = [name for name in dict.fromkeys(documents) if name not in known]
    if new:
        instance.add_dynamic_partitions(DOCUMENTS.name, new)
