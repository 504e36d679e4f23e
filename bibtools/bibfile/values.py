"""What a value means to BibTeX: its parts joined, macros expanded, white space compressed (bibtex.web, sections 250-263)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from bibtools.bibfile.scanner import lower
from bibtools.dates import MONTH_MACROS, MONTH_NAMES

__all__ = ["STANDARD", "Macros", "broken", "compress", "evaluate", "undefined"]

UNEVEN = re.compile(r"[\t\r\n]|  ")
LONGEST = (
    1 << 16
)  # of what macros make: forty that each double the one before would fill any memory; BibTeX gives up earlier
RUN = re.compile(r"[ \t\r\n]+")

# The macros that the standard styles define (btxbst.doc); a file's own come first.
STANDARD = {
    **dict(zip(MONTH_MACROS, MONTH_NAMES, strict=True)),
    "acmcs": "ACM Computing Surveys",
    "acta": "Acta Informatica",
    "cacm": "Communications of the ACM",
    "ibmjrd": "IBM Journal of Research and Development",
    "ibmsj": "IBM Systems Journal",
    "ieeese": "IEEE Transactions on Software Engineering",
    "ieeetc": "IEEE Transactions on Computers",
    "ieeetcad": "IEEE Transactions on Computer-Aided Design of Integrated Circuits",
    "ipl": "Information Processing Letters",
    "jacm": "Journal of the ACM",
    "jcss": "Journal of Computer and System Sciences",
    "scp": "Science of Computer Programming",
    "sicomp": "SIAM Journal on Computing",
    "tocs": "ACM Transactions on Computer Systems",
    "tods": "ACM Transactions on Database Systems",
    "tog": "ACM Transactions on Graphics",
    "toms": "ACM Transactions on Mathematical Software",
    "toois": "ACM Transactions on Office Information Systems",
    "toplas": "ACM Transactions on Programming Languages and Systems",
    "tcs": "Theoretical Computer Science",
}


class Macros:
    """The macros of a file, and behind them those of its companions.

    A definition holds from where it is written on: what an entry reads depends on its position.
    """

    def __init__(self, companions: Mapping[str, str] = MappingProxyType({})) -> None:
        self._companions = companions
        self._defined: dict[str, list[tuple[int, str]]] = {}

    def define(self, name: str, parts: Sequence[str], at: int, failed: bool = False) -> None:
        """Take a definition in the order of the file. Where its value is faulty BibTeX lets the macro stand for its own name."""
        value = name if failed else _join(parts, self, at, own=name)
        self._defined.setdefault(name, []).append((at, value))

    def get(self, name: str, at: int) -> str | None:
        history = self._defined.get(name)
        if history is not None:
            index = bisect_left(history, (at,)) - 1
            if index >= 0:
                return history[index][1]
        known = self._companions.get(name)
        return STANDARD.get(name) if known is None else known

    def defined(self) -> dict[str, str]:
        return {name: compress(history[-1][1]) for name, history in self._defined.items()}


def compress(inner: str) -> str:
    """White space as BibTeX keeps it: one blank for a run, none at the ends."""
    if UNEVEN.search(inner) is not None:
        inner = RUN.sub(" ", inner)
    return inner.strip(" ")


def evaluate(parts: Iterable[str], macros: Macros, at: int) -> str:
    """The value of a field that stands at an offset."""
    return _join(parts, macros, at).strip(" ")


def undefined(parts: Iterable[str], macros: Macros, at: int) -> tuple[str, ...]:
    return tuple(part for part in parts if part[0] not in '{"0123456789' and macros.get(lower(part), at) is None)


def _join(parts: Iterable[str], macros: Macros, at: int, own: str = "") -> str:
    """BibTeX makes one blank of two where parts meet."""
    value = ""
    for part in parts:
        if part[0] in '{"':
            piece = RUN.sub(" ", part[1:-1])
        elif part.isdigit():
            piece = part
        else:
            name = lower(part)
            piece = "" if name == own else macros.get(name, at) or ""
            if len(value) + len(piece) > LONGEST:
                break
        if value.endswith(" ") and piece.startswith(" "):
            piece = piece[1:]
        value += piece
    return value


def broken(raw: str) -> str:
    """The text of a value that BibTeX does not accept, without the delimiters it seems to have."""
    raw = raw.strip(" \t\r\n")
    if raw[:1] == '"':
        raw = raw[1:-1] if raw[-1:] == '"' and len(raw) > 1 else raw[1:]
    elif raw[:1] == "{" and raw.count("{") > raw.count("}"):
        raw = raw[1:]
    return compress(raw)
