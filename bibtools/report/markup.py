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

__all__ = ["Labels", "cut", "heads", "marked", "row", "source_hash", "text"]


@dataclass(frozen=True, slots=True)
class Labels:
    """How a person knows the fields: the ``name`` of a field, and a ``value`` as plain text, both given the record."""

    name: Callable[[str, Record], str]
    value: Callable[[str, object, Record], str]


def source_hash(source: str) -> str:
    """What a Content-Security-Policy calls a style or a script that stands in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


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
