r"""Citation keys where they are used: in LaTeX and Markdown documents, in what LaTeX writes, and in the .bib itself.

    find(text, kind)                the citations of a text, in order
    rename(text, {old: new}, kind)  the text with other keys; every byte that is not such a key stays
    follow(name, load)              all that a document cites, with the files it reads
    bib                             the keys inside a .bib (crossref, xdata, related, ids ...), as edits and as a closure

Kinds: `tex`, `md`, `aux` and `bcf`; the last two are written by LaTeX and only read here. Text in, text out: opening files is
the work of the caller.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bibtools.texfiles import markdown, tex
from bibtools.texfiles.citation import Citation, Include
from bibtools.texfiles.naming import lookup

__all__ = ["KINDS", "Citation", "Cited", "Include", "find", "follow", "kind_of", "lookup", "rename"]

SUFFIXES = {
    "tex": ".tex .ltx .latex .sty .cls .rnw .pgf .tikz .lhs",
    "md": ".md .markdown .mkd .mdown .pandoc .pmd .rmd .qmd",
    "aux": ".aux",
    "bcf": ".bcf",
}
KINDS = tuple(SUFFIXES)

COMMA = re.compile(r"\s*,\s*")
AUX = re.compile(r"\\(?:citation|abx@aux@cite(?:\{[^{}]*\})?)\{([^{}]*)\}")
AUX_FILE = re.compile(r"\\@input\{([^{}]*)\}|\\(bibdata)\{([^{}]*)\}")
BCF = re.compile(r"<bcf:citekey\b([^>]*)>([^<]*)</bcf:citekey>")
BCF_SOURCE = re.compile(r"<bcf:datasource\b[^>]*>([^<]*)</bcf:datasource>")
CONTROL = re.compile(
    r"(?:rev|apsrev|achemso-).*control", re.IGNORECASE
)  # written by the class, kept in a .bib of its own


def kind_of(path: str) -> str:
    """The kind of a document by its name; `tex` when the name says nothing."""
    suffix = PurePath(path).suffix.lower()
    return next((kind for kind, known in SUFFIXES.items() if suffix and suffix in known.split()), "tex")


def find(text: str, kind: str = "tex") -> tuple[Citation, ...]:
    """The citations of a text, in order. Never raises on content."""
    found: list[Citation] = []
    for citation in sorted(FINDERS[kind](text), key=lambda citation: (citation.start, not citation.known)):
        if not found or citation.start >= found[-1].end or kind == "aux":  # two broken commands can claim one group
            found.append(citation)
    return tuple(found)


def rename(text: str, names: Mapping[str, str], kind: str = "tex") -> str:
    """The text with the keys of `names` replaced, all at once (so two keys can be exchanged).

    A key is looked up as it stands, else without regard to case, as BibTeX does, if that leaves one answer. Where two keys of
    one LaTeX list become the same (`\\cite{a,b}` when b was merged into a), it is named once.
    """
    if kind not in ("tex", "md"):
        raise ValueError(f"a document of kind '{kind}' is written by LaTeX: run LaTeX again instead")
    new_name = lookup(names)
    pieces: list[str] = []
    last = end = 0
    listed: dict[str, str] = {}  # of the list in hand: key as it is now, key as it was
    for citation in find(text, kind):
        new = new_name(citation.key)
        if not COMMA.fullmatch(text, end, max(end, citation.start)):
            listed = {}
        if kind == "tex" and listed.setdefault(new or citation.key, citation.key) != citation.key and last <= end:
            pieces.append(text[last:end])
            last = end = citation.end
            continue
        end = citation.end
        if new is None or new == citation.key or citation.start < last:
            continue
        pieces += [text[last : citation.start], markdown.written(new, text, citation) if kind == "md" else new]
        last = citation.end
    return "".join(pieces) + text[last:]


@dataclass(frozen=True, slots=True)
class Cited:
    """All that a document cites: keys in the order of first citation, each once."""

    keys: tuple[str, ...] = ()
    everything: bool = False  # \nocite{*}
    doubtful: frozenset[str] = frozenset()  # keys that may be no citation at all
    files: tuple[str, ...] = ()  # read on the way, the document first
    unread: tuple[str, ...] = ()  # named but not found
    bibliographies: tuple[str, ...] = ()  # named by the document


def follow(name: str, load: Callable[[str], str | None]) -> Cited:
    r"""What a document cites, following `\input`, `\include`, `\subfile`, `\import` and the .aux files of chapters.

    `load` gives the text of a file by its name, None when it is not there. Names are tried as TeX does: from the main
    document's folder, then from that of the file which names them. A file is read once, so circles end.
    """
    keys: dict[str, bool] = {}
    files: dict[str, None] = {}
    unread: dict[str, None] = {}
    bibliographies: dict[str, None] = {}
    main = PurePath(name).parent

    def places(include: Include, beside: PurePath, kind: str) -> Iterator[str]:
        for folder in dict.fromkeys((main, beside)):
            path = str(folder / include.folder / include.name)
            if kind == "tex" and not include.name.endswith(".tex"):
                yield f"{path}.tex"
            yield path

    def visit(path: str, text: str) -> Iterator[tuple[str, str]]:
        """Take in one file up to each file it reads, handing those out."""
        kind, beside = kind_of(path), PurePath(path).parent
        events: list[Citation | Include] = [*find(text, kind), *_includes(text, kind)]
        for event in sorted(events, key=lambda event: event.start):
            if isinstance(event, Citation):
                keys[event.key] = keys.get(event.key, False) or event.known
            elif event.bibliography:
                bibliographies[event.name] = None
            else:
                tried = list(places(event, beside, kind))
                if any(path in files for path in tried):
                    continue
                for path in tried:
                    if (read := load(path)) is not None:
                        files[path] = None
                        yield path, read
                        break
                else:
                    unread[event.name] = None

    text = load(name)
    if text is None:
        return Cited(unread=(name,))
    files[name] = None
    stack = [visit(name, text)]
    while stack:  # a loop, not recursion: a chain of files may be long
        if (deeper := next(stack[-1], None)) is None:
            stack.pop()
        else:
            stack.append(visit(*deeper))
    everything = keys.pop("*", None) is not None
    doubtful = frozenset(key for key, known in keys.items() if not known)
    return Cited(tuple(keys), everything, doubtful, tuple(files), tuple(unread), tuple(bibliographies))


def _aux(text: str) -> Iterator[Citation]:
    for found in AUX.finditer(text):
        for key in found[1].split(","):
            if key.strip():
                yield Citation(
                    key.strip(), found.start(1), found.end(1), "citation", not CONTROL.fullmatch(key.strip())
                )


def _bcf(text: str) -> Iterator[Citation]:
    for found in BCF.finditer(text):
        if key := html.unescape(found[2]).strip():
            yield Citation(key, found.start(2), found.end(2), "citekey")


def _includes(text: str, kind: str) -> Iterator[Include]:
    if kind == "tex":
        yield from tex.includes(text)
    elif kind == "aux":
        for found in AUX_FILE.finditer(text):
            for name in (found[1] or found[3] or "").split(","):
                if name.strip():
                    yield Include(name.strip(), found.start(), bibliography=bool(found[2]))
    elif kind == "bcf":
        for found in BCF_SOURCE.finditer(text):
            yield Include(html.unescape(found[1]).strip(), found.start(), bibliography=True)


FINDERS: dict[str, Callable[[str], Iterator[Citation]]] = {
    "tex": tex.citations,
    "md": markdown.citations,
    "aux": _aux,
    "bcf": _bcf,
}
