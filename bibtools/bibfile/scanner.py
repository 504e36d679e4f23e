"""Where things begin and end in a .bib text, by the rules of BibTeX's own scanner (bibtex.web, sections 228-250).

BibTeX looks for the next ``@``, wherever it stands: everything between is comment. ``@comment`` is skipped as a word, not as
a group, so an entry inside of it is read. After a syntax error it drops the rest of the entry and looks for the next ``@``.
We differ from it only after such an error, where it loses text and we must not:

* An entry in braces reaches to its matching brace. In all error-free states of BibTeX's scanner the braces opened since the
  entry's own are one more than those closed, so this *is* where BibTeX ends it, and it needs no look at the fields.
* An entry whose braces never match, or one with an error that has swallowed what looks like the next entry (a line that
  begins with ``@word{``), is cut there.
* Fields after an error are read on (``recovered``), and text after a value (``pages = 12-34``) is counted to it.

White space is blank, tab and line end and nothing else; names are compared by ASCII case.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "COMMANDS",
    "HEAD",
    "Kind",
    "Scanned",
    "Scanner",
    "Span",
    "balanced",
    "definition_error",
    "even_fields",
    "lower",
    "plain",
    "rstrip",
    "scan_body",
    "scan_value",
    "tokens",
]

WHITE = r"[ \t\r\n]*+"
NAME = r"[^\x00-\x20\"#%'(),={}0-9][^\x00-\x20\"#%'(),={}]*+"
COMMAND = re.compile(rf"@{WHITE}({NAME}){WHITE}([{{(])?")
NEXT_COMMAND = re.compile(rf"@{WHITE}{NAME}{WHITE}[{{(]")
LINE_COMMAND = re.compile(rf"[\r\n][ \t]*+@{WHITE}{NAME}{WHITE}[{{(]")
BRACES = re.compile(r"[{}]")
QUOTES = re.compile(r'["{}]')
PARENS = re.compile(r"[(){}\"]")
BLANK = re.compile(WHITE)
KEY_BRACED = re.compile(r"[^ \t\r\n,}]*+")
KEY_BLANK = re.compile(r"[ \t]++[^ \t\r\n,{}()=\"#%][^\r\n,{}()=\"#%]*+(?=,)")
KEY_PAREN = re.compile(r"[^ \t\r\n,]*+")
FIELD_NAME = re.compile(rf"({NAME}){WHITE}={WHITE}")
RESYNC = re.compile(rf"\{{|,{WHITE}(?={NAME}{WHITE}=)|[\r\n][ \t]*+(?={NAME}{WHITE}=)")
MACRO_NAME = re.compile(rf"({NAME})(?:{WHITE}=|[ \t\r\n])")
NUMBER = re.compile(r"[0-9]+")
WORD = re.compile(NAME)

HEAD = re.compile(rf"@{WHITE}({NAME}){WHITE}\{{{WHITE}([^ \t\r\n,{{}}=]*+),")  # the usual entry: key and comma

_PLAIN = r"[^{}]*+"
_GROUP = rf"\{{{_PLAIN}(?:\{{{_PLAIN}(?:\{{{_PLAIN}\}}{_PLAIN})*+\}}{_PLAIN})*+\}}"
_TOKEN = rf"\{{{_PLAIN}(?:{_GROUP}{_PLAIN})*+\}}|\"[^\"{{}}]*+(?:{_GROUP}[^\"{{}}]*+)*+\"|[0-9]++"
SIMPLE_FIELD = re.compile(rf",{WHITE}({NAME}){WHITE}={WHITE}({_TOKEN}){WHITE}(?=,|\Z)")
EVEN_FIELD = re.compile(rf"(, ?({NAME}) ?= ?({_TOKEN}|{NAME}) ?)(?=,|\Z)")  # where white space is single blanks


COMMANDS = frozenset(("string", "preamble", "comment"))


class Kind:
    """What a value is made of."""

    SIMPLE = 0  # one {...} or "..."
    NUMBER = 1
    EXPRESSION = 2  # macros, concatenation
    BROKEN = 3  # text that BibTeX does not accept as a value


class Span(NamedTuple):
    """One field: offsets of its name and value in the text."""

    name_start: int
    name_end: int
    start: int
    end: int
    kind: int
    recovered: bool  # BibTeX stopped at an error before or within it


@dataclass(slots=True)
class Scanned:
    """One command. ``key_end`` is also where the search for fields begins; ``end`` lies behind the closing delimiter."""

    kind: str  # "entry", "string", "preamble", "comment"
    start: int
    end: int
    type: str
    type_start: int = 0
    type_end: int = 0
    key_start: int = 0
    key_end: int = 0
    close: str = "}"
    closed: bool = True
    spans: tuple[Span, ...] | None = None  # filled where the scanner had to look at the fields
    error: tuple[int, str] | None = None  # within the key

    @property
    def body_end(self) -> int:
        return self.end - 1 if self.closed else self.end

    def moved(self, by: int) -> Scanned:
        """The same command in a text where it stands elsewhere."""
        spans = self.spans
        if spans is not None and by:
            spans = tuple(
                [Span(a + by, b + by, c + by, d + by, kind, recovered) for a, b, c, d, kind, recovered in spans]
            )
        error = (self.error[0] + by, self.error[1]) if self.error is not None else None
        places = (self.type_start + by, self.type_end + by, self.key_start + by, self.key_end + by)
        return Scanned(
            self.kind, self.start + by, self.end + by, self.type, *places, self.close, self.closed, spans, error
        )


@dataclass(slots=True)
class Scanner:
    """The commands of one text. It keeps what makes hostile files linear: the braces that never close, and a budget."""

    text: str
    unclosed: array[int] | None = None
    spent: int = 0
    notes: list[tuple[int, str]] = field(default_factory=list)
    _ahead: dict[re.Pattern[str], tuple[int, int]] = field(default_factory=dict)

    def command(self, at: int) -> Scanned:
        """The command at an ``@``; of kind "text" where BibTeX finds none (an e-mail address in a comment)."""
        match = COMMAND.match(self.text, at)
        if match is None:
            return Scanned("text", at, at + 1, "")
        kind = lower(match[1])
        if kind == "comment":
            return self._comment(at, match)
        if match[2] is None:
            return Scanned("text", at, match.end(1), kind)
        close = "}" if match[2] == "{" else ")"
        role = kind if kind in COMMANDS else "entry"
        found = Scanned(role, at, 0, kind, match.start(1), match.end(1), close=close)
        found.key_start = found.key_end = skip(self.text, match.end())
        if role == "entry":
            self._key(found)
        self._extent(found, match.end() - 1)
        return found

    def _key(self, found: Scanned) -> None:
        """BibTeX ends a key at a comma, a brace or white space. A key with a blank, and an entry that begins with a field,
        are errors to it; the whole text up to the comma, and no key at all, are what their writers meant."""
        text, start = self.text, found.key_start
        name = FIELD_NAME.match(text, start)
        if name is not None and (text[name.end() : name.end() + 1] in ("{", '"') or name.end() - name.end(1) > 1):
            return
        end = (KEY_BRACED if found.close == "}" else KEY_PAREN).match(text, start).end()  # type: ignore[union-attr]
        if found.close == "}" and (brace := text.find("{", start, end)) >= 0:
            end = brace
        found.key_end = end
        if end > start and (more := KEY_BLANK.match(text, end)) is not None:
            found.key_end = rstrip(text, end, more.end())
            found.error = end, "a key cannot contain a blank"

    def _extent(self, found: Scanned, opening: int) -> None:
        text = self.text
        limit = self._next(LINE_COMMAND, found.key_end)
        end = self._closing(found, opening, limit)
        if end < 0 and limit < len(text) and self.spent <= 8 * len(text):
            end = self._closing(found, opening, len(text))
            self.spent += len(text) - limit if end < 0 and found.close == ")" else 0
        if end > limit:
            # It contains a line that begins like an entry: right if BibTeX reads it without error, else a brace is missing.
            found.end = end
            spans, error = scan_body(text, found) if found.kind == "entry" else (None, definition_error(text, found))
            if error is not None:
                self.spent += end - limit
                end = -1
            else:
                found.spans = spans
                self.notes.append((limit + 1, "a value contains what looks like the beginning of an entry"))
        if end < 0:
            found.closed = False
            found.end = rstrip(text, found.key_end, limit)
        else:
            found.end = end

    def _next(self, pattern: re.Pattern[str], at: int) -> int:
        """Where a pattern is found next; searched once, however often it is asked for."""
        since, found = self._ahead.get(pattern, (0, -1))
        if not since <= at <= found:
            match = pattern.search(self.text, at)
            found = match.start() if match is not None else len(self.text)
            self._ahead[pattern] = at, found
        return found

    def _closing(self, found: Scanned, opening: int, limit: int) -> int:
        return self.matching(opening, limit) if found.close == "}" else self._paren(found, limit)

    def matching(self, opening: int, limit: int) -> int:
        """Behind the brace that closes the one at ``opening``, -1 if there is none before ``limit``."""
        if self.unclosed is not None:
            number = bisect_left(self.unclosed, opening)
            if number < len(self.unclosed) and self.unclosed[number] == opening:
                return -1
        end = balanced(self.text, opening, limit)
        if end < 0 and limit == len(self.text) and self.unclosed is None:
            self.unclosed = _never_closed(self.text)
        return end

    def _paren(self, found: Scanned, limit: int) -> int:
        """An entry in parentheses ends at the first ``)`` outside of braces and quotes."""
        at = found.key_end
        while (match := PARENS.search(self.text, at, limit)) is not None:
            char = match[0]
            if char == ")":
                return match.end()
            if char == "{":
                at = self.matching(match.start(), limit)
            elif char == '"':
                at = _quoted(self.text, match.start(), limit)
                at = match.end() if at < 0 else at
            else:
                at = match.end()
            if at < 0:
                return -1
        return -1

    def _comment(self, at: int, match: re.Match[str]) -> Scanned:
        """For BibTeX the word alone; for people, and JabRef's data, the group behind it as far as no command is in it."""
        end = match.end() if match[2] else match.end(1)
        limit = self._next(NEXT_COMMAND, match.end(1))
        if match[2] == "{" and (closed := self.matching(match.end() - 1, limit)) > 0:
            end = closed
        return Scanned("comment", at, end, "comment", match.start(1), match.end(1))


