"""`annexes site`: the catalogue for people who do not write SQL, as a folder of pages or served on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import err, out, project
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _

PORT = 8765


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look")(site)


def site(
    target: Annotated[
        Path | None, typer.Argument(help="The folder to write, made if needed.", metavar="[DIR]", file_okay=False)
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the pages, with one for SQL, until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option(help="With --serve.", min=0, max=65535)] = PORT,
    host: Annotated[str, typer.Option(help="With --serve: another address than loopback, for others to see.")] = "",
) -> None:
    """Write the catalogue: datasets, acts, communes, maps, and the printed page behind each value.

    The folder works from any web server and from the disk, and nothing in it asks for an address outside. Run again, it
    makes only what changed. Examples: `annexes site public/`, `annexes site --serve`
    """
    if (target is None) == (not serve):
        raise AnnexesError(_("give a folder (`annexes site DIR`), or --serve"), USAGE)
    if target is not None:
        _write(target)
    else:
        _serve(host, port)


def _write(target: Path) -> None:
    from pipeline.site.build import build

    built = build(project(), target, say=_say)
    said = _("{page}: {made} files made, {kept} kept, {removed} removed, {size} MB, {seconds} s")
    figures = {"made": built.made, "kept": built.kept, "removed": built.removed}
    size, seconds = f"{built.bytes / 1e6:.1f}", f"{built.seconds:.1f}"
    out(said.format(page=target / "index.html", size=size, seconds=seconds, **figures))


def _serve(host: str, port: int) -> None:
    import uvicorn

    from pipeline.site.server import LOOPBACK, Kept, application

    kept = Kept(project())
    kept.refresh(say=_say)
    if host:
        err(_("{host}: whoever reaches this address can read the warehouse and query it").format(host=host))
    pages = application(kept, (*LOOPBACK, host) if host else LOOPBACK)
    server = uvicorn.Server(uvicorn.Config(pages, host=host or LOOPBACK[0], port=port, log_level="warning"))
    with server.config.bind_socket() as socket:
        address = f"http://{host or LOOPBACK[0]}:{socket.getsockname()[1]}/"
        out(_("{address} (Ctrl-C to stop)").format(address=address))
        server.run([socket])


def _say(name: str) -> None:
    err(f"  {name}")
