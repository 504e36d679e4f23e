"""TeX as it stands in a .bib, to the text of a Record.

Own scanner, pylatexenc's tables: pylatexenc itself takes 100 to 270 us a value, drops what it does not know, takes ``%``
for a comment and knows nothing of braces that protect a word from case changes, of which titles are full.

Decisions: mathematics stays as it is between dollars. ``{DNA}`` becomes a nocase span; a group that begins with a command
(BibTeX's "special character", ``{\\"o}``, ``{\\em x}``) protects nothing. ``\\\\`` is a line break unless it stands between
two letters (``C:\\\\path``). A command nobody knows is kept in sight, without its braces, and the decoding is called inexact:
the reader then keeps the TeX beside the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bibtools import fold
from bibtools.latex import tables
from bibtools.latex.markup import TAGS, pieces
from bibtools.latex.mathematics import as_text
from bibtools.latex.tables import ACCENTS, FONT_COMMANDS, FONT_SWITCHES, SPACING_ACCENTS, TRANSPARENT, symbol

__all__ = ["decode", "decoded", "hrefs"]

# three noncharacters mark what the finished text must tell apart: mathematics, and a dollar that is only a dollar
OPEN, CLOSE, DOLLAR = "\ufdd0", "\ufdd1", "\ufdd2"
MARKS = str.maketrans("", "", OPEN + CLOSE + DOLLAR)
SPECIAL = re.compile(r"[\\{}$~\ufdd0-\ufdd2]|--|``|''|[!?]`|[ \t\r\n]{2}|[\t\r\n]|^ | $")
FORMULA = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}([0-9]*)")
TOKEN = re.compile(r"\\(?:[A-Za-z]+(?:\*(?=\{))?[ \t\r\n]*|.|\Z)|``|''|---?|[!?]`|[^\\{}$~`'!?-]+|.", re.DOTALL)
BLANKS = re.compile(r"[ \t\r\n]+")
LIGATURES = {"``": "“", "''": "”", "--": "–", "---": "—", "!`": "¡", "?`": "¿", "~": "\u00a0"}
DEEPEST = 60
LONGEST = (
    4000  # tokens of a formula or an address; and after so many that had no end in reach no further one is looked for
)
MOST_UNCLOSED = 50
# commands of which some arguments are not text: how many arguments, which of them prints
TAKES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        "label index ref vspace hspace kern color pagestyle begin end hyphenation phantom input".split(), (1, -1)
    ),
    **dict.fromkeys("noopsort NoopSort Noopsort noop SortNoop sortnoop".split(), (1, -1)),
    **dict.fromkeys("textcolor colorbox foreignlanguage raisebox scalebox bibinfo".split(), (2, 1)),
    **dict.fromkeys("texorpdfstring".split(), (2, 0)),
    **dict.fromkeys("bibnamefont bibfnamefont textlatin".split(), (1, 0)),
}
FAITHFUL = frozenset({"texorpdfstring", "foreignlanguage", "textlatin", "bibinfo"})


def decode(tex: str, *, addresses: bool = False) -> str:
    """TeX to the text of a Record; with ``addresses`` that of ``\\href`` stands behind its text, in parentheses."""
    return decoded(tex, addresses)[0] if SPECIAL.search(tex) else tex


@lru_cache(maxsize=65536)
def decoded(tex: str, addresses: bool = False) -> tuple[str, bool]:
    """The text, and whether it says all that the TeX said (no unknown command, no argument left out)."""
    if not SPECIAL.search(tex):
        return tex, True
    scanner = Scanner(TOKEN.findall(tex.translate(MARKS)), addresses)
    return finished(scanner.run("", 0)), scanner.exact


def hrefs(tex: str) -> tuple[str, ...]:
    """The addresses of a text's ``\\href``, in order."""
    return tuple(address(found[1]) for found in HREF.finditer(tex)) if "\\href" in tex else ()