def definition_error(text: str, found: Scanned) -> tuple[int, str] | None:
    """What is wrong with a @string or a @preamble."""
    start = found.key_start
    if found.kind == "string":
        name = FIELD_NAME.match(text, start, found.body_end)
        if name is None:
            return start, "a name and = are expected"
        start = name.end()
    _, end, message = scan_value(text, start, found.body_end)
    if message:
        return end, message
    rest = skip(text, end)
    return None if rest == found.body_end and found.closed else (rest, "it is not closed behind its value")


def plain(text: str, start: int, end: int) -> Scanned | None:
    """The entry that is exactly a stretch of the text, if it is of the plainest kind: braces, key, one-token values."""
    head = HEAD.match(text, start, end)
    if head is None or text[end - 1] != "}":
        return None
    spans: list[Span] = []
    at = _simple_fields(text, head.end() - 1, end - 1, spans)
    if at < end - 1 and text[at] == ",":
        at += 1
    if BLANK.match(text, at, end - 1).end() < end - 1:  # type: ignore[union-attr]
        return None
    kind = lower(head[1])
    if kind in COMMANDS:
        return None
    return Scanned("entry", start, end, kind, *head.span(1), *head.span(2), spans=tuple(spans))


def _simple_fields(text: str, at: int, end: int, spans: list[Span]) -> int:
    match, add, new = SIMPLE_FIELD.match, spans.append, tuple.__new__  # Span(...) takes twice the time
    while (hit := match(text, at, end)) is not None:
        start, stop = hit.span(2)
        kind = Kind.SIMPLE if text[start] in '{"' else Kind.NUMBER
        name_start, name_end = hit.span(1)
        add(new(Span, (name_start, name_end, start, stop, kind, False)))
        at = hit.end()
    return at


