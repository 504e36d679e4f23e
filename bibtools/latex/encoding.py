"""The text of a Record to TeX for a .bib: escaped once, balanced in its braces whatever the text was.

Decisions: ``\\%`` and its like in a text are taken for escaped already (pages are full of them); any other backslash is a
backslash. A brace becomes a command, since BibTeX counts even ``\\{``. Commands stand in braces of their own (``{\\ss}``,
``{\\'e}``): BibTeX's special characters, which keep their meaning when a style changes the case of a title. Control
characters and terminal escapes are left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from bibtools import fold
from bibtools.latex.decoding import decode
from bibtools.latex.markup import HAS_MARK, pieces
from bibtools.latex.tables import COMBINING, TAG_COMMANDS, pairs

__all__ = ["balanced", "clean", "command", "encode", "repaired", "unprotected", "verbatim"]

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])|\x9b[0-?]*[ -/]*[@-~]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdd2\ud800-\udfff]")
BLANKS = re.compile(r"[ \t\r\n]+")
SPECIAL = re.compile(r"[\\{}$%&#_~^<>|`\x00-\x1f\x7f-\xa0\ufdd0-\ufdd2\ud800-\udfff]")  # one set of characters is quick
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
CAPITALS = re.compile(r"[A-Za-z0-9'][A-Z]|[A-Z](?![A-Za-z])")  # without one of these no ASCII word is guarded
SPAN = re.compile(r'<span class="nocase">([^<>]*)</span>')
ESCAPED = re.compile(r"\\+([_%#&~$])")
NUMBER_SETS = re.compile(r"\\([CFNQRZ])(?![A-Za-z])")  # macros that half of all authors define, and LaTeX does not
CHARS: dict[str, str] = {char: "\\" + char for char in "%&#_$"} | {
    "{": "{\\textbraceleft}",
    "}": "{\\textbraceright}",
    "\\": "{\\textbackslash}",
    "|": "{\\textbar}",
    "~": "{\\textasciitilde}",
    "^": "{\\textasciicircum}",
    "<": "{\\textless}",
    ">": "{\\textgreater}",
    "\u00a0": "~",
}
TEXT = re.compile(r"\\[%&#_$]|[\\{}$%&#_~^<>|\u00a0]|-{2,}|`{2,}|'{2,}|[!?](?=`)")
WIDE_TEXT = re.compile(
    r"\\[%&#_$]|[\\{}$%&#_~^<>|]|[-–—]{2,}|[`‘“]{2,}|['’”]{2,}|[!?](?=[`‘“])|[^\W\d_]?[\u0300-\u036f]+|[^\x00-\x7f]"
)
LIGATURES = {"–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''"}
LETTERS: dict[str, str] = pairs(
    """
    ł l  Ł L  ø o  Ø O  ß ss  æ ae  Æ AE  œ oe  Œ OE  å aa  Å AA  ı i  ȷ j  ð dh  Ð DH  đ dj  Đ DJ  þ th  Þ TH  ŋ ng  Ŋ NG
    ơ ohorn  Ơ OHORN  ư uhorn  Ư UHORN  ĳ ij  Ĳ IJ  £ pounds  € texteuro  © copyright  § S  ¶ P  † dag  ‡ ddag  … dots
    „ quotedblbase  ‚ quotesinglbase  « guillemotleft  » guillemotright  ° textdegree
    """
)


def clean(text: str) -> str:
    """Without terminal escapes and control characters, blanks single."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    return BLANKS.sub(" ", CONTROLS.sub("", ESCAPES.sub("", text))).strip(" ")


def verbatim(text: str) -> str:
    """For fields whose value is not TeX (url, doi, eprint): nothing escaped (nor left so), but what would break the entry."""
    text = clean(text)
    if not balanced(text):
        text = text.replace("{", "%7B").replace("}", "%7D")
    return ESCAPED.sub(r"\1", text) if "\\" in text else text


BARE = re.compile(
    r"\\(?:url|href|path|nolinkurl|begin)\s*\{[^{}]*\}|\\.|(\$\$?)(?:\\.|[^$\\])*\1|(?P<bare>[&%#_^\x80-\U0010ffff])",
    re.DOTALL,
)


