"""Entry point of Dagster (`dagster dev -m pipeline.definitions`). What it holds is built in `orchestration`."""

from __future__ import annotations

from pipeline.orchestration.definitions import build_defs

defs = build_defs()
