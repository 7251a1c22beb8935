"""A project begun in an empty folder with what every project needs: the gazetteer, the acts known, the settings of
Dagster. They stand in the checkout or, where the package came as a wheel, in what that wheel installed beside it."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _
from pipeline.settings import Settings

_MARKS = ("dagster.yaml", "raw/reference")
_CONFIGURATION = """\
# Les réglages de ce projet ; sans ce fichier, les valeurs par défaut (`annexes config` les montre toutes).

# Le flux du Journal officiel, éteint tant que ceci n'est pas à true (docs/acquisition.md).
# [feed]
# enabled = true

# Ce que le démon de Dagster fait de lui-même, deux fois par jour.
# [schedule]
# enabled = true
"""
_IGNORED = "/staged/\n/warehouse/\n/history/\n/history.aside/\n/schedules/\n/storage/\n/logs/\n/.nux/\n/raw/inbox/\n"


class StarterError(AnnexesError):
    """The folder cannot become a project."""

    code = USAGE


def starter() -> Path:
    """Where what a new project is given stands. Raises StarterError when it was not installed."""
    checkout = Path(__file__).resolve().parent.parent
    installed = [Path(sysconfig.get_path("data", scheme)) / "share/annexes" for scheme in _schemes()]
    for folder in (checkout, *installed):
        if all((folder / mark).exists() for mark in _MARKS):
            return folder
    looked = ", ".join(map(str, (checkout, *installed)))
    raise StarterError(_("the gazetteer was not installed with the package: looked in {places}").format(places=looked))


def begin(folder: Path) -> Settings:
    """Make `folder` a project, and the folder itself where it is missing. What is there already stays. Raises
    StarterError when it is a project already, OSError."""
    source, settings = starter(), Settings(folder.resolve())
    if (folder / "dagster.yaml").exists() or settings.raw.is_dir():
        raise StarterError(_("{folder} is a project already: nothing was done").format(folder=folder))
    settings.inbox.mkdir(parents=True)
    settings.staged.mkdir(exist_ok=True)
    settings.warehouse.mkdir(exist_ok=True)
    shutil.copytree(source / "raw/reference", settings.reference)
    shutil.copyfile(source / "raw/actes.toml", settings.acts)
    for path, text in ((settings.configuration, _CONFIGURATION), (settings.root / ".gitignore", _IGNORED)):
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    # Last: with it the folder is a project.
    shutil.copyfile(source / "dagster.yaml", settings.root / "dagster.yaml")
    return settings


def _schemes() -> tuple[str, ...]:
    """The schemes of installation to look in: that of this interpreter, that of the user."""
    return (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
