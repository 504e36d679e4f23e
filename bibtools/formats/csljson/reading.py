"""Items of CSL-JSON to records. Whatever an item holds, reading it never raises and drops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibtools import jsontext
from bibtools.format import ReadOptions, collect
from bibtools.formats.csljson import custom
from bibtools.formats.csljson.splitting import Fault, Lines, items
from bibtools.formats.csljson.values import Item, date, names, text
from bibtools.formats.csljson.vocabulary import (
    ALIASES,
    DATES,
    FIELD_OF,
    NAMES,
    ROLES,
    eprint_url,
    is_others,
    recorded,
    split_keywords,
)
from bibtools.record import CSL_TYPES, Batch, Date, Name, Origin, Problem, Record

__all__ = ["from_csl", "read"]

NOWHERE = Origin()
ELSEWHERE = frozenset({"id", "type", "custom", "keyword", "citation-key"})  # keys with a function of their own below


def from_csl(csl: dict[str, Any], origin: Origin = NOWHERE) -> tuple[Record, tuple[Problem, ...]]:
    """The record of one item, with what is to be told about it."""
    item = Item(origin)
    _read_variables(item, csl)
    _identify(item, csl)
    _read_keywords(item, csl.get("keyword"))
    custom.read(item, csl)
    authors = item.fields.get("author", ())
    if "authors_truncated" not in item.fields and is_others(*authors[-1:]):
        item.fields.update(author=authors[:-1], authors_truncated=True)
    for key, value in csl.again if isinstance(csl, jsontext.Repeated) else ():
        item.keep(key, value, "stands twice, the first one counts")
    record = Record(**item.fields, extra=tuple(item.extra), origin=origin)
    if item.has_derived_url and record.url == eprint_url(record):
        record = record.replace(url="")
    return record, tuple(item.problems)


def _read_variables(item: Item, csl: dict[str, Any]) -> None:
    others: list[tuple[str, tuple[Name, ...]]] = []
    for key, value in sorted(
        csl.items(), key=lambda pair: pair[0] in ALIASES
    ):  # the sort is stable: only aliases go last
        variable = ALIASES.get(key, key)
        name = FIELD_OF.get(variable)
        if name is not None and name in item.fields:
            if value != csl.get(variable):
                item.keep(key, value)
        elif name in NAMES:
            item.fields[name] = names(item, variable, value)
        elif name in DATES:
            _read_date(item, name, key, value)
        elif name is not None:
            _read_text(item, name, key, value)
        elif key in ROLES:
            others.append((key, names(item, key, value)))
        elif key not in ELSEWHERE:
            item.keep(key, value)
    item.fields["other_creators"] = tuple((role, people) for role, people in others if people)


def _identify(item: Item, csl: dict[str, Any]) -> None:
    """Key and type. Better BibTeX gives Zotero's own URI as ``id`` and the key as ``citation-key``: the key counts."""
    identifier, key = text(csl.get("id")), text(csl.get("citation-key"))
    if identifier is None:
        item.keep("id", csl.get("id"), "is no text")
    elif key and identifier not in ("", key):
        item.keep("id", identifier)
    if key is None:
        item.keep("citation-key", csl.get("citation-key"), "is no text")
    item.fields["id"] = key or identifier or ""
    kind = csl.get("type")
    item.fields["type"] = kind if isinstance(kind, str) and kind else "document"
    if not isinstance(kind, str):
        item.keep("type", kind, "is no text")
    elif kind and kind not in CSL_TYPES:
        item.problems.append(Problem(f"{kind!r} is no type of CSL", item.origin, "warning"))


def _read_text(item: Item, name: str, key: str, value: Any) -> None:
    found = text(value)
    if found is None:
        item.keep(key, value, "is no text")
    else:
        item.fields[name] = recorded(key, found)


def _read_date(item: Item, name: str, key: str, value: Any) -> None:
    found = Date() if value is None else date(value)
    if found is None:
        item.keep(key, value, "is no date")
    else:
        item.fields[name] = found


def _read_keywords(item: Item, value: Any) -> None:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        item.fields["keyword"] = tuple(each for each in value if each)
    elif (found := text(value)) is not None:
        item.fields["keyword"] = split_keywords(found)
    else:
        item.keep("keyword", value, "is no text")


def read(source: str, options: ReadOptions) -> Batch:
    return collect(_stream(source, options))


def _stream(source: str, options: ReadOptions) -> Iterator[Record | Problem]:
    lines = Lines(source)
    index = 0
    strange: list[str] = []  # values that are no items, told together: a list of a million numbers is one problem
    begun = NOWHERE
    for at, value in items(source):
        origin = Origin(options.source, lines(at), index)
        if not isinstance(value, dict | Fault):
            begun = begun if strange else origin
            strange.append(jsontext.dumps(value))
            continue
        if strange:
            yield _strange(strange, begun)
            strange = []
        if isinstance(value, Fault):
            place = Origin(options.source, lines(value.error.at), index)
            yield Problem(str(value.error), place, text=value.text)
            continue
        record, problems = from_csl(value, origin)
        index += 1
        yield record
        yield from problems
    if strange:
        yield _strange(strange, begun)


def _strange(values: list[str], origin: Origin) -> Problem:
    what = (
        "an item of CSL-JSON is an object"
        if len(values) == 1
        else f"{len(values):,} values that are no items of CSL-JSON"
    )
    return Problem(what, origin, text=", ".join(values))
