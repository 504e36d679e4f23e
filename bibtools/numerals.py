"""Roman numerals, as volumes, parts of titles and pages of forewords are counted."""

from __future__ import annotations

import re

__all__ = ["roman", "roman_numeral"]

_ROMAN = re.compile(r"(?=[ivxlc])(c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})$")
_PARTS = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def roman(word: str) -> int:
    """The value of a Roman numeral below 400 in lower case, 0 for any other word."""
    if not _ROMAN.match(word):
        return 0
    values = [_DIGITS[letter] for letter in word]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def roman_numeral(value: int) -> str:
    """A number as a Roman numeral in lower case."""
    word = ""
    for part, letters in _PARTS:
        word += letters * (value // part)
        value %= part
    return word