def even_fields(text: str, start: int, end: int) -> list[tuple[str, str, str]] | None:
    """The source, name and value of each field of an entry whose values are single tokens, white space compressed.

    ``start`` is the comma behind the key, ``end`` behind the closing brace. All in a few calls of C: None where there is
    anything that these may misjudge. Fields that fill the whole body leave no room for an error between them.
    """
    if text[end - 1] != "}":
        return None
    body = text[start : end - 1].replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    if not body.isprintable():  # so that the only white space left is the blank
        return None
    body = " ".join(body.split())
    found = EVEN_FIELD.findall(body)
    length = sum([len(source) for source, _, _ in found])
    return found if length == len(body) or body[length:] == "," else None


def scan_body(text: str, found: Scanned) -> tuple[tuple[Span, ...], tuple[int, str] | None]:
    """The fields of an entry and the first error, if any."""
    at, end = found.key_end, found.body_end
    spans: list[Span] = []
    if found.error is None:
        at = _simple_fields(text, at, end, spans)
    return _Careful(text, at, end, spans, found.error).run(found)


def name_expected(text: str, at: int) -> str:
    """Why no field name begins at an offset: often a blank from a word processor or a web page, which looks like any other."""
    char = text[at : at + 1]
    if char in BLANKS_OF_OTHERS:
        return (
            f"a {BLANKS_OF_OTHERS[char]} (U+{ord(char):04X}) stands where a field name is expected; put a plain blank"
        )
    return "a field name with = is expected"


