"""Tolerant JSON reading, strict JSON writing: what the formats that speak JSON share.

Python's own module does the work; this adds what a file from outside needs. Numbers that Python would change or refuse
(``1.10``, five thousand digits, ``NaN``) stay as their text. A key that an object repeats is not silently overwritten:
the object is then a `Repeated`. Whatever is wrong is one exception, `NotJSONError`, with a place. What we write holds no
character that a terminal obeys or that `str.splitlines` takes for the end of a line, and no half of a surrogate pair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["NotJSONError", "Repeated", "decode_at", "dumps", "lines", "loads"]

UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
CUT = re.compile(
    r"[ \t\n\r]*(?:|t(?:ru?)?|f(?:al?s?)?|n(?:ul?)?|Na?|-?(?:In?f?i?n?i?t?)?|\\?u[0-9a-fA-F]{0,4})"
)  # a word's beginning
DEEPEST = 100  # what is read must be possible to write, from a deeper stack
TOO_DEEP = "JSON nested too deeply"
SPACE = re.compile(r"[ \t\n\r]*")


class NotJSONError(ValueError):
    """``at`` is the offset where the text stops being JSON; ``cut`` says that it ends too early."""

    def __init__(self, message: str, at: int, cut: bool = False) -> None:
        super().__init__(message)
        self.at = at
        self.cut = cut


class Repeated(dict[str, Any]):
    """An object that gives a key more than once: the first value stands, the others are in ``again``, in order."""

    again: tuple[tuple[str, Any], ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    kept = Repeated()
    again = []
    for key, value in pairs:
        if key in kept:
            again.append((key, value))
        else:
            kept[key] = value
    kept.again = tuple(again)
    return kept


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


def _real(digits: str) -> float | str:
    number = float(digits)
    return number if repr(number) == digits else digits


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=str, strict=False
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "))
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def decode_at(text: str, at: int = 0) -> tuple[Any, int]:
    """The value that starts at an offset (white space may precede it) and the offset behind it."""
    start = skip(text, at)
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated string") or CUT.fullmatch(text, error.pos) is not None
        raise NotJSONError("the JSON ends too early" if cut else f"not JSON: {error.msg}", error.pos, cut) from None
    except RecursionError:
        raise NotJSONError(TOO_DEEP, start) from None
    if text.count("[", start, end) + text.count("{", start, end) > DEEPEST and _depth(value) > DEEPEST:
        raise NotJSONError(TOO_DEEP, start)
    return value, end


def _depth(value: Any) -> int:
    """How deep containers stand in containers; counted up to a little more than `DEEPEST`."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        depth += 1
        insides = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [inner for inside in insides for inner in inside]
    return depth


def loads(text: str) -> Any:
    """The one value of a text."""
    value, end = decode_at(text)
    if (rest := skip(text, end)) < len(text):
        raise NotJSONError("not JSON: more text behind the value", rest)
    return value


def skip(text: str, at: int) -> int:
    """The offset of the next character that is no JSON white space."""
    found = SPACE.match(text, at)
    return found.end() if found else at


def dumps(value: Any, *, compact: bool = False) -> str:
    """A value as JSON on one line; the same value gives the same text."""
    return safe((_COMPACT if compact else _ENCODER).encode(value))


def lines(members: Mapping[str, Any], indent: str) -> str:
    """The members of an object, one a line, as `dumps` gives each: asked of all together, which takes half the time."""
    encode = _ENCODER.encode
    return safe(",\n".join([f'{indent}"{name}": {encode(value)}' for name, value in members.items()]))


def safe(text: str) -> str:
    """JSON without what a terminal obeys."""
    return UNSAFE.sub(lambda each: f"\\u{ord(each[0]):04x}", text)
