"""The Extra field, line by line.

Extra is where Zotero, Better BibTeX, other plug-ins and people keep what has no field: ``Key: value`` lines and free text.
It belongs to the user, so an edit replaces one line at its place and every other byte stays as it is. What a key means is
not decided here (see `fields`); here a line merely may have a label.

A value that one line cannot hold (a line break, blanks at its ends) is written as a JSON string.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

__all__ = ["Line", "assign", "fold_label", "join", "labelled", "parse", "quote", "unquote"]

LABELLED = re.compile(r"\s*([A-Za-z][^:\n]{0,79}?)\s*:(?:[ \t]+|$)(.*)|\s*([A-Za-z]{3,9}):(\S.*)", re.DOTALL)
SEPARATORS = re.compile(r"[\s_-]+")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Line:
    raw: str  # without its line break
    label: str = ""  # as written; "" for free text
    value: str = ""


def parse(text: str) -> tuple[Line, ...]:
    """The lines of an Extra field; joined with line breaks their `raw` is the field again."""
    return tuple(_line(raw) for raw in text.split("\n")) if text else ()


def _line(raw: str) -> Line:
    found = LABELLED.fullmatch(raw)
    if not found:
        return Line(raw)
    label, value = found.group(1, 2) if found.group(1) else found.group(3, 4)
    return Line(raw, label, value.strip())


def labelled(label: str, value: str) -> Line:
    return Line(f"{label}: {value}", label, value)


def join(lines: tuple[Line, ...] | list[Line]) -> str:
    return "\n".join(line.raw for line in lines)


def fold_label(label: str) -> str:
    """``Original Date``, ``original-date`` and ``originalDate`` are one label; the part after ``tex.`` keeps its dashes."""
    lower = label.strip().lower()
    return lower if lower.startswith("tex.") else SEPARATORS.sub("", lower)


def assign(lines: tuple[Line, ...], wanted: str, values: tuple[str, ...], label: str) -> tuple[Line, ...]:
    """The lines with a folded label's values replaced: kept at their places, new ones after the last labelled line.

    Labels that stand there keep their spelling; ``()`` removes the lines.
    """
    kept: list[Line] = []
    left = list(values)
    place = 0
    for line in lines:
        if line.label and fold_label(line.label) == wanted:
            if left:
                value = left.pop(0)
                kept.append(line if line.value == value else labelled(line.label, value))
                place = len(kept)
            continue
        kept.append(line)
        if line.label:
            place = len(kept)
    kept[place:place] = [labelled(label, value) for value in left]
    return tuple(kept)


def quote(value: str) -> str:
    """A value as it can stand in one line."""
    if CONTROLS.search(value) or value != value.strip() or not value or (value[0] == '"' and unquote(value) != value):
        return json.dumps(value, ensure_ascii=True)
    return value


def unquote(value: str) -> str:
    """What `quote` was given."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            found = json.loads(value)
        except ValueError:
            return value
        return found if isinstance(found, str) else value
    return value
