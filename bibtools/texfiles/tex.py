r"""Citation keys in LaTeX sources: found without running TeX, so by shape.

Sources: the manuals of biblatex 3.20 (section 3.9), natbib 8.3, apacite, jurabib, and the LaTeX2e reference for `\cite`.

* A command is known by the table below, or by having "cite" in its name (people define `\mycite`, `\citeApp` from multibib).
  Its keys are in its first group in braces unless the table says otherwise; optional arguments in `[]`, `()` (multicites)
  and `<>` (apacite, beamer) come before. Blanks, one line end and comments may stand between.
* After a command the search goes on right behind its name, so that `\cite[see \cite{b}]{a}` gives both.
* A group with a macro or a parameter in it (`\cite{#1}`) cites nothing that can be read here.
* Comments, verbatim material, `\iffalse ... \fi`, and what follows `\end{document}` or `\endinput` are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.texfiles.citation import Citation, Include

__all__ = ["citations", "includes"]

FAR = 5000  # the longest optional argument: a bracket left open must not make the search quadratic

SINGLE = """
    cite citet citep citealt citealp citeauthor citeyear citeyearpar citefullauthor citenum citetalias citepalias citealias
    defcitealias shortcites bibentry citetitle citedate citeurl citelist citename citefield
    parencite footcite footcitetext textcite smartcite supercite autocite fullcite footfullcite nocite
    notecite pnotecite fnotecite entrydata citea citenp citeyearnp citeauthornp shortcite shortcitea shortcitenp
    shortciteauthor shortciteauthornp fullcitea fullcitenp fullciteauthor fullciteauthornp citeasnoun possessivecite
    citeaffixed textcquote onlinecite citeonline
""".split()
MULTIPLE = """
    cites parencites footcites footcitetexts smartcites textcites supercites autocites fullcites footfullcites
    citetitles citeauthors
""".split()
VOLUME = "volcite pvolcite fvolcite ftvolcite svolcite tvolcite avolcite".split()
OTHER = {"addtocategory": "tk", "defbibentryset": "tk", "entryset": "k"}  # t: a group of text before the keys

SHAPES = dict.fromkeys(SINGLE, "k") | dict.fromkeys(MULTIPLE, "k+") | OTHER
SHAPES |= dict.fromkeys(VOLUME, "tk") | {f"{name}s": "tk+" for name in VOLUME}

# Commands with "cite" in the name that take no key: settings, tests, hooks, lengths, and a text with citations in it.
NOT_A_CITATION = re.compile(
    r"citetext$|bibcite$|excite|citereset|(?:new|set|declare|renew|provide|define|at|if|every|blx@|abx@|after|before)\w*cite"
    r"|.*cite(?:style|setup|mid|form|font|numfont|left|right|open|close|begin|end|sep|index|tracker|punct|delim|dash|color)"
    r"|(?:pre|post)\w*cite\w*delim",
    re.IGNORECASE,
)

VERBATIM = """
    verbatim verbatim* Verbatim Verbatim* BVerbatim LVerbatim SaveVerbatim VerbatimOut verbatimtab lstlisting minted comment
    filecontents filecontents* luacode luacode* pycode sagesilent sageblock tcblisting