BLANKS_OF_OTHERS = {
    "\xa0": "no-break space",
    "\u2002": "wide space",
    "\u2003": "wide space",
    "\u2009": "thin space",
    "\u200b": "zero-width space",
    "\u202f": "narrow no-break space",
    "\u3000": "ideographic space",
    "\ufeff": "byte order mark",
}


@dataclass(slots=True)
class _Careful:
    """The tokenizer for everything that the one-regex-a-field path does not take."""

    text: str
    at: int
    end: int
    spans: list[Span]
    error: tuple[int, str] | None = None

    def run(self, found: Scanned) -> tuple[tuple[Span, ...], tuple[int, str] | None]:
        keyless = found.key_end == found.key_start and FIELD_NAME.match(self.text, self.at, self.end) is not None
        if keyless:
            self.fail(self.at, "the entry has no key")
            self.value_of_field()
        while True:
            self.blank()
            if self.at >= self.end:
                break
            if self.text[self.at] == ",":
                self.at += 1
                self.blank()
                if self.at >= self.end:
                    break
            else:
                self.fail(self.at, "a comma is missing")
            self.value_of_field()
        if not found.closed:
            if self.error is None and self.spans and skip(self.text, self.spans[-1].end) == len(self.text):
                self.spans[-1] = self.spans[-1]._replace(recovered=True)  # BibTeX stores a value after what follows it
            self.fail(self.end, "the entry is not closed")
        return tuple(self.spans), self.error

    def fail(self, at: int, message: str) -> None:
        if self.error is None:
            self.error = at, message

    def blank(self) -> None:
        self.at = BLANK.match(self.text, self.at, self.end).end()  # type: ignore[union-attr]

    def value_of_field(self) -> None:
        name = FIELD_NAME.match(self.text, self.at, self.end)
        if name is None:
            self.fail(self.at, name_expected(self.text, self.at))
            self.resync()
            return
        start = self.at = name.end()
        kind, end, message = scan_value(self.text, start, self.end)
        if message:
            self.fail(end, message)
        self.at = end
        self.blank()
        if self.at < self.end and self.text[self.at] != ",":
            follows = FIELD_NAME.match(self.text, self.at, self.end)
            if follows is None or message:
                self.fail(self.at, "text behind a value")
                self.resync()
                end = rstrip(self.text, end, self.at)
                kind = Kind.BROKEN
        elif message:
            kind = Kind.BROKEN
        self.spans.append(Span(name.start(1), name.end(1), start, end, kind, self.error is not None))

    def resync(self) -> None:
        """Go on to where a field seems to begin, or to the end."""
        at = self.at
        while (match := RESYNC.search(self.text, at, self.end)) is not None:
            if match[0] == "{":
                at = balanced(self.text, match.start(), self.end)
                if at < 0:
                    break
            else:
                self.at = match.start()
                return
        self.at = self.end


