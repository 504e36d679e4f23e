"""TeX in names, titles and abstracts: as arXiv turns it into Unicode, and as it is meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from bibtools import latex

__all__ = ["text", "unicode"]

_COMBINING = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "u": "\u0306", "v": "\u030c",
}  # fmt: skip
_LETTERS = {
    "AA": "Å", "AE": "Æ", "DH": "Ð", "DJ": "Đ", "ETH": "Ð", "L": "Ł", "NG": "Ŋ", "O": "Ø", "oe": "œ", "OE": "Œ",
    "TH": "Þ", "aa": "å", "ae": "æ", "dh": "ð", "dj": "đ", "eth": "ð", "i": "ı", "l": "ł", "ng": "ŋ", "o": "ø",
    "ss": "ß", "th": "þ",
}  # fmt: skip
_GREEK = {
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "omicron": "ο", "pi": "π", "rho": "ρ", "varsigma": "ς", "sigma": "σ", "tau": "τ", "upsion": "υ", "varphi": "φ",
    "phi": "ϕ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_SYMBOLS = {
    "P": "¶", "S": "§", "copyright": "©", "guillemotleft": "«", "guillemotright": "»", "pounds": "£", "dag": "†",
    "ddag": "‡", "div": "÷", "deg": "°",
}  # fmt: skip


def _replacer(table: dict[str, str]) -> Callable[[str], str]:
    names = "|".join(sorted(table, key=len, reverse=True))
    command = re.compile(rf"(\{{)?\\({names})(?:\b|(?=_))(?(1)\}}|(?:\\(?= )| |\{{\}}|)?)")
    return lambda tex: command.sub(lambda match: table[match[2]], tex)


_REPLACERS = tuple(map(_replacer, (_LETTERS, _GREEK, _SYMBOLS)))  # in this order, one after the other
_DOUBLE = re.compile(r"\{\{([^{}]*)\}\}")
_ACCENT = re.compile(r"""\\(?:(['`^"~=.])(?:([a-zA-Z])|\{([a-zA-Z])\})|([Hckoruv])\{([a-zA-Z])\})""")


def unicode(tex: str) -> str:
    r"""TeX accents and letters as Unicode, exactly as arXiv writes names: what it does not know (``\'{\i}``) stays."""
    if "\\" in tex:
        for replace in _REPLACERS:
            tex = replace(tex)
        tex = re.sub(r"\{\\j\}|\\j\s", "j", tex)
    while "{{" in tex and (fewer := _DOUBLE.sub(r"{\1}", tex)) != tex:
        tex = fewer
    if "\\" not in tex:
        return tex
    tex = _ACCENT.sub(_accented, tex)
    return re.sub(r"\\t\{([^}])\}", r"\1", tex)


def _accented(match: re.Match[str]) -> str:
    accent = match[1] or match[4]
    letter = match[2] or match[3] or match[5]
    composed = unicodedata.normalize("NFC", letter + _COMBINING.get(accent, ""))
    # arXiv's table ends with Latin Extended-B; beyond it the accent is dropped, and a letter accent leaks into the text.
    if len(composed) == 1 and composed != letter and (composed < "\u01f0" or "\u021e" <= composed <= "\u0233"):
        return composed
    return letter if match[1] else accent + letter


def text(tex: str) -> str:
    """arXiv's titles and abstracts as Record text: white space collapsed, TeX outside mathematics decoded.

    They are plain text with some TeX in it: a bare ``%`` or ``-->`` means itself, so only stretches that hold a command
    are decoded.
    """
    tex = " ".join(tex.split())
    if "\\" not in tex:
        return tex
    parts = re.split(r"(\$[^$]*\$)", tex)
    outside = parts[::2]
    if any(each.count("{") != each.count("}") for each in outside):
        return latex.decode(tex)
    parts[::2] = [_decoded(each) if "\\" in each else each for each in outside]
    return "".join(parts)


def _decoded(segment: str) -> str:
    lead = segment[: len(segment) - len(segment.lstrip())]
    trail = segment[len(segment.rstrip()) :] if segment.strip() else ""
    return lead + latex.decode(segment.strip()) + trail
