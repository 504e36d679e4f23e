"""How bibtex(1) itself splits the names of lists: a style that writes their parts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bibtools import latex

STYLE = """
ENTRY { author }{}{}
INTEGERS { at count }
FUNCTION {one} {
  "K:" cite$ * write$ newline$
  author num.names$ 'count :=
  #1 'at :=
  { at count #1 + < }
  { author at "{ff}" format.name$ write$ newline$
    author at "{vv}" format.name$ write$ newline$
    author at "{ll}" format.name$ write$ newline$
    author at "{jj}" format.name$ write$ newline$
    at #1 + 'at := }
  while$
}
FUNCTION {default.type} {one}
READ
ITERATE {call.type$}
"""
Parts = tuple[str, str, str, str]  # first, von, last, jr


def split_by_bibtex(lists: Sequence[str], folder: Path) -> list[list[Parts]]:
    """The parts of each name of each list; a list that cannot stand in a .bib gives none."""
    entries = [f"@misc{{k{place}, author = {{{text}}}}}\n" for place, text in enumerate(lists)]
    (folder / "n.bib").write_text("".join(entries) + "\n\n", encoding="utf-8")
    (folder / "n.bst").write_text(STYLE)
    (folder / "n.aux").write_text("\\citation{*}\n\\bibstyle{n}\n\\bibdata{n}\n")
    subprocess.run(["bibtex", "n"], cwd=folder, capture_output=True, timeout=600, check=False)
    lines = (
        (folder / "n.bbl").read_bytes().decode("utf-8", "replace").replace("%\n", "").replace("\n  ", " ").split("\n")
    )
    found: list[list[Parts]] = [[] for _ in lists]
    rows: list[str] = []
    place = -1
    for line in [*lines[:-1], "K:k-1"]:
        if line.startswith("K:k"):
            if place >= 0:
                found[place] = [tuple(rows[at : at + 4]) for at in range(0, len(rows) - 3, 4)]  # type: ignore[misc]
            place, rows = int(line[3:]), []
        else:
            rows.append(line)
    return found


def shown(tex: str) -> str:
    """A part as text: ties, blanks and accents alike."""
    text = latex.plain(latex.decode(tex.replace("\\ ", " "))).replace("\u00a0", " ").replace("\u2009", " ")
    return re.sub(r"\s+", " ", text).strip()
