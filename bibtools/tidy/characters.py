r"""The rules that look at letters: LaTeX accents as Unicode, Unicode as LaTeX, and words whose capitals must survive.

They work on TeX source and touch nothing but the letters they are about: commands, mathematics, braces and line ends stay.
Fields that no TeX typesets (url, doi, file ...) are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from bibtools import fold
from bibtools.bibfile import Entry, SetField
from bibtools.bibfile.scanner import balanced
from bibtools.tidy.fields import plain
from bibtools.tidy.rule import FieldEdit, Options

__all__ = [
    "capitals",
    "double_braces",
    "from_latex",
    "protected",
    "protected_titles",
    "strip_braces",
    "to_latex",
    "to_unicode",
    "with_latex",
]

VERBATIM = frozenset(
    "url doi file eprint pdf urlraw verba verbb verbc ids crossref xref xdata related entryset keywords".split()
)

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328", "b": "\u0331",
}  # fmt: skip
LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "i": "ı", "j": "ȷ",
}  # fmt: skip
_BASE = r"(?:\{(?:\\([ij])|([A-Za-z]))\}|\\([ij])(?![A-Za-z])(?:\{\}|[ \t]*)|([A-Za-z]))"
ACCENTED = re.compile(rf"\\(?:([`'^~=.\"])\s*|([uHvdckbr])(?:\s+|(?=[{{\\]))){_BASE}")
LETTER = re.compile(r"\\(ss|o|O|l|L|ae|AE|oe|OE|aa|AA|dh|DH|th|TH|dj|DJ|ng|NG)(?![A-Za-z])(?:\{\}|[ \t]+)?")
RUN_ON = re.compile(r"\\[A-Za-z]+[^\W\d_A-Za-z]")  # LuaTeX takes `\\emphé` for one command
MATH = re.compile(r"(?<!\\)(\$\$.*?(?<!\\)\$\$|\$.*?(?<!\\)\$|\\\(.*?\\\)|\\ensuremath\s*\{[^{}]*\})", re.DOTALL)


def from_latex(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    return _each(entry, to_unicode)


def with_latex(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    return _each(entry, to_latex)


def protected_titles(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    for field, text in plain(entry, "title", "subtitle"):
        new = protected(text)
        if new != text:
            yield SetField(entry.index, field.name, new)


def _each(entry: Entry, change: Callable[[str], str]) -> Iterable[FieldEdit]:
    seen = set()
    for field in entry.fields:
        if field.name in VERBATIM or field.name in seen or ("\\" not in field.raw and field.raw.isascii()):
            continue
        seen.add(field.name)
        for _, text in plain(entry, field.name):
            new = change(text)
            if new != text and _writable(entry, new):
                yield SetField(entry.index, field.name, new)


def _writable(entry: Entry, text: str) -> bool:
    """Whether the file's encoding has all the characters."""
    try:
        entry.document.decoded.encode(text)
    except UnicodeEncodeError:
        return False
    return True


def to_unicode(text: str) -> str:
    r"""Accent commands and special letters as characters: `{\"u}`, `\"{u}` and `\"u` are `ü`. Mathematics stays."""
    if "\\" not in text:
        return text
    parts = MATH.split(text)
    parts[::2] = [_unicode_part(part) for part in parts[::2]]
    new = "".join(parts)
    return text if RUN_ON.search(new) and not RUN_ON.search(text) else new


def _unicode_part(text: str) -> str:
    # a brace group that holds nothing but one accent goes with it; every other brace may protect capitals
    text = re.sub(rf"\{{({ACCENTED.pattern})\}}", lambda found: _letter(found, 1, found[0]), text)
    text = re.sub(rf"\{{{LETTER.pattern}\}}", lambda found: LETTERS[found[1]], text)
    text = ACCENTED.sub(lambda found: _letter(found, 0, found[0]), text)
    return LETTER.sub(lambda found: LETTERS[found[1]], text)


def _letter(found: re.Match[str], shift: int, otherwise: str) -> str:
    symbol, word, *bases = (found[group + shift] for group in range(1, 7))
    base = next(base for base in bases if base)
    composed = unicodedata.normalize("NFC", base + ACCENTS[symbol or word])
    return composed if len(composed) == 1 else otherwise


