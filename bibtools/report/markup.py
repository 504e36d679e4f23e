"""HTML of what the pages of a merge have in common. Titles come from anywhere: all text is escaped here."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape

from bibtools.record import Record

__all__ = ["Labels", "cut", "heads", "marked", "page", "row", "source_hash", "text"]


STYLE = """
:root{color-scheme:light dark;--line:#8884;--old:#d1242f33;--new:#1a7f3733;--soft:#8881}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
nav{display:flex;flex-wrap:wrap;gap:.4rem;margin:1rem 0}
nav a{border:1px solid var(--line);border-radius:1rem;padding:.15rem .75rem;color:inherit;text-decoration:none}
article{border:1px solid var(--line);border-radius:.5rem;margin:.75rem 0;padding:.6rem .8rem}
article h3{font-size:1rem;margin:0}p{margin:.3rem 0}.soft{opacity:.75;font-size:.875rem}
code{font-family:ui-monospace,monospace;font-size:.9em}
.pair{display:grid;grid-template-columns:minmax(6rem,9rem) 1fr 1fr;gap:0 .75rem;margin-top:.5rem}
.pair>*{padding:.2rem 0;border-top:1px solid var(--line);min-width:0}
.pair .head{border:0;font-weight:600}
.name{opacity:.75;font-size:.875rem}
del,ins{text-decoration:none;border-radius:.2rem;padding:0 .1em}
del{background:var(--old)}ins{background:var(--new)}
ul{margin:.3rem 0;padding-left:1.2rem}
details{margin:.3rem 0}summary{cursor:pointer}
bdi{unicode-bidi:isolate}
@media(max-width:40rem){.pair{grid-template-columns:1fr}.pair .head{display:none}.name{font-weight:600;padding-bottom:0}
.pair>*:not(.name){border:0}.pair>[data-side]::before{content:attr(data-side) ": ";opacity:.75;font-size:.875rem}}
"""


@dataclass(frozen=True, slots=True)
class Labels:
    """How a person knows the fields: the ``name`` of a field, and a ``value`` as plain text, both given the record."""

    name: Callable[[str, Record], str]
    value: Callable[[str, object, Record], str]


def source_hash(source: str) -> str:
    """What a Content-Security-Policy calls a style or a script that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def page(title: str, body: str, more_style: str = "") -> str:
    """A page of its own: no script, nothing loaded from anywhere. Title and body are HTML."""
    style = STYLE + more_style
    policy = f"default-src 'none'; style-src '{source_hash(style)}'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{style}</style></head>\n<body>\n{body}</body></html>\n"
    )


def cut(value: str, size: int = 2000) -> str:
    return value if len(value) <= size else value[: size - 1] + "…"


def heads(left: str, right: str) -> str:
    return f'<div class="head"></div><div class="head">{left}</div><div class="head">{right}</div>'


def row(name: str, left: str, right: str, one: str, two: str) -> str:
    """A field of both sides, its HTML given; ``one`` and ``two`` say what the sides are."""
    cells = f'<div data-side="{one}"><bdi>{left}</bdi></div><div data-side="{two}"><bdi>{right}</bdi></div>'
    return f'<div class="name">{name}</div>{cells}'


def marked(old: str, new: str) -> tuple[str, str]:
    """Both texts with the words marked that the other does not have."""
    one, two = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    if len(one) * len(two) > 4_000_000 or not one or not two:
        return text(old), text(new)
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        gone, come = text("".join(one[a:b])), text("".join(two[c:d]))
        left.append(gone if kind == "equal" or not gone.strip() else f"<del>{gone}</del>")
        right.append(come if kind == "equal" or not come.strip() else f"<ins>{come}</ins>")
    return "".join(left), "".join(right)


def text(value: str) -> str:
    """Text that is only text in the page: escaped, without control characters and without reordering of what follows."""
    return escape("".join(_visible(each) for each in value), quote=True)


def _visible(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character == "\u00a0":
        return character
    if unicodedata.category(character) in ("Zs", "Zl", "Zp"):
        return " "
    return "" if unicodedata.category(character) == "Cf" else "\ufffd"
