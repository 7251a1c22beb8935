"""`annexes site`: the catalogue for people who do not write SQL, as a folder of pages or served on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.common import Refusal, err, out, project

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
        raise Refusal("donner un dossier (`annexes site DOSSIER`), ou --serve", code=2)
    if target is not None:
        _write(target)
    else:
        _serve(host, port)


def _write(target: Path) -> None:
    from pipeline.site.build import FolderError, build
    from pipeline.warehouse.access import QueryError

    try:
        built = build(project(), target, say=lambda name: err(f"  {name}"))
    except (FolderError, QueryError) as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} : écriture impossible : {error.strerror or error}") from error
    changed = f"{built.made} faits, {built.kept} gardés" + (f", {built.removed} retirés" if built.removed else "")
    out(f"{target / 'index.html'} : {changed}, {built.bytes / 1e6:.1f} Mo, {built.seconds:.1f} s")


def _serve(host: str, port: int) -> None:
    import uvicorn

    from pipeline.site.build import FolderError
    from pipeline.site.server import LOOPBACK, Kept, application
    from pipeline.warehouse.access import QueryError

    kept = Kept(project())
    try:
        kept.refresh(say=lambda name: err(f"  {name}"))
    except (FolderError, QueryError) as error:
        raise Refusal(str(error)) from error
    if host:
        err(f"{host} : toute personne qui atteint cette adresse peut lire la base et y poser des requêtes")
    pages = application(kept, (*LOOPBACK, host) if host else LOOPBACK)
    server = uvicorn.Server(uvicorn.Config(pages, host=host or "127.0.0.1", port=port, log_level="warning"))
    with server.config.bind_socket() as socket:
        address = f"http://{host or '127.0.0.1'}:{socket.getsockname()[1]}/"
        out(f"{address} (Ctrl-C pour arrêter)")
        server.run([socket])