""".split()
NEW_VERBATIM = re.compile(
    r"\\(?:lstnewenvironment|(?:Custom|Define)VerbatimEnvironment|newtcblisting)\s*\{([^{}\\]+)\}"
)
NEW_MINTED = re.compile(r"\\newminted\s*(?:\[([^\]{}]+)\])?\s*\{([^{}\\]+)\}")
SHORT_VERB = re.compile(
    r"\\(?:MakeShortVerb\*?|lstMakeShortInline(?:\[[^\]]*\])?|DefineShortVerb)\s*\{?\\?([^\s\w\\{}%])\}?"
)
RAW_GROUP = frozenset({"url", "nolinkurl", "path", "href", "hyperbaseurl"})
INLINE = frozenset({"verb", "Verb", "lstinline", "mintinline", "mint"})
TEXT_FILES = frozenset(
    {"input", "include", "subfile", "subfileinclude", "InputIfFileExists", "loadchapter", "@input", "@@input"}
)
FOLDER_FILES = frozenset(
    {"import", "subimport", "inputfrom", "includefrom", "subinputfrom", "subincludefrom", "subimport*"}
)
BIBLIOGRAPHIES = frozenset({"bibliography", "addbibresource", "addglobalbib", "addsectionbib"})

END = r"(?:\r\n?|\n)"
COMMENT = rf"%[^\r\n]*+(?:{END}|\Z)"
GAP = re.compile(rf"(?:[ \t]|{COMMENT}|{END}(?![ \t]*+[\r\n]))*+")
_FLAT = r"[^{}\\%]|\\.|" + COMMENT
_GROUP = rf"\{{(?:{_FLAT}|\{{(?:{_FLAT}|\{{(?:{_FLAT}|\{{(?:{_FLAT})*+\}})*+\}})*+\}})*+\}}"
TEXT_GROUP = re.compile(_GROUP, re.DOTALL)
KEY_GROUP = re.compile(rf"\{{((?:[^{{}}\\%]|{COMMENT})*+)\}}")
OPTION = {
    opening: re.compile(rf"\{opening}(?:[^\{closing}{{}}\\%]|\\.|{COMMENT}|{_GROUP})*+\{closing}", re.DOTALL)
    for opening, closing in {"[": "]", "(": ")", "<": ">"}.items()
}
CLOSING = {"[": "]", "(": ")", "<": ">"}
COMMAND = re.compile(r"\\([A-Za-z@]+)")
PIECE = re.compile(rf"(?:[^,%]|{COMMENT})+")
WORDS = re.compile(r"%[^\r\n]*+|([^%\s]+)")
JOINT = re.compile(rf"{COMMENT}[ \t]*")
PLAIN_NAME = re.compile(r"[ \t]*([^\s{}\\%,]+)")
ENVIRONMENT = re.compile(r"[ \t]*\{([^{}\\]*)\}")


def citations(text: str) -> Iterator[Citation]:
    """Every key cited in a LaTeX text, by command: a command in the optional argument of another comes after it."""
    for name, end in _commands(text):
        low = name.lower()
        if low in SHAPES:
            yield from _keys(text, end, name, SHAPES[low], known=True)
        elif "cite" in low and not NOT_A_CITATION.match(low):
            yield from _keys(text, end, name, "k", known=False)


def includes(text: str) -> Iterator[Include]:
    """The files that a LaTeX text reads, and the bibliographies it names, in order."""
    for name, end in _commands(text):
        if name in TEXT_FILES:
            found = TEXT_GROUP.match(text, GAP.match(text, end).end())  # type: ignore[union-attr]
            plain = found or (PLAIN_NAME.match(text, end) if name in {"input", "@input", "@@input"} else None)
            if plain:
                yield from _file(found[0][1:-1] if found else plain[1], end)
        elif name in FOLDER_FILES:
            folder = TEXT_GROUP.match(text, _options(text, end))
            file = folder and TEXT_GROUP.match(text, _options(text, folder.end()))
            if folder and file:
                yield from _file(file[0][1:-1], end, folder[0][1:-1].strip())
        elif name in BIBLIOGRAPHIES:
            found = KEY_GROUP.match(text, _options(text, end))
            for piece in found[1].split(",") if found else ():
                if piece.strip():
                    yield Include(piece.strip(), end, bibliography=True)


def _file(name: str, start: int, folder: str = "") -> Iterator[Include]:
    name = name.strip().strip('"')
    if name and not re.search(r"[\\#{}]", name):
        yield Include(name, start, folder)


def _keys(text: str, position: int, command: str, shape: str, *, known: bool) -> Iterator[Citation]:
    while True:
        position = _options(text, position)
        if shape.startswith("t"):
            group = TEXT_GROUP.match(text, position)
            if group is None:
                return
            position = _options(text, group.end())
        found = KEY_GROUP.match(text, position)
        if found is None:
            return
        yield from _pieces(text, found.start(1), found.end(1), command, known)
        position = found.end()
        if not shape.endswith("+"):
            return


def _options(text: str, position: int) -> int:
    """The place behind a star and all optional arguments."""
    if text.startswith("*", position):
        position += 1
    while True:
        position = GAP.match(text, position).end()  # type: ignore[union-attr]
        opening = text[position : position + 1]
        if opening not in OPTION or not opening or text.find(CLOSING[opening], position, position + FAR) < 0:
            return position
        found = OPTION[opening].match(text, position, position + FAR)
        if found is None:
            return position
        position = found.end()


def _pieces(text: str, start: int, end: int, command: str, known: bool) -> Iterator[Citation]:
    for piece in PIECE.finditer(text, start, end):
        words = [word.span(1) for word in WORDS.finditer(text, *piece.span()) if word[1]]
        if not words:
            continue
        first, last = words[0][0], words[-1][1]
        key = " ".join(JOINT.sub("", text[first:last]).split())
        if "#" not in key:
            yield Citation(key, first, last, command, known)


def _commands(text: str) -> Iterator[tuple[str, int]]:
    """Name and end of every command that TeX would see as one."""
    short = "".join(sorted({re.escape(found[1]) for found in SHORT_VERB.finditer(text)}))
    shorts = rf"|(?P<short>[{short}])" if short else ""
    token = re.compile(rf"\\(?P<name>[A-Za-z@]+)|\\.|%[^\r\n]*+{shorts}", re.DOTALL)
    verbatim = set(VERBATIM) | {found[1].strip() for found in NEW_VERBATIM.finditer(text)}
    verbatim |= {(found[1] or f"{found[2]}code").strip() for found in NEW_MINTED.finditer(text)}
    position, skips = 0, True
    while found := token.search(text, position):
        position = found.end()
        if short and found["short"]:
            position = _to(text, found["short"], position)
        elif (name := found["name"]) is None:
            continue
        elif name == "begin":
            environment = ENVIRONMENT.match(text, position)
            if environment and environment[1].strip() in verbatim:
                body = _options(text, environment.end())
                yield from (
                    (command[1], command.end()) for command in COMMAND.finditer(text, environment.end(), body)
                )  # captions
                closing = text.find(f"\\end{{{environment[1]}}}", body)
                position = closing if closing >= 0 else len(text)
        elif name in INLINE or name in RAW_GROUP:
            position = _raw(text, name, position)
        elif name == "iffalse":
            if skips and (behind := _skip_false(text, position)) == position:
                skips = False  # once is enough to know that the conditionals do not match up
            elif skips:
                position = behind
        elif _ends(text, name, found.start(), position):
            return
        else:
            yield name, position


def _ends(text: str, name: str, start: int, end: int) -> bool:
    if name == "end":
        environment = ENVIRONMENT.match(text, end)
        return environment is not None and environment[1].strip() == "document"
    if name != "endinput":
        return False
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return not text[line:start].strip()


def _raw(text: str, name: str, position: int) -> int:
    r"""The place behind `\verb|...|`, `\lstinline[..]{...}`, `\url{...}`: read as raw text, a `%` in it is no comment."""
    while (option := OPTION["["].match(text, position, position + FAR)) is not None:
        position = option.end()
    if name in {"mintinline", "mint"} and (language := ENVIRONMENT.match(text, position)):
        position = language.end()
    if name in {"verb", "Verb"} and text.startswith("*", position):
        position += 1
    opening = text[position : position + 1]
    if opening == "{" and name not in {"verb"}:
        return _balanced(text, position)
    if name not in INLINE or not opening or opening in "\r\n" or opening.isalnum():
        return position
    return _to(text, opening, position + 1)


def _to(text: str, closing: str, position: int) -> int:
    """Behind the closing character on the same line, else where we are."""
    found = text.find(closing, position, position + FAR)
    if found < 0 or text.find("\n", position, found) >= 0 or text.find("\r", position, found) >= 0:
        return position
    return found + 1


def _balanced(text: str, position: int) -> int:
    depth = 0
    for brace in re.compile(r"[{}]").finditer(text, position, position + FAR):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.end()
    return position + 1


CONDITIONAL = re.compile(r"%[^\r\n]*+|\\(?P<name>if(?!thenelse|mmode@)[A-Za-z@]*|fi|else)(?![A-Za-z@])|\\.", re.DOTALL)
# etoolbox and friends: tests that take their branches in braces and need no \fi
BRACED_IF = re.compile(
    r"if(?:blank|empty|def\w*|undef\w*|cs\w*|bool|toggle|num\w*|dim\w*|str\w*|field\w*|list\w*|name\w*|x?value|inlist\w*)"
)
PRIMITIVE_IF = frozenset(
    "ifdefined ifcsname ifcase ifcat ifnum ifdim ifodd iftrue iffalse ifx ifvoid ifmmode if".split()
)


def _skip_false(text: str, position: int) -> int:
    r"""Behind the `\fi` or `\else` that ends an `\iffalse`; where we are if there is none."""
    depth = 1
    for found in CONDITIONAL.finditer(text, position):
        name = found["name"]
        if name == "fi" or (name == "else" and depth == 1):
            depth -= 1
        elif name and name != "else" and (name in PRIMITIVE_IF or not BRACED_IF.fullmatch(name)):
            depth += 1
        if not depth:
            return found.end()
    return position
