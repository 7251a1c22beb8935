"""Progress of long work: a live line on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def steps(total: int | None) -> Iterator[Callable[[str], None]]:
    """A function to call with the name of each step as it begins; `total` steps are expected, None when unknown."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: console.print(name, markup=False, highlight=False)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("plan", total=total)
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            progress.update(task, description=name, completed=begun)
            begun += 1

        yield step
