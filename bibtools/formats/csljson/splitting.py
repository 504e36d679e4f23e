"""A text into its items, one by one, so that a broken or cut one costs only itself and every item knows its line."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from bibtools import jsontext
from bibtools.formats.csljson.vocabulary import ALIASES, EXTRAS, FIELD_OF, ROLES
from bibtools.jsontext import NotJSONError
from bibtools.record import CSL_TYPES

__all__ = ["Fault", "Lines", "items", "looks_like"]

NEXT_ITEM = re.compile(r"\}\s*,\s*(?=\{)")
ITEM_KEYS = frozenset({"id", "type", "title"})


class Lines:
    """Line numbers of growing offsets, counted once."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1

    def __call__(self, at: int) -> int:
        self.line += self.text.count("\n", self.at, at)
        self.at = max(self.at, at)
        return self.line


class Fault:
    """A stretch of text that gave no item."""

    def __init__(self, error: NotJSONError, text: str) -> None:
        self.error, self.text = error, text


def items(text: str) -> Iterator[tuple[int, Any]]:
    """Offset and value of everything that should be an item, whatever holds them together."""
    at = jsontext.skip(text, 1 if text.startswith("\ufeff") else 0)
    while at < len(text):
        if text[at] == "[":
            at = yield from _list(text, at + 1)
        else:
            try:
                value, end = jsontext.decode_at(text, at)
            except NotJSONError as error:
                yield at, Fault(error, text[at:])
                return
            yield from ((at, each) for each in _held(value))
            at = end
        at = jsontext.skip(text, at)


def _held(value: Any) -> Iterable[Any]:
    """The items of an object that is none itself."""
    if isinstance(value, dict) and type(value) is not jsontext.Repeated:
        for key in ("items", "references"):
            if isinstance(value.get(key), list):
                return list(value[key])
        if value and all(isinstance(each, dict) and ITEM_KEYS & each.keys() for each in value.values()):
            return [{"id": key, **each} for key, each in value.items()]
    return [value]


def _list(text: str, at: int) -> Generator[tuple[int, Any], None, int]:
    """The items of a list that begins before ``at``; returns the offset behind the list."""
    while True:
        at = jsontext.skip(text, at)
        if text[at : at + 1] == "]":
            return at + 1
        try:
            value, end = jsontext.decode_at(text, at)
        except NotJSONError as error:
            end = -1 if error.cut else _next_item(text, max(at, error.at))
            yield at, Fault(error, text[at:] if end < 0 else text[at:end])
            if end < 0:
                return len(text)
            at = end
            continue
        yield at, value
        at = jsontext.skip(text, end)
        if text[at : at + 1] == ",":
            at += 1
        elif text[at : at + 1] not in ("]", "{"):  # a missing comma between two objects costs nothing
            yield at, Fault(NotJSONError("the JSON ends too early", at, at >= len(text)), text[at:])
            return len(text)


def _next_item(text: str, at: int) -> int:
    """Where the next readable item begins, -1 if nowhere: an object behind ``},`` that has what only items have."""
    for found in NEXT_ITEM.finditer(text, at):
        try:
            value, _ = jsontext.decode_at(text, found.end())
        except NotJSONError:
            continue
        if isinstance(value, dict) and ITEM_KEYS & value.keys():
            return found.end()
    return -1


OWN_KEYS = frozenset(key for key in (*FIELD_OF, *ROLES, *EXTRAS, *ALIASES) if "-" in key or key != key.lower())
TYPE = re.compile(r'"type"\s*:\s*"([a-z_-]+)"')


def looks_like(head: str) -> bool:
    """A list of items, or an object that is an item, holds ``items``, or holds items by id."""
    at = jsontext.skip(head, 1 if head.startswith("\ufeff") else 0)
    if head[at : at + 1] == "[":
        inner = jsontext.skip(head, at + 1)
        return head[inner : inner + 1] == "]" or _is_item(head, inner)
    return _is_item(head, at, alone=True)


BIBTEX_KEYS = frozenset({"year", "journal", "booktitle", "pages", "ENTRYTYPE", "entrytype"})
ITS_KEYS = frozenset(
    (*FIELD_OF, *ROLES, *EXTRAS, *ALIASES, "id", "type", "custom", "citation-key", "categories", "keyword")
)


def _is_foreign(item: dict[str, Any]) -> bool:
    """An object of another program whose types share a word with CSL (papis: ``"author": "Bee, A", "type": "article"``).

    Its names are no list of objects, its date is a number, or its keys are BibTeX's, or most of them its own.
    """
    if isinstance(item.get("title"), list) or 2 * len(ITS_KEYS & item.keys()) < len(item):
        return True
    people = [value for name in ("author", "editor", "translator") if (value := item.get(name)) is not None]
    if any(not isinstance(each, list) or not all(isinstance(one, dict) for one in each) for each in people):
        return True
    if isinstance(item.get("issued"), int):
        return True
    return bool(BIBTEX_KEYS & item.keys()) and "issued" not in item and not OWN_KEYS & item.keys()


def _is_item(head: str, at: int, *, alone: bool = False) -> bool:
    if head[at : at + 1] != "{":
        return False
    try:
        value, end = jsontext.decode_at(head, at)
    except NotJSONError as error:
        return error.cut and '"itemType"' not in head and any(kind in CSL_TYPES for kind in TYPE.findall(head, at))
    if alone and (held := list(_held(value)))[:1] != [value]:
        return (
            bool(held) and isinstance(held[0], dict) and not _is_foreign(held[0]) and held[0].get("type") in CSL_TYPES
        )
    if _is_foreign(value):
        return False
    known = value.get("type") in CSL_TYPES if isinstance(value.get("type"), str) else False
    own = bool(OWN_KEYS & value.keys()) or (isinstance(value.get("issued"), dict) and "date-parts" in value["issued"])
    return known and (own or not alone or "\n" in head[at:end])
