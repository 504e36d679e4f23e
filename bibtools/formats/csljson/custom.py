"""What ``custom`` says, believed where its shape is right and the variable still says what was written with it.

The names are those of the table in the package's docstring. A reader here returns whether it understood; what nobody
understands, and every name of another program, is kept in ``extra`` as ``custom.<name>``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bibtools import jsontext
from bibtools.formats.csljson.values import Item, names
from bibtools.formats.csljson.vocabulary import CODES, DATES, EXTRAS, FIELD_OF, TEXT, jurisdiction, shown, translations
from bibtools.record import Date

__all__ = ["read"]

CslItem = dict[str, Any]


def read(item: Item, csl: CslItem) -> None:
    """Correct what was read from the variables by what ``custom`` knows better."""
    custom = csl.get("custom")
    if not isinstance(custom, dict):
        item.keep("custom", custom)
        return
    for key, value in custom.items():
        reader = READERS.get(key)
        if reader is None or not reader(item, csl, value):
            item.keep(f"custom.{key}", value)
    for key, value in custom.again if isinstance(custom, jsontext.Repeated) else ():
        item.keep(f"custom.{key}", value)


def _plain(name: str, kind: type) -> Callable[[Item, CslItem, Any], bool]:
    def reader(item: Item, csl: CslItem, value: Any) -> bool:
        if isinstance(value, kind):
            item.fields[name] = value
        return isinstance(value, kind)

    return reader


def _type(item: Item, csl: CslItem, value: Any) -> bool:
    believed = item.fields["type"] == "document" and isinstance(value, str)
    if believed:
        item.fields["type"] = value
    return believed


def _categories(item: Item, csl: CslItem, value: Any) -> bool:
    if _are(value, str):
        item.fields["categories"] = tuple(value)
    return _are(value, str)


def _source_text(item: Item, csl: CslItem, value: Any) -> bool:
    if not isinstance(value, dict) or not _are(list(value.values()), str):
        return False
    for variable, text in value.items():
        name = FIELD_OF.get(variable, "")
        written = csl.get(variable, "")
        same = shown(variable, text) == written or written in translations(text, csl.get("language"))
        if same and (name in TEXT or name in CODES):
            item.fields[name] = text
        elif variable == "publisher-place" and csl.get("jurisdiction") == jurisdiction(shown(variable, text)):
            item.fields[name] = text
            item.extra.remove(("jurisdiction", csl["jurisdiction"]))
    return True


def _keyword(item: Item, csl: CslItem, value: Any) -> bool:
    if _are(value, str) and ", ".join(value) == csl.get("keyword"):
        item.fields["keyword"] = tuple(value)
    return _are(value, str)


def _inferred(item: Item, csl: CslItem, value: Any) -> bool:
    for variable in value if _are(value, str) else ():
        name = FIELD_OF.get(variable, "")
        if name in DATES:
            item.fields[name] = replace(item.fields.get(name, Date()), inferred=True)
    return _are(value, str)


def _derived(item: Item, csl: CslItem, value: Any) -> bool:
    item.has_derived_url = value == ["URL"]
    return item.has_derived_url


def _creators(item: Item, csl: CslItem, value: Any) -> bool:
    if not _are_pairs(value) or not all(isinstance(role, str) for role, _ in value):
        return False
    item.fields["other_creators"] += tuple((role, names(item, role, people)) for role, people in value)
    return True


def _extra(item: Item, csl: CslItem, value: Any) -> bool:
    """The pairs in their order; a variable that another program changed or removed has its word."""
    if not _are_pairs(value) or not all(_are(pair, str) for pair in value):
        return False
    now, seen, kept = dict(item.extra), set(), []
    for name, text in value:
        if name in EXTRAS and name not in seen and text:
            seen.add(name)
            if name in now:
                kept.append((name, now[name]))
        else:
            kept.append((name, text))
    item.extra[:] = kept + [pair for pair in item.extra if pair[0] not in seen]
    return True


READERS: dict[str, Callable[[Item, CslItem, Any], bool]] = {
    "authors-truncated": _plain("authors_truncated", bool),
    "arxiv-id": _plain("arxiv_id", str),
    "arxiv-categories": _categories,
    "type": _type,
    "entry-type": _plain("entry_type", str),
    "source-text": _source_text,
    "keyword": _keyword,
    "inferred": _inferred,
    "derived": _derived,
    "creators": _creators,
    "extra": _extra,
}


def _are(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, list) and len(each) == 2 for each in value)
