"""What a document says about a citation: the key, where it stands, and the command it stands in."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Citation", "Include"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A key as cited, at `text[start:end]` of the document. The key `*` is the wildcard of `\\nocite`.

    `known` is False where it may be no citation at all (a command that only looks like one, a cross-reference of Quarto):
    such a key is renamed like any other, but its absence from a .bib is no error.
    """

    key: str
    start: int
    end: int
    command: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Include:
    """Another file read at this place. `bibliography` names a .bib instead of text."""

    name: str
    start: int
    folder: str = ""
    bibliography: bool = False
