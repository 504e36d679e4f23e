"""The comparison form of texts and names: what two spellings of one thing have in common.

Keys, matching, merging and the Zotero bridge all ask "is this the same text?" and must get the same answer, so the
folding stands here, once. A folded text is for comparing only and is never shown or written.

Decisions
- Accents are dropped where they modify a Latin, Greek or Cyrillic letter (Müller, Muller); elsewhere marks make another
  letter (Japanese ga and ka) and stay. Letters that NFKD does not split (ø, ß, ł) have a table. ``Mueller`` is not made
  equal to ``Müller``: blindly turning "ue" into "u" destroys more names than it joins.
- A Greek letter that stands alone is spelled (``TNF-α`` is indexed as ``TNF-alpha``, TeX says ``\\alpha``); a Greek
  word is not.
- ``&`` is "and"; apostrophes vanish (Crohn's, Crohns); all other punctuation is a space. Sub- and superscripts sit on
  the line, whether Unicode, CSL tags or TeX mathematics say so: ``CO₂``, ``CO<sub>2</sub>`` and ``CO$_2$`` are ``co2``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from bibtools.record import Name

__all__ = ["PARTICLES", "composed", "initials", "surname", "text", "words"]

PARTICLES = frozenset({
    "von", "van", "vom", "zu", "zum", "zur", "der", "den", "dem", "des", "de", "del", "della", "dello", "degli", "dei", "di",
    "da", "das", "do", "dos", "du", "d", "la", "le", "las", "los", "l", "ten", "ter", "te", "op", "t", "af", "av", "bin",
    "ibn", "bint", "al", "el", "ul", "ben", "abu", "y", "e",
})  # fmt: skip

_LETTERS = {
    "ß": "ss", "ẞ": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i",
    "ŋ": "ng", "ŀ": "l", "ĸ": "k", "ŧ": "t", "ƒ": "f", "ə": "e", "×": "x", "µ": "u", "&": " and ", "ﬁ": "fi", "ﬂ": "fl",
    "№": " no ", "€": " eur ", "℃": " c ", "ς": "σ",
    "ʻ": "", "ʼ": "", "ʹ": "", "’": "", "‘": "", "'": "", "`": "", "´": "", "′": "",
    "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "$": "", "^": "", "_": "",
    "{": "", "}": "", "\\": "",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_LONE_GREEK = re.compile(r"(?<![\u0370-\u03ff\u1f00-\u1fff])[α-ω](?![\u0370-\u03ff\u1f00-\u1fff])")
_TAG = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|scp|inf|span|p|tt|u|jats:\w+|mml:\w+)\b[^<>]*>", re.I)
_TEX_STYLE = re.compile(
    r"\\(?:math\w+|text\w*|rm|bf|it|sf|tt|boldsymbol|bm|operatorname\*?|mbox|ensuremath|left|right|emph)(?![a-z])"
)
_TEX_WORD = re.compile(r"\\(times|to|rightarrow|cdot|sim|infty|ell)(?![a-z])")
_TEX_MEANING = {"times": "x", "to": " ", "rightarrow": " ", "cdot": " ", "sim": " ", "infty": " infinity ", "ell": "l"}


class _Folding(dict[int, str]):
    """What each character becomes, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    parts = unicodedata.normalize("NFKD", character)
    if parts[0] < "\u0530":
        parts = "".join(part for part in parts if not unicodedata.combining(part)).lower()
        parts = "".join(_LETTERS.get(part, part) for part in parts)
    else:
        parts = unicodedata.normalize("NFKC", character)
    return "".join(part if part.isalnum() or unicodedata.category(part)[0] == "M" else " " for part in parts)


_FOLDING = _Folding()
LONGEST_MARKS = 1000  # marks on one letter; Unicode's Stream-Safe Text Format (UAX #15) ends at 30


def composed(value: str) -> str:
    """NFC, but a letter with more marks than any script puts on one keeps them as they are.

    Normalising sorts the marks by insertion: a megabyte of them on one letter would take hours.
    """
    if len(value) <= LONGEST_MARKS or unicodedata.is_normalized("NFC", value):
        return unicodedata.normalize("NFC", value)
    pieces = [""]
    for marked, run in groupby(value, lambda each: unicodedata.combining(each) != 0):
        piece = "".join(run)
        if marked and len(piece) > LONGEST_MARKS:
            pieces += [piece, ""]
        else:
            pieces[-1] += piece
    return "".join(each if place % 2 else unicodedata.normalize("NFC", each) for place, each in enumerate(pieces))


def text(value: str) -> str:
    """The comparison form: no markup, lower case, accents off, punctuation to spaces, one space between words."""
    if "<" in value:
        value = _TAG.sub("", value)
    if "&" in value and ";" in value:
        value = html.unescape(value)
    if "\\" in value:
        value = _TEX_WORD.sub(lambda found: _TEX_MEANING[found[1]], _TEX_STYLE.sub("", value))
    value = value.lower()
    if not value.isascii():
        value = composed(value)
        value = _LONE_GREEK.sub(lambda found: _GREEK.get(found[0], found[0]), value)
    return " ".join(value.translate(_FOLDING).split())


def words(value: str) -> list[str]:
    """The words of the comparison form."""
    return text(value).split()


@lru_cache(maxsize=1 << 16)
def surname(name: Name) -> str:
    """A family name without its particles: ``de Schipper`` and ``Schipper`` give ``schipper``."""
    parts = text(name.family or name.literal).split()
    for start, part in enumerate(parts):
        if part not in PARTICLES:
            return " ".join(parts[start:])
    return " ".join(parts)


def initials(name: Name) -> str:
    """The first letters of the given names: ``Jean-Pierre A.`` gives ``jpa``. ``JP`` in capitals is two."""
    given = name.given.replace("'", "").replace("’", "")
    if given.isupper() and given.isascii() and given.isalpha() and len(given) <= 3:
        return given.lower()
    return "".join(word[0] for word in text(given).split())
