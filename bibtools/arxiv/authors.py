"""arXiv's author strings: its own reading, oddities included, and what they mean.

Affiliations are not attached to names: CSL has no place for them, and the raw string keeps them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bibtools import latex
from bibtools.arxiv.tex import unicode
from bibtools.record import Name

__all__ = ["Author", "Reading", "author_name", "parse_authors", "read", "read_authors", "shown_of", "split_authors"]

_PARTICLES = frozenset("van der de la von del della da mac ter dem di vaziri".split())
_SUFFIXES = frozenset("i ii iii iv v sr jr sr. jr.".split())
_ENDINGS = _SUFFIXES | {"al", "al."}
_ORDINARY = re.compile(r"[A-Z][A-Za-z0-9.-]*(?: [A-Z][A-Za-z0-9.-]*)+")  # words without TeX, none in small letters
_GROUP = re.compile(r"([a-z0-9\s]+\s+(?:collaboration|group|team))", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:collaborations?|groups?|teams?|consortium|project|network|institute|university|laborator(?:y|ies)|society|"
    r"committee|association|foundation|council|agency)\b",
    re.IGNORECASE,
)
_DOTLESS = re.compile(r"""(\\['`^"~=.uvH])\{?\\([ij])(?:\{\}|\}|(?![a-zA-Z])) ?""")
_SPACES = re.compile(r"\s+")
_AND = re.compile(r",? (?:and|&) ")
_SEPARATOR = re.compile(r"([,:])")
_PARENTHESIS = re.compile(r"([()])")
_DOT = re.compile(r"(?<!\\)\.(\S)")
_ET_AL = re.compile(r"(?:^|[\s,;])et\.?\s+al\b", re.IGNORECASE)
_DROPPED = re.compile(r"et\.?\s+al\.?", re.IGNORECASE)
_LONGEST = 400  # a longer stretch without a comma is no name


@dataclass(frozen=True, slots=True)
class Author:
    """A name as arXiv takes it apart, in raw TeX. ``key`` is what its citation keys begin with."""

    key: str
    given: str = ""
    suffix: str = ""
    group: bool = False

    @property
    def text(self) -> str:
        return " ".join(unicode(part) for part in (self.given, self.key, self.suffix) if part)


@dataclass(frozen=True, slots=True)
class Reading:
    """An author string, read once for all questions: what arXiv makes of it, and what it means."""

    shown: str  # arXiv's own ``author`` field
    names: tuple[Name, ...]
    truncated: bool
    exact: bool  # whether the names alone give back what is shown


def read(authors: str) -> Reading:
    groups, rest = _names(authors)
    known = [_known(each) for each in rest]
    meant = [each for _, each, _ in known if each is not None]
    truncated = _is_cut(authors)
    shown = " and ".join([each.text for each in groups] + [text for text, _, _ in known])
    names = (*(author_name(each) for each in groups), *meant)
    exact = not (groups or truncated) and all(same for _, _, same in known)
    return Reading(shown, names, truncated, exact or shown == shown_of(names, truncated))


def _is_cut(authors: str) -> bool:
    if "et" not in authors.lower() or not _ET_AL.search(authors):
        return False
    return _ET_AL.search(re.sub(r"\([^()]*\)", "", authors)) is not None


def shown_of(names: tuple[Name, ...], truncated: bool = False) -> str:
    """Names as arXiv would show them."""
    shown = [" ".join(part for part in (each.given, each.surname, each.suffix) if part) for each in names]
    return " and ".join([*shown, "others"] if truncated and shown else shown)


@lru_cache(maxsize=65536)
def _known(name: str) -> tuple[str, Name | None, bool]:
    """What arXiv shows of one name, the name that is meant, and whether that shows the same; authors come back often."""
    if _ORDINARY.fullmatch(name) and not _ORGANISATION.search(name):
        given, _, key = name.rpartition(" ")
        if key.lower() not in _ENDINGS and given.rpartition(" ")[2].lower() not in _PARTICLES:
            return name, Name(key, given), True
    author = _author(name)
    meant = author
    if author.key.lower() in ("al", "al.") and author.given.lower().endswith((" et", " et.")):
        meant = _author(author.given.rpartition(" ")[0])
    made = author_name(meant) if any(map(str.isalpha, meant.key)) else None
    return author.text, made, made is not None and author.text == shown_of((made,))


def read_authors(authors: str) -> tuple[tuple[Name, ...], bool]:
    """The authors that a string means, and whether it says *et al.*"""
    found = read(authors)
    return found.names, found.truncated


def split_authors(authors: str) -> tuple[Name, ...]:
    """The names of an author string by arXiv's rules: particles, suffixes, collaborations, affiliations, *et al.*"""
    return read(authors).names


# -- arXiv's own reading ------------------------------------------------------------------------------------------------


def parse_authors(authors: str) -> tuple[Author, ...]:
    """An author string taken apart by arXiv, oddities included."""
    groups, names = _names(authors)
    return (*groups, *map(_author, names))


def _names(authors: str) -> tuple[list[Author], list[str]]:
    """The collaborations that lead the list, and the names that follow."""
    names = [_DOT.sub(r". \1", each) if "." in each else each for each in _pieces(authors) if each[0] not in "](,"]
    names = [each for each in names if each[:2].lower() != "et" or not _DROPPED.match(each)]
    groups: list[Author] = []
    at = 0
    while at < len(names):
        match = _GROUP.search(names[at][:_LONGEST])
        if not match:
            break
        groups.append(Author(match[1], group=True))
        at += 2 if names[at + 1 : at + 2] == [":"] else 1
    return groups, names[at:]


def _pieces(authors: str) -> list[str]:
    """Names, separators and parenthesised comments in order; a suffix after a comma is joined to its name."""
    pieces: list[str] = []
    for block in _blocks(authors):
        if "  " in block or not block.isprintable():
            block = _SPACES.sub(" ", block)
        if block[0] == "(":
            pieces.append(block)
            continue
        block = _AND.sub(",", block)
        pieces += filter(None, map(str.strip, _SEPARATOR.split(block)))
    if "Jr" not in pieces and "Jr." not in pieces:
        return pieces
    joined: list[str] = []
    for piece in pieces:
        if piece in ("Jr", "Jr.") and len(joined) >= 2 and joined[-1] == "," and joined[-2] != ")":
            joined[-2:] = [f"{joined[-2]}, {piece}"]
        else:
            joined.append(piece)
    return joined


def _blocks(authors: str) -> list[str]:
    """The string cut where parentheses open and close at depth one; one that never closes takes the rest."""
    if "(" not in authors and ")" not in authors:
        return [authors] if authors else []
    blocks: list[str] = []
    current: list[str] = []
    depth = 0
    for bit in _PARENTHESIS.split(authors):
        if bit == "(":
            depth += 1
            if depth == 1:
                blocks.append("".join(current))
                current = []
        current.append(bit)
        if bit == ")":
            depth -= 1
            if depth == 0:
                blocks.append("".join(current))
                current = []
    return [each for each in (*blocks, "".join(current)) if each]


def _author(name: str) -> Author:
    words = name.split(" ")
    if len(words) == 1:
        return Author(name)
    if len(words) >= 3:
        before, last = words[-2].lower(), words[-1].lower()
        if before in _PARTICLES:
            size = 3 if len(words) >= 4 and words[-3].lower() in _PARTICLES else 2
            return Author(" ".join(words[-size:]), " ".join(words[:-size]))
        if last in _SUFFIXES:
            return Author(words[-2], " ".join(words[:-2]), words[-1])
    return Author(words[-1], " ".join(words[:-1]))


# -- what it means ------------------------------------------------------------------------------------------------------


def author_name(author: Author) -> Name:
    """The name that the text means: particles apart, organisations whole, TeX decoded further than arXiv does."""
    key = _name_text(author.key).rstrip(",")
    given = _name_text(author.given).replace(". -", ".-")  # T.-H., which arXiv shows as T. -H.
    whole = f"{given} {key}" if given else key
    if not key:  # TeX that means nothing
        return Name(literal=whole or author.key)
    if author.group or (not author.suffix and _ORGANISATION.search(whole)):
        return Name(literal=whole)
    words = key.split(" ")
    at = next((place for place, word in enumerate(words) if not word.islower()), len(words) - 1)
    particle = " ".join(words[:at])
    return Name(" ".join(words[at:]), given, non_dropping_particle=particle, suffix=_name_text(author.suffix))


def _name_text(tex: str) -> str:
    if "\\" not in tex and "{" not in tex and "~" not in tex:
        return tex
    plain = unicode(_DOTLESS.sub(r"\1{\2}", tex))
    if "\\" in plain or "{" in plain or "~" in plain:
        plain = latex.plain(latex.decode(plain))
    return " ".join(plain.split())
