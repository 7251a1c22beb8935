"""The interface and a sensor of a project, at work until a file appears: python -m tests.soak.interface ROOT STOP.

Reads the document, publishes, and asks the sensor, again and again; prints how often each succeeded. A run that fails
ends it with its error.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import dagster as dg

from pipeline.orchestration.instance import open_instance
from pipeline.settings import Settings
from tests.orchestration.ticking import READING, Project
from tests.refresh.small import DOCUMENT


def main(root: Path, stop: Path) -> None:
    done: Counter[str] = Counter()
    settings = Settings(root)
    with open_instance(settings) as instance:
        project = Project(settings, instance)
        implicit, publishing = (
            project.defs.resolve_implicit_global_asset_job_def(),
            project.defs.resolve_job_def("publier"),
        )
        while not stop.exists():
            reading = [dg.AssetKey("lecture")]
            implicit.execute_in_process(partition_key=DOCUMENT, asset_selection=reading, instance=instance)
            publishing.execute_in_process(instance=instance)
            asked = project.tick(READING)
            done.update(("read", "published"))
            for request in asked if isinstance(asked, list) else ():
                assert project.run(request)
                done["asked"] += 1
    print(*(done[what] for what in ("read", "published", "asked")))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