def to_latex(text: str) -> str:
    """Characters outside ASCII as LaTeX commands, those that have one; the others stay."""
    return (
        text if text.isascii() else "".join(char if char.isascii() else _command(char) for char in fold.composed(text))
    )


@lru_cache(maxsize=4096)
def _command(char: str) -> str:
    from bibtools import latex

    command = latex.encode(char, ascii=True)
    if command == char or not command.isascii() or not command:
        return char
    bare = command.startswith("{") or not command.startswith("\\")
    return command if bare else f"{{{command}}}"  # in braces BibTeX takes it for one letter


WORD = re.compile(r"[^\W_]+(?:['’.&+/][^\W_]+)*")
SKIP = re.compile(r"(\\[A-Za-z]+\*?|\\.|[{}$])", re.DOTALL)


def protected(text: str) -> str:
    """Words with capitals that a style must not lower (DNA, mRNA, CO2, Gaussian, French) in braces, unless they are
    in some already.

    A title that shouts says nothing about its capitals and stays.
    """
    words = re.findall(r"[^\W\d_]{2,}", text)
    if len(words) > 2 and sum(word.isupper() for word in words) * 2 > len(words):
        return text
    from bibtools import latex

    proper = latex.proper_words(SKIP.sub("", text))

    def guarded(found: re.Match[str]) -> str:
        return f"{{{found[0]}}}" if _needs_braces(found[0]) or found[0] in proper else found[0]

    depth, mathematics, pieces = 0, False, []
    for piece in SKIP.split(text):
        if piece in ("{", "}"):
            depth += 1 if piece == "{" else -1
        elif piece == "$":
            mathematics = not mathematics
        elif not depth and not mathematics and not piece.startswith("\\"):
            piece = WORD.sub(guarded, piece)
        pieces.append(piece)
    return "".join(pieces) if not depth and not mathematics else text


def _needs_braces(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:]) or (word[0].isdigit() and any(map(str.isupper, word)))


PEOPLE = frozenset("author editor translator collaborator".split())  # braces make an organisation of a name


def strip_braces(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    """`{{A title}}`: the inner braces keep every capital as it is, whatever the style wants."""
    for field, text in plain(entry, *dict.fromkeys(field.name for field in entry.fields)):
        inner = text.strip()[1:-1]
        if field.name not in PEOPLE and _is_group(text.strip()) and protected(inner) != text.strip():
            yield SetField(entry.index, field.name, inner)


def double_braces(entry: Entry, options: Options) -> Iterable[FieldEdit]:
    for field, text in plain(entry, *sorted(options.double_braces)):
        if text.strip() and not _is_group(text.strip()):
            yield SetField(entry.index, field.name, f"{{{text.strip()}}}")


def _is_group(text: str) -> bool:
    """Whether one pair of braces holds the whole text."""
    return text[:1] == "{" and text[-1:] == "}" and balanced(text, 0, len(text)) == len(text)


SMALL = frozenset("a an and as at but by for from in into nor of off on onto or over per the to up via with".split())


def capitals(entry: Entry, _options: Options) -> Iterable[FieldEdit]:
    """A title in capitals in title case; what stands in braces, and a word with a digit, stays."""
    for field, text in plain(entry, "title", "subtitle", "booktitle", "maintitle"):
        words = re.findall(r"[^\W\d_]{4,}", text)
        if "\\" in text or "$" in text or len(words) < 3 or text != text.upper() or text == text.lower():
            continue
        pieces = re.split(r"([{}])", text)
        depth, first = 0, True
        for index, piece in enumerate(pieces):
            depth += (piece == "{") - (piece == "}")
            if depth == 0 and piece not in "{}":
                pieces[index] = _title_case(piece, first)
            first = first and not re.search(r"\w", piece)
        if "".join(pieces) != text:
            yield SetField(entry.index, field.name, "".join(pieces))


def _title_case(text: str, first: bool) -> str:
    def cased(found: re.Match[str]) -> str:
        word = found[0]
        begins = (first and found.start() == begin) or text[: found.start()].rstrip().endswith((":", ".", "?", "!"))
        if any(char.isdigit() for char in word):
            return word
        return word.lower() if word.lower() in SMALL and not begins else word[:1] + word[1:].lower()

    begin = match.start() if (match := re.search(r"\w", text)) else 0
    return re.sub(r"\w[\w'’]*", cased, text)