def repaired(tex: str, *, ascii: bool = False) -> str:  # noqa: A002
    """TeX that somebody wrote, with the bare ``& % # _ ^`` escaped at which LaTeX would stop (or skip the rest of the line).

    ``""`` where it cannot stand in a .bib: its braces do not pair, a dollar opens nothing, ``ascii`` mathematics is not ASCII.
    """
    tex = clean(tex)
    if not balanced(tex) or ("$" in tex and not paired(tex)):
        return ""
    if not BARE_MARK.search(tex) or "\\begin" in tex:
        return tex if not ascii or tex.isascii() else ""

    def safe(found: re.Match[str]) -> str:
        bare = found["bare"]
        if not bare:
            return found[0]
        if not bare.isascii():
            return command(bare) if ascii else bare
        return CHARS.get(bare, bare)

    tex = BARE.sub(safe, tex)
    return tex if not ascii or tex.isascii() else ""


BARE_MARK = re.compile(r"[&%#_^]|[^\x00-\x7f]")


def paired(tex: str) -> bool:
    """Whether the dollars that are not escaped come in pairs."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\$", tex)) % 2 == 0


def encode(text: str, *, ascii: bool = False, title: bool = False) -> str:  # noqa: A002
    """Record text to TeX; ``title`` protects words with inner capitals and acronyms by braces."""
    if not is_special(text) and not (ascii and not text.isascii()) and not (title and guarded(text)):
        return text
    return encoded(text, ascii, title)


def is_special(text: str) -> bool:
    """Whether anything in a text may have to be written otherwise."""
    return (
        SPECIAL.search(text) is not None
        or "--" in text
        or "''" in text
        or "  " in text
        or text[:1] == " "
        or text[-1:] == " "
    )


@lru_cache(maxsize=32768)
def encoded(text: str, to_ascii: bool, title: bool) -> str:
    text = clean(text)
    if to_ascii:
        text = fold.composed(text)
    parts = pieces(text)
    guard = title and not shouted(text)
    out: list[str] = []
    unguarded = 0
    for kind, value in parts:
        if kind == "math":
            tex = formula(value, to_ascii)
            out.append(f"{{{tex}}}" if guard and not unguarded and holds_capitals(value) else tex)
        elif kind == "text":
            out.append(words(value, to_ascii) if guard and not unguarded else characters(value, to_ascii))
        elif kind == "open":
            unguarded += value == "nocase"
            out.append("{" if value == "nocase" else TAG_COMMANDS[value])
        else:
            unguarded -= value == "nocase"
            out.append("}")
    return separated(out)


def separated(out: list[str]) -> str:
    """Joined, so that no group becomes special by the command it begins with, and no two pieces make a ligature."""
    joined: list[str] = []
    for part in out:
        before = joined[-1] if joined else ""
        special = before == "{" and part.startswith("\\")
        ligature = part[:1] in ("-", "`", "'", "$") and before.endswith(part[0])
        if special or ligature or (part.startswith("`") and before.endswith(("!", "?"))):
            joined.append("{}")
        joined.append(part)
    return "".join(joined)


def characters(text: str, to_ascii: bool) -> str:
    return WIDE_TEXT.sub(replaced_ascii, text) if to_ascii else TEXT.sub(replaced, text)


def replaced(found: re.Match[str]) -> str:
    char = found[0]
    if char in CHARS:
        return CHARS[char]
    if char[0] == "\\":
        return char
    return "{}".join(char) if len(char) > 1 else char + "{}"


def replaced_ascii(found: re.Match[str]) -> str:
    char = found[0]
    if char in CHARS or char[0] == "\\":
        return CHARS.get(char, char)
    if char in "!?":
        return char + "{}"
    if char[0] in LIGATURES or (len(char) > 1 and char[0] in "-`'"):
        return "{}".join(LIGATURES.get(each, each) for each in char)
    return command(char)


@cache
def command(char: str) -> str:
    """An ASCII form of a character (or of a letter with marks that Unicode does not compose); itself when there is none."""
    if char in LETTERS:
        return f"{{\\{LETTERS[char]}}}"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if "\u031b" in marks:  # the horn of Vietnamese makes a letter of its own
        marks.remove("\u031b")
        base = unicodedata.normalize("NFC", base + "\u031b")
    inner = base if base.isascii() else f"\\{LETTERS[base]}" if base in LETTERS else ""
    if marks and inner and all(mark in COMBINING for mark in marks):
        # \d{\^e}: what hangs below goes outside
        for mark in sorted(marks, key=lambda each: -unicodedata.combining(each)):
            inner = accented(COMBINING[mark], inner)
        return f"{{{inner}}}"
    if not marks and inner.startswith("\\"):
        return f"{{{inner}}}"
    return rare(char)


def accented(name: str, inner: str) -> str:
    if name.isalpha():
        return f"\\{name}{{{inner}}}"
    return f"\\{name}{inner}" if len(inner) == 1 else f"\\{name}{{{inner}}}"


@cache
def rare(char: str) -> str:
    """From pylatexenc's table, when our own reader gives the character back."""
    from pylatexenc.latexencode import get_builtin_uni2latex_dict

    found = str(get_builtin_uni2latex_dict().get(ord(char), "")) if len(char) == 1 else ""
    form = f"{{{found}}}" if found else ""
    return form if found and found.isascii() and balanced(form) and decode(form) == char else char


