"""arXiv"s author strings: its own reading, oddities included, and what they mean.

Affiliations are not attached to names: CSL has no place for them, and the raw string keeps them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bibtools import latex
from bibtools.arxiv.tex import unicode
from bibtools.record import Name

__all__ = ["Author", "author_name", "parse_authors", "read_authors", "split_authors"]

_PARTICLES = frozenset("van der de la von del della da mac ter dem di vaziri".split())
_SUFFIXES = frozenset("i ii iii iv v sr jr sr. jr.".split())
_GROUP = re.compile(r"([a-z0-9\s]+\s+(?:collaboration|group|team))", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"\b(?:collaborations?|groups?|teams?|consortium|project|network|institute|university|laborator(?:y|ies)|society|"
    r"committee|association|foundation|council|agency)\b",
    re.IGNORECASE,
)
_DOTLESS = re.compile(r"""(\\['`^"~=.uvH])\{?\\([ij])(?:\{\}|\}|(?![a-zA-Z])) ?""")
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


def parse_authors(authors: str) -> tuple[Author, ...]:
    """arXiv's own reading of an author string, oddities included."""
    pieces = _pieces(authors)
    names = [_spaced(each) for each in pieces if each[0] not in "](,"]
    names = [each for each in names if not re.match(r"\s*et\.?\s+al\.?\s*", each, re.IGNORECASE)]
    found: list[Author] = []
    while names:
        match = _GROUP.search(names[0][:_LONGEST])
        if not match:
            break
        found.append(Author(match[1], group=True))
        del names[0]
        if names and names[0] in ",:":
            del names[0]
    return (*found, *(_author(each) for each in names))


def _pieces(authors: str) -> list[str]:
    """Names, separators and parenthesised comments in order; a suffix after a comma is joined to its name."""
    pieces: list[str] = []
    for block in _blocks(authors):
        block = re.sub(r"\s+", " ", block)
        if block.startswith("("):
            pieces.append(block)
            continue
        block = re.sub(r",? (?:and|&) ", ",", block)
        pieces += [each for each in map(str.strip, re.split(r"([,:])", block)) if each]
    joined: list[str] = []
    for piece in pieces:
        if piece in ("Jr", "Jr.") and len(joined) >= 2 and joined[-1] == ",":
            joined[-2:] = [f"{joined[-2]}, {piece}"]
        else:
            joined.append(piece)
    return joined


def _blocks(authors: str) -> list[str]:
    """The string cut where parentheses open and close at depth one; one that never closes takes the rest."""
    blocks: list[str] = []
    current: list[str] = []
    depth = 0
    for bit in re.split(r"([()])", authors):
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


def _spaced(name: str) -> str:
    """A space after the dot of an initial, but not in TeX's dot accent."""
    return re.sub(r"(?<!\\)\.(\S)", r". \1", re.sub(r"\s\s+", " ", name))


def _author(name: str) -> Author:
    words = name.split(" ")
    low = [each.lower() for each in words]
    if len(words) >= 4 and low[-2] in _PARTICLES and low[-3] in _PARTICLES:
        return Author(" ".join(words[-3:]), " ".join(words[:-3]))
    if len(words) >= 3 and low[-2] in _PARTICLES:
        return Author(" ".join(words[-2:]), " ".join(words[:-2]))
    if len(words) >= 3 and low[-1] in _SUFFIXES:
        return Author(words[-2], " ".join(words[:-2]), words[-1])
    if len(words) >= 2:
        return Author(words[-1], " ".join(words[:-1]))
    return Author(name)


def author_name(author: Author) -> Name:
    """The name that the text means: particles apart, organisations whole, TeX decoded further than arXiv does."""
    key = _name_text(author.key).rstrip(",")
    given = _name_text(author.given)
    whole = " ".join(each for each in (given, key) if each)
    if author.group or (_ORGANISATION.search(whole) and not author.suffix):
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


def read_authors(authors: str) -> tuple[tuple[Name, ...], bool]:
    """The authors that a string means, and whether it ends in *et al.*"""
    names: list[Name] = []
    truncated = bool(re.search(r"(?:^|[\s,;])et\.?\s+al\b", re.sub(r"\([^()]*\)", "", authors), re.IGNORECASE))
    for author in parse_authors(authors):
        if author.key.lower() in ("al", "al.") and author.given.lower().endswith((" et", " et.")):
            author = _author(author.given.rpartition(" ")[0])
        if any(char.isalpha() for char in author.key):
            names.append(author_name(author))
    return tuple(names), truncated


def split_authors(authors: str) -> tuple[Name, ...]:
    """The names of an author string by arXiv's rules: particles, suffixes, collaborations, affiliations, *et al.*"""
    return read_authors(authors)[0]
