"""TeX mathematics in Unicode, as well as one line of text can: letters, symbols, raised and lowered parts, fractions.

Not a typesetter: ``\\frac{a}{b}`` becomes a/b, an unknown command its bare name. What cannot be raised or lowered in
Unicode keeps ``^`` or ``_`` as text, and gets ``<sup>`` or ``<sub>`` as HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from bibtools.latex.tables import DROPPED, SUBSCRIPTS, SUPERSCRIPTS, TRANSPARENT, script, symbol

__all__ = ["as_html", "as_text"]

TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\s+|.", re.DOTALL)
DEEPEST = 40
ALPHABETS: dict[str, str] = {
    "mathcal": "SCRIPT",
    "mathscr": "SCRIPT",
    "mathbb": "DOUBLE-STRUCK",
    "mathds": "DOUBLE-STRUCK",
    "mathfrak": "FRAKTUR",
}
HATS: dict[str, str] = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0305",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
}
PLAIN = TRANSPARENT | {"mathbf", "boldsymbol", "bm", "pmb", "emph", "textit", "textbf", "mathop", "mathrel", "mathbin"}
Raise = Callable[[str, bool], str]


@lru_cache(maxsize=4096)
def as_text(formula: str) -> str:
    def raise_(inner: str, up: bool) -> str:
        mark = "^" if up else "_"
        shown = script(inner, SUPERSCRIPTS if up else SUBSCRIPTS)
        return shown or (mark + inner if len(inner) == 1 else f"{mark}({inner})" if inner else "")

    return convert(formula, raise_)


@lru_cache(maxsize=4096)
def as_html(formula: str) -> str:
    def raise_(inner: str, up: bool) -> str:
        if up and inner == "∘":
            return "°"
        name = "sup" if up else "sub"
        return f"<{name}>{inner}</{name}>" if inner else ""

    return convert(formula, raise_)


def convert(formula: str, raise_: Raise) -> str:
    reader = MathReader(TOKEN.findall(formula), raise_)
    return re.sub(r"[ \t\n]+", " ", reader.run("", 0)).strip(" ")


class MathReader:
    __slots__ = ("position", "raise_", "tokens")

    def __init__(self, tokens: list[str], raise_: Raise) -> None:
        self.tokens, self.raise_, self.position = tokens, raise_, 0

    def run(self, until: str, depth: int) -> str:
        out: list[str] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token == until:
                self.position += 1
                break
            out.append(self.one(depth))
        return "".join(out)

    def one(self, depth: int) -> str:
        """What the next token, with its arguments, prints."""
        token = self.tokens[self.position]
        self.position += 1
        if token == "{" and depth < DEEPEST:
            return self.run("}", depth + 1)
        if token in "{}$&":
            return ""
        if token in "^_":
            return self.raise_(self.argument(depth), token == "^")
        if token == "'":
            return "′"
        if token == "~":
            return " "
        return self.command(token[1:], depth) if token[0] == "\\" and len(token) > 1 else token

    def argument(self, depth: int) -> str:
        while self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        return self.one(depth + 1) if self.position < len(self.tokens) and depth < DEEPEST else ""

    def command(self, name: str, depth: int) -> str:
        if name in PLAIN:
            return self.argument(depth)
        if name in ALPHABETS:
            return "".join(styled(char, ALPHABETS[name]) for char in self.argument(depth))
        if name in HATS:
            return unicodedata.normalize("NFC", self.argument(depth) + HATS[name])
        if name in ("frac", "tfrac", "dfrac", "nicefrac", "sfrac"):
            return f"{grouped(self.argument(depth))}/{grouped(self.argument(depth))}"
        if name == "sqrt":
            return "√" + grouped(self.argument(depth))
        if name in ("begin", "end"):
            self.argument(depth)
            return ""
        if name in ("$", ","):
            return "$" if name == "$" else " "
        if name in DROPPED or name in ("!", ";", ":", ">", "\\"):
            return "" if name in DROPPED or name == "!" else " "
        shown = symbol(name)
        shown = name if shown is None else shown
        letter = (
            len(shown) == 1 and shown.isalpha()
        )  # TeX swallows the blank after a command; between words it is wanted
        if letter and self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        return shown


def grouped(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def styled(char: str, style: str) -> str:
    """A letter of a mathematical alphabet; a few of them are older than the block and stand elsewhere."""
    case = "CAPITAL" if char.isupper() else "SMALL"
    digit = unicodedata.name(char, "").removeprefix("DIGIT ")
    for name in (
        f"{style} {case} {char.upper()}",
        f"BLACK-LETTER {case} {char.upper()}" if style == "FRAKTUR" else "",
        f"MATHEMATICAL {style} {case} {char.upper()}",
        f"MATHEMATICAL {style} DIGIT {digit}",
    ):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return char