def formula(inner: str, to_ascii: bool) -> str:
    """Mathematics with what BibTeX or the .bbl would stumble over repaired."""
    if not balanced(inner):  # BibTeX counts escaped braces too
        inner = re.sub(r"\\([{}])", lambda found: "\\lbrace " if found[1] == "{" else "\\rbrace ", inner)
    inner = re.sub(r"(?<!\\)((?:\\\\)*)([%#])", r"\1\\\2", inner)
    inner = NUMBER_SETS.sub(r"\\mathbb{\1}", inner)
    if "\\begin" not in inner:
        inner = re.sub(r"(?<!\\)((?:\\\\)*)&", r"\1\\&", inner)
    if to_ascii and not inner.isascii():
        inner = re.sub(r"[^\x00-\x7f]", lambda found: in_mathematics(found[0]), inner)
    return f"${inner}$" if balanced(inner) else characters(f"${inner}$", to_ascii)


def in_mathematics(char: str) -> str:
    form = command(char)
    return f"\\mbox{{{form}}}" if form != char else char


def balanced(text: str) -> bool:
    """Whether BibTeX finds the braces of a value in pairs; it counts escaped ones too."""
    if "{" not in text and "}" not in text:
        return True
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def is_guarded(word: str) -> bool:
    """A word that a style must not write small: a capital after its first letter, or before a digit, or a letter alone.

    "A" alone is an article.
    """
    if len(word) == 1:
        return word.isupper() and word != "A"
    return word[1:] != word[1:].lower() or (word[0].isupper() and word[1].isdigit())


def holds_capitals(formula: str) -> bool:
    """BibTeX writes small the mathematics of a title too: \\Lambda would be \\lambda."""
    return any(char.isupper() for char in formula)


def guarded(text: str) -> bool:
    if text.isascii() and not CAPITALS.search(text):
        return "$" in text and text != text.lower()
    return any(is_guarded(word) for word in WORD.findall(text)) or ("$" in text and text != text.lower())


def shouted(text: str) -> bool:
    """A title all in capitals: there the capitals mean nothing."""
    return text.isupper() and sum(len(word) > 1 and word.isalpha() for word in WORD.findall(text)) > 2


def words(text: str, to_ascii: bool) -> str:
    """Text with its words protected where they need it."""
    out: list[str] = []
    last = 0
    for word in WORD.finditer(text):
        if is_guarded(word[0]):
            out.append(characters(text[last : word.start()], to_ascii))
            out.append(f"{{{characters(word[0], to_ascii)}}}")
            last = word.end()
    out.append(characters(text[last:], to_ascii))
    return "".join(out)


@lru_cache(maxsize=32768)
def unprotected(text: str) -> str:
    """Without the nocase spans around words that `encode` protects by itself: `{DNA}` in a .bib needs no mark in a Record."""
    if "nocase" not in text or not HAS_MARK.search(text):
        return text
    if shouted(SPAN.sub(r"\1", text)):
        return text
    done = ""
    last = 0
    for span in SPAN.finditer(text):
        done += text[last : span.start()]
        after = re.split(r"[<$]", text[span.end() : span.end() + 60])[0]
        inner = pieces(span[1])
        by_itself = len(inner) == 1 and inner[0].kind == "math" and holds_capitals(inner[0].value)
        done += span[1] if by_itself or needless(done[-60:], span[1], after) else span[0]
        last = span.end()
    return dollars(done + text[last:])


def dollars(text: str) -> str:
    """A lone dollar is escaped only where it would be misread."""
    bare = text.replace("\\$", "$")
    same = bare != text and [each for each in pieces(bare) if each[0] == "math"] == [
        each for each in pieces(text) if each[0] == "math"
    ]
    return bare if same else text


def needless(before: str, inner: str, after: str) -> bool:
    """Whether a word that `encode` guards by itself begins and ends where this span does."""
    before = re.split(r"[>$]", before)[-1]
    place = (len(before), len(before) + len(inner))
    found = (word for word in WORD.finditer(before + inner + after) if word.span() == place)
    return any(is_guarded(word[0]) for word in found)
