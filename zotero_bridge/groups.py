"""The groups of an entry as collections: the field that names them, and the tree that JabRef keeps in a comment. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bibtools.record import Record

__all__ = ["Tree", "paths", "tree"]

COMMENT = re.compile(r"@comment\s*\{\s*jabref-meta:\s*(?:grouping|groupstree):(.*?)\n\}", re.IGNORECASE | re.DOTALL)
LINE = re.compile(r"(\d+)\s+(\w+):(.*)", re.DOTALL)
CELLS = re.compile(r"(?<!\\)(?:\\\\)*\\;")  # in the comment the cells of a group are parted by an escaped semicolon
LEVELS = re.compile(r"\s*[/>]\s*")


@dataclass(frozen=True, slots=True)
class Tree:
    """Groups by name: the path of each from the top; and for groups that list their entries, citation key -> paths."""

    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_key: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def tree(text: str) -> Tree:
    """The tree in a .bib; empty when there is none."""
    by_name: dict[str, tuple[str, ...]] = {}
    by_key: dict[str, list[tuple[str, ...]]] = {}
    above: list[str] = []
    found = COMMENT.search(text)
    for part in re.split(r"(?<!\\);", found[1]) if found else ():
        line = LINE.fullmatch(re.sub(r"\s*\n", "", part).strip())
        if not line or line[2] == "AllEntriesGroup":
            continue
        level, cells = int(line[1]), CELLS.split(line[3])
        name = re.sub(r"\\(.)", r"\1", cells[0]).strip()
        if not name or level < 1:
            continue
        above = [*above[: level - 1], name]
        by_name.setdefault(name, tuple(above))
        if line[2] == "ExplicitGroup":
            for key in filter(None, (cell.strip() for cell in cells[2:])):
                by_key.setdefault(key, []).append(tuple(above))
    return Tree(by_name, {key: tuple(listed) for key, listed in by_key.items()})


def paths(record: Record, name: str, known: Tree) -> tuple[tuple[str, ...], ...]:
    """The collections of a record, from the top: as the tree has the group, else as the field has it (``A/B``, ``A > B``)."""
    if name == "keywords":
        named: Sequence[str] = record.keyword
    else:
        named = [part for own, value in record.extra if own == name for part in re.split(r"[,;]", value)]
    found = [
        known.by_name.get(group) or tuple(filter(None, LEVELS.split(group)))
        for each in named
        if (group := each.strip())
    ]
    return tuple(dict.fromkeys(path for path in (*found, *known.by_key.get(record.id, ())) if path))
