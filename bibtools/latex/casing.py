"""What a style's ``"t" change.case$`` makes of TeX: a title that it writes small but for what braces protect.

Two ways of writing a title are worth the same only if they come out of it alike: ``{NGC} 253`` and ``NGC 253`` do not.
Source: bibtex.web, sections 364 to 376.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bibtools.latex.decoding import decode
from bibtools.latex.markup import plain

__all__ = ["print_alike", "sentence"]

LETTERS = frozenset(("i", "j", "o", "O", "l", "L", "oe", "OE", "ae", "AE", "aa", "AA", "ss"))
COMMAND = re.compile(r"\\([A-Za-z]+)")
SPACES = re.compile(r"\s+")


def sentence(tex: str) -> str:
    """The first character stays, and one behind a colon and a blank; ASCII letters outside braces become small.

    A special character (a group at depth 0 that begins with a command) is written small too.
    """
    if "{" not in tex and "}" not in tex:
        return "".join(map(_kept_starts, _starts(tex)))
    out: list[str] = []
    depth = at = 0
    start = True  # of the text, or behind a colon and a blank
    colon = False
    while at < len(tex):
        char = tex[at]
        if char == "{":
            end = _group_end(tex, at) if depth == 0 and tex.startswith("\\", at + 1) else at
            if end > at:
                group = tex[at:end]
                out.append(group if start else _small_special(group))
                at, start, colon = end, False, False
                continue
            depth += 1
        elif char == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            out.append(char if start else _lower(char))
            at += 1
            if char == ":":
                start, colon = False, True
            elif char.isspace():
                start = colon
            else:
                start = colon = False
            continue
        out.append(char)
        at += 1
        start = colon = False
    return "".join(out)


def _starts(text: str) -> list[str]:
    return re.split(r"(?<=:)(?=\s)", text)


def _kept_starts(piece: str) -> str:
    lead = len(piece) - len(piece.lstrip())
    return piece[: lead + 1] + _lower(piece[lead + 1 :])


def _lower(text: str) -> str:
    """ASCII letters small: bibtex knows no others."""
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), text)


def _group_end(tex: str, start: int) -> int:
    depth = 0
    for at in range(start, len(tex)):
        depth += (tex[at] == "{") - (tex[at] == "}")
        if depth == 0:
            return at + 1
    return start


def _small_special(group: str) -> str:
    """A special character small: its text, and the command where that is a letter."""
    parts = COMMAND.split(group)
    parts[::2] = map(_lower, parts[::2])
    parts[1::2] = ["\\" + (name.lower() if name in LETTERS else name) for name in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=16384)
def print_alike(one: str, other: str) -> bool:
    """Whether two titles read the same when a style has written them small."""
    return one == other or _shown(one) == _shown(other)


def _shown(tex: str) -> str:
    return SPACES.sub(" ", plain(decode(sentence(tex))))
