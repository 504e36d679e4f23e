"""Makes API.md from the docstrings of the front door: `python -m tests.api_page`."""

from __future__ import annotations

import dataclasses
import inspect

import bibtools
from bibtools import bibfile
from tests.conftest import ROOT


def described(name: str, thing: object) -> str:
    text = inspect.getdoc(thing) or ""
    if inspect.isclass(thing):
        shown = "" if not dataclasses.is_dataclass(thing) else fields_of(thing)
        return f"## `{name}`\n\n{text}\n{shown}"
    signature = str(inspect.signature(thing)) if callable(thing) else ""
    return f"## `{name}{signature}`\n\n{text}\n"


def fields_of(thing: type) -> str:
    rows = [f"* `{each.name}: {each.type}`" for each in dataclasses.fields(thing)]
    return "\nFields:\n\n" + "\n".join(rows) + "\n"


def page() -> str:
    parts = [
        "# The Python API\n",
        "Made from the docstrings by `python -m tests.api_page`; what is not here is free to change.\n",
        f"{inspect.getdoc(bibtools)}\n",
    ]
    parts += [described(name, getattr(bibtools, name)) for name in bibtools.__all__ if name != "__version__"]
    parts += ["# The .bib document: `bibtools.bibfile`\n", f"{inspect.getdoc(bibfile)}\n"]
    parts += [described(name, getattr(bibfile, name)) for name in sorted(bibfile.__all__)]
    return "\n".join(part.rstrip() + "\n" for part in parts)


if __name__ == "__main__":
    (ROOT / "API.md").write_text(page(), encoding="utf-8")