HREF = re.compile(r"\\href\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


def address(source: str) -> str:
    return re.sub(r"\\([%_#&~$])", r"\1", source).strip()


def finished(text: str) -> str:
    """Marks to dollars: a digit after mathematics moves into it, a lone dollar is escaped only where it would be misread."""
    text = BLANKS.sub(" ", text).strip(" ")
    if OPEN not in text and DOLLAR not in text:
        return text
    formulas: list[str] = []

    def written(found: re.Match[str]) -> str:
        inner = found[1].strip(" ")
        if not inner:
            return found[2]
        if (len(inner) - len(inner.rstrip("\\"))) % 2:
            inner += " {}"
        formulas.append(inner + found[2])
        return f"${formulas[-1]}$"

    text = FORMULA.sub(written, text)
    bare = text.replace(DOLLAR, "$")
    if DOLLAR in text and [value for kind, value in pieces(bare) if kind == "math"] != formulas:
        return text.replace(DOLLAR, "\\$")
    return bare


class Scanner:
    __slots__ = ("addresses", "exact", "position", "protected", "tokens", "unclosed")

    def __init__(self, tokens: list[str], addresses: bool = False) -> None:
        self.tokens, self.position, self.exact, self.protected = tokens, 0, True, 0
        self.unclosed, self.addresses = 0, addresses

    def run(self, until: str, depth: int) -> str:
        """Everything up to ``until``; font switches hold to the end of it."""
        out: list[str] = []
        switches: list[tuple[str, int]] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if token == until:
                self.position += 1
                break
            name = token[1:].rstrip() if token[0] == "\\" else ""
            if name in FONT_SWITCHES:
                self.position += 1
                switches.append((FONT_SWITCHES[name], len(out)))
                continue
            out.append(self.one(depth))
        for name, place in reversed(switches):
            inner = "".join(out[place:])
            out[place:] = [tagged(name, inner.lstrip(" ") if place == 0 else inner)]
        return "".join(out)

    def one(self, depth: int) -> str:
        """What the next token, with its arguments, says."""
        token = self.tokens[self.position]
        self.position += 1
        first = token[0]
        if first == "\\":
            return self.command(token, depth)
        if first == "{":
            return self.group(depth)
        if first == "}":
            return ""
        if first == "$":
            return self.formula()
        return LIGATURES.get(token, token)

    def group(self, depth: int) -> str:
        if depth >= DEEPEST:
            return ""
        special = self.position < len(self.tokens) and self.tokens[self.position][0] == "\\"
        self.protected += not special
        inner = self.run("}", depth + 1)
        self.protected -= not special
        if special or self.protected or not any(char.isalpha() for char in inner):
            return inner
        return tagged("nocase", inner)

    def formula(self) -> str:
        width = 2 if self.position < len(self.tokens) and self.tokens[self.position] == "$" else 1
        inner, end = self.raw(self.position + width - 1, "$" if width == 1 else "$$")
        if end < 0:
            return DOLLAR
        self.position = end
        return OPEN + inner + CLOSE

    def raw(self, start: int, until: str) -> tuple[str, int]:
        """The source up to a token at the same depth of braces, and the place after it; -1 when it does not come."""
        depth = 0
        closing = ["$", "$"] if until == "$$" else [until]
        if self.unclosed > MOST_UNCLOSED:
            return "", -1
        for place in range(start, min(len(self.tokens), start + LONGEST)):
            token = self.tokens[place]
            if depth == 0 and self.tokens[place : place + len(closing)] == closing:
                return "".join(self.tokens[start:place]), place + len(closing)
            depth += (token == "{") - (token == "}")
            if depth < 0:
                return "", -1
        self.unclosed += 1
        return "", -1

    def argument(self, depth: int) -> str:
        """The next argument as text: a group, a command, or one character."""
        if self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        if self.position >= len(self.tokens) or self.tokens[self.position] == "}" or depth >= DEEPEST:
            return ""
        token = self.tokens[self.position]
        if token == "{":
            self.position += 1
            return self.run("}", depth + 1)
        if token[0] in "\\$":
            return self.one(depth + 1)
        token = token.lstrip(" \t\r\n")
        self.tokens[self.position] = token[1:]
        self.position += len(token) <= 1
        return token[:1]

    def source(self) -> str:
        """The next argument as it stands, for addresses and the like."""
        if self.position < len(self.tokens) and self.tokens[self.position] == "{":
            inner, end = self.raw(self.position + 1, "}")
            if end >= 0:
                self.position = end
                return inner
        return ""

    def command(self, token: str, depth: int) -> str:
        name = token[1:].rstrip(" \t\r\n*") if token[1:2].isalpha() else token[1:]
        if name == "$" or name == "textdollar":
            return DOLLAR
        if name in ACCENTS:
            return self.accent(name, depth)
        if name == "\\":
            return self.line_break()
        known = tables.SYMBOLS.get(name)
        if known is not None:
            return known
        if name in FONT_COMMANDS:
            return tagged(FONT_COMMANDS[name], self.argument(depth))
        if name in ("url", "path", "nolinkurl", "detokenize"):
            return address(self.source()).replace("$", DOLLAR)
        if name == "href":
            return self.href(depth)
        if name in TAKES:
            count, shown = TAKES[name]
            self.exact = self.exact and name in FAITHFUL
            arguments = [self.argument(depth) for _ in range(count)]
            return arguments[shown] if shown >= 0 else ""
        if name in TRANSPARENT or (name.startswith("text") and self.next_is_group() and symbol(name) is None):
            text = self.argument(depth)
            return "".join(tables.GREEK.get(char, char) for char in text) if name == "textgreek" else text
        return self.further(name, depth)

    def href(self, depth: int) -> str:
        self.exact = False
        target = address(self.source()).replace("$", DOLLAR)
        shown = self.argument(depth)
        if not self.addresses or not target or target in shown:
            return shown
        return f"{shown} ({target})" if shown else target

    def further(self, name: str, depth: int) -> str:
        """The rarer commands."""
        if name == "textgreek":
            return "".join(tables.GREEK.get(char, char) for char in self.argument(depth))
        if name in ("(", "["):
            inner, end = self.raw(self.position, "\\)" if name == "(" else "\\]")
            self.position = end if end >= 0 else self.position
            return OPEN + inner + CLOSE if end >= 0 else name
        if name == "ensuremath":
            inner = self.source()
            shown = as_text(inner)
            return shown if len(shown) == 1 and "^" not in inner and "_" not in inner else OPEN + inner + CLOSE
        if name == "switchargs":  # of Patashnik's xampl.bib: the second argument, then the first
            first = self.argument(depth)
            self.exact = False
            return self.argument(depth) + first
        if name in ("enquote", "mkbibquote"):
            self.position += self.tokens[self.position : self.position + 1] == ["*"]
            return f"“{self.argument(depth)}”"
        if name in ("uppercase", "MakeUppercase"):
            return self.argument(depth).upper()
        if name in ("lowercase", "MakeLowercase"):
            return self.argument(depth).lower()
        shown_as = symbol(name)
        if shown_as is not None:
            return shown_as
        self.exact = False
        if self.next_is_group():
            return self.argument(depth) or f"\\{name}"
        return f"\\{name}" + (" " if name.isalpha() and self.next_is_word() else "")

    def next_is_group(self) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position] == "{"

    def next_is_word(self) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position][0].isalnum()

    def accent(self, name: str, depth: int) -> str:
        self.protected += 1
        base = self.argument(depth)
        self.protected -= 1
        if not base or base.isspace():
            return SPACING_ACCENTS.get(name, "")
        first = {"ı": "i", "ȷ": "j"}.get(base[0], base[0])
        marks = 1
        while marks < len(base) and unicodedata.combining(base[marks]):
            marks += 1
        return fold.composed(first + base[1:marks] + ACCENTS[name]) + base[marks:]

    def line_break(self) -> str:
        before = self.tokens[self.position - 2] if self.position > 1 else ""
        after = self.tokens[self.position] if self.position < len(self.tokens) else ""
        between_words = before and after and not before[-1].isspace() and (after[0].isalnum() or after[0] in "._")
        return "\\" if between_words else " "


def tagged(name: str, inner: str) -> str:
    if not inner:
        return ""
    closing = "</span>" if name in ("sc", "nocase") else f"</{name}>"
    return TAGS[name] + inner + closing
