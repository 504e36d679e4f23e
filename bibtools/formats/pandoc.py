"""pandoc's references in YAML: the ``references`` of a document's metadata, or a list of items alone. They are CSL items.

Source: https://pandoc.org/MANUAL.html#specifying-bibliographic-data. Of a Markdown document only the block between ``---`` is
read. Emphasis and strong text, raised and lowered text are Markdown in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import yamlworks
from bibtools.formats.csljson import from_csl
from bibtools.record import CSL_TYPES, Batch, Origin, Problem, Record

__all__ = ["FORMAT", "read"]

FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
DATES = frozenset(("issued", "accessed", "submitted", "original-date", "event-date"))
TEXTS = frozenset(
    "title title-short container-title collection-title event-title publisher abstract note annote".split()
)
MARKDOWN = (
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<i>\1</i>"),
    (re.compile(r"\^([^\s^]+)\^"), r"<sup>\1</sup>"),
    (re.compile(r"(?<!~)~([^\s~]+)~(?!~)"), r"<sub>\1</sub>"),
    (re.compile(r"\[([^\[\]\n]+)\]\{\.nocase\}"), r'<span class="nocase">\1</span>'),
)


def block(text: str) -> str:
    """The metadata of a Markdown document; the text itself where it is YAML alone."""
    found = FRONT.match(text)
    return found[1] if found else text


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    inner = block(text)
    before = 1 if inner is not text else 0
    index = 0
    for document in yamlworks.values(inner, options.source):
        if isinstance(document, Problem):
            yield document
            continue
        for item in _items(document):
            origin = Origin(options.source, getattr(item, "line", 0) + before, index)
            if not isinstance(item, dict):
                yield Problem("a reference is no mapping", origin, text=str(item))
                continue
            record, problems = from_csl({key: _value(key, value) for key, value in item.items()}, origin)
            index += 1
            yield record
            yield from problems


def _items(document: Any) -> list[Any]:
    if isinstance(document, dict):
        found = document.get("references", [])
        return found if isinstance(found, list) else []
    return document if isinstance(document, list) else []


def _value(key: str, value: Any) -> Any:
    """A date by its parts is one of CSL's; Markdown in a text is CSL's tags."""
    if key in DATES:
        spans = value if isinstance(value, list) else [value]
        if all(isinstance(each, dict) and "year" in each for each in spans):
            parts = [[each[part] for part in ("year", "month", "day") if each.get(part)] for each in spans]
            more = {name: inner for name, inner in spans[0].items() if name not in ("year", "month", "day")}
            return {"date-parts": parts, **more}
    if isinstance(value, list) and all(
        isinstance(each, dict) and isinstance(each.get("given"), list) for each in value
    ):
        return [{**each, "given": " ".join(map(str, each["given"]))} for each in value]
    if key in TEXTS and isinstance(value, str):
        for pattern, into in MARKDOWN:
            value = pattern.sub(into, value)
    return dict(value) if isinstance(value, dict) else value


def looks_like(head: str) -> bool:
    inner = block(head)
    if "id:" not in inner or ("references:" not in inner and not re.match(r"\ufeff?(?:---\s+)?- ", inner)):
        return False
    items = [each for each in _items(yamlworks.head_value(inner)) if isinstance(each, dict)]
    return bool(items) and all("id" in each and each.get("type", "book") in CSL_TYPES for each in items[:5])


FORMAT = Format(
    name="pandoc",
    summary="pandoc's references in YAML metadata",
    suffixes=(".yaml",),
    looks_like=looks_like,
    read=read,
)
