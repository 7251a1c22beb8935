"""docs/exemple.ipynb: its cells run in order, as Jupyter would, and their outputs put into the file.

`python -m scripts.notebook` runs it on the warehouse of this checkout (extra `notebook`): texts and figures are
what a reader sees without running anything.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs/exemple.ipynb"
DPI = 60


def code_cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells that are run, in order."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


def run(notebook: dict[str, Any]) -> list[Any]:
    """Run every cell in one namespace, put outputs and numbers into them; the figures drawn, in order. The working
    directory is the folder of the project."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names: dict[str, Any] = {"__name__": "__main__"}
    drawn: list[Any] = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        said = io.StringIO()
        with redirect_stdout(said):
            value = _value("".join(cell["source"]), names)
        figures = [pyplot.figure(n) for n in pyplot.get_fignums()]
        cell["execution_count"] = number
        cell["outputs"] = [*_stream(said.getvalue()), *_result(value, number), *map(_picture, figures)]
        drawn += figures
        pyplot.close("all")
    return drawn


def _value(source: str, names: dict[str, Any]) -> Any:
    """Run one cell; the value of its last line where that is an expression and no semicolon ends it."""
    body = ast.parse(source)
    last = ast.Expression(body.body.pop().value) if isinstance(body.body[-1], ast.Expr) else None  # type: ignore[attr-defined]
    exec(compile(body, NOTEBOOK.name, "exec"), names)
    value = eval(compile(last, NOTEBOOK.name, "eval"), names) if last else None
    return None if source.rstrip().endswith(";") else value


def _stream(text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}] if text else []


def _result(value: Any, number: int) -> list[dict[str, Any]]:
    if value is None:
        return []
    data = {"text/plain": str(value).splitlines(keepends=True)}
    return [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": number}]


def _picture(figure: Any) -> dict[str, Any]:
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    data = {"image/png": base64.b64encode(png.getvalue()).decode() + "\n"}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def main() -> None:
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ROOT)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    figures = run(notebook)
    NOTEBOOK.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{NOTEBOOK}: {len(figures)} figures, {NOTEBOOK.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