def scan_value(text: str, at: int, end: int) -> tuple[int, int, str]:
    """Kind, end and error of a value: tokens joined by ``#``. The end is that of the last token that was understood."""
    kind, last = -1, at
    while True:
        token, stop, message = _token(text, at, end)
        if message:
            return Kind.BROKEN, max(last, stop), message
        kind = token if kind < 0 else Kind.EXPRESSION
        last = stop
        at = BLANK.match(text, stop, end).end()  # type: ignore[union-attr]
        if at >= end or text[at] != "#":
            return kind, last, ""
        at = BLANK.match(text, at + 1, end).end()  # type: ignore[union-attr]


def _token(text: str, at: int, end: int) -> tuple[int, int, str]:
    char = text[at] if at < end else ""
    if char == "{":
        stop = balanced(text, at, end)
        return (Kind.SIMPLE, stop, "") if stop > 0 else (Kind.BROKEN, at, "a brace is not closed")
    if char == '"':
        stop = _quoted(text, at, end)
        return (Kind.SIMPLE, stop, "") if stop > 0 else (Kind.BROKEN, at, "a quote is not closed")
    if (number := NUMBER.match(text, at, end)) is not None:
        return Kind.NUMBER, number.end(), ""
    if (word := WORD.match(text, at, end)) is not None:
        stop = word.end()
        adjacent = stop >= end or text[stop] in " \t\r\n,#"
        return (
            (Kind.EXPRESSION, stop, "")
            if adjacent
            else (Kind.BROKEN, stop, "a macro name is followed by another character")
        )
    return Kind.BROKEN, at, "a value is missing"


def tokens(text: str, start: int, end: int) -> list[str]:
    """The source of each token of a value that was scanned without error."""
    found: list[str] = []
    at = start
    while at < end:
        _, stop, message = _token(text, at, end)
        if message:
            break
        found.append(text[at:stop])
        at = BLANK.match(text, stop, end).end()  # type: ignore[union-attr]
        if at < end and text[at] == "#":
            at = BLANK.match(text, at + 1, end).end()  # type: ignore[union-attr]
    return found


def balanced(text: str, opening: int, end: int) -> int:
    depth = 0
    for match in BRACES.finditer(text, opening, end):
        if match[0] == "{":
            depth += 1
        else:
            depth -= 1
            if not depth:
                return match.end()
    return -1


def _quoted(text: str, opening: int, end: int) -> int:
    depth = 0
    for match in QUOTES.finditer(text, opening + 1, end):
        char = match[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return -1
        elif not depth:
            return match.end()
    return -1


def _never_closed(text: str) -> array[int]:
    stack = array("q")
    for match in BRACES.finditer(text):
        if match[0] == "{":
            stack.append(match.start())
        elif stack:
            stack.pop()
    return stack


def skip(text: str, at: int) -> int:
    return BLANK.match(text, at).end()  # type: ignore[union-attr]


def rstrip(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return end


def lower(name: str) -> str:
    return name.lower() if name.isascii() else "".join(char.lower() if char.isascii() else char for char in name)
