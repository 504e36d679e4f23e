"""BibTeX text through a .bst, by pybtex's interpreter, and the .bbl that it writes taken apart again.

A .bbl is LaTeX written for a document class; what a reader sees of it is the label of ``\\bibitem`` and the text behind it,
without the macros that only LaTeX's line breaker needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from bibtools import latex
from bibtools.latex.markup import Piece, pieces
from bibtools.preview.output import PreviewError, Printed

__all__ = ["entries"]

INVISIBLE = re.compile(
    r"\\(?:newblock|relax|protect|par|penalty\s*-?\d+|unskip|allowbreak|linebreak(?:\[\d\])?|hskip[^\\]*\\relax"
    r"|bibinfo\s*\{\w+\}|bibnamefont|bibfnamefont|BIBentry\w+|BIBforeignlanguage\{\w*\}|natexlab|etalchar|enquote\*?)(?![A-Za-z])"
)
NOTHING = (Piece("text", "(the style prints nothing of this entry)"),)
ITEM = re.compile(r"\\bibitem\b")
LONG_WORD = re.compile(r"%\n\s*")  # where a line of the .bbl was broken within a word


def entries(source: str, path: str, name: str) -> tuple[Printed, ...]:
    """``path`` is a .bst; without one ``name`` is a style of pybtex's own."""
    bbl = LONG_WORD.sub("", _run(source, path, name))
    return tuple(_items(bbl))


def _run(source: str, path: str, name: str) -> str:
    import pybtex.errors
    from pybtex import PybtexEngine
    from pybtex.bibtex import BibTeXEngine

    engine = BibTeXEngine() if path else PybtexEngine()
    options = {} if path else {"output_backend": "latex"}
    with _silence(), pybtex.errors.capture():
        try:
            made = engine.format_from_string(source, style=path.removesuffix(".bst") or name, **options)
        except Exception as error:
            raise PreviewError(f"{name}: pybtex cannot run it: {type(error).__name__}: {error}") from error
    return str(made or "")


@contextmanager
def _silence() -> Iterator[None]:
    """A .bst talks to its user on pybtex's standard output; ours is for data."""
    import pybtex.io

    before = pybtex.io.stdout
    pybtex.io.stdout = StringIO()
    try:
        yield
    finally:
        pybtex.io.stdout = before


def _items(bbl: str) -> Iterator[Printed]:
    """Labels that are author and year stand in the text already; a style has them for all entries or for none."""
    starts = [found.end() for found in ITEM.finditer(bbl)]
    stop = bbl.rfind("\\end{thebibliography}")
    found: list[tuple[str, tuple[Piece, ...]]] = []
    for start, end in zip(starts, [*starts, stop if stop >= 0 else len(bbl)][1:], strict=True):
        body = bbl[start:end].removesuffix("\\bibitem")
        label, at = _group(body, 0, "[", "]")
        _, at = _group(body, at, "{", "}")
        shown = str(len(found) + 1) if label is None else latex.plain(_decoded(label))
        found.append((shown, tuple(_pieces(body[at:])) or NOTHING))
    in_text = any("(" in label or ", " in label or not label for label, _ in found)
    yield from (Printed("" if in_text else label, body) for label, body in found)


def _group(body: str, at: int, begin: str, end: str) -> tuple[str | None, int]:
    """The argument that begins at a place, braces counted; `None` where there is none."""
    while at < len(body) and body[at].isspace():
        at += 1
    if body[at : at + 1] != begin:
        return None, at
    depth = 0
    for place in range(at + 1, len(body)):
        if body[place] == end and depth == 0:
            return body[at + 1 : place], place + 1
        depth += {"{": 1, "}": -1}.get(body[place], 0)
    return None, at


def _decoded(tex: str) -> str:
    shown = latex.decode(" ".join(INVISIBLE.sub("", tex).split()))
    return shown.replace("\u00a0", " ")


def _pieces(tex: str) -> Iterator[Piece]:
    for kind, value in pieces(_decoded(tex)):
        if kind == "math":
            yield from pieces(latex.html(f"${value}$"))
        elif value != "nocase":
            yield Piece(kind, value)
