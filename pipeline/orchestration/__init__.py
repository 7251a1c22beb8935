"""The Dagster layer: partitions, assets, checks, jobs, and how they are run. Only calls what `refresh` does; decides
nothing about documents or data."""
