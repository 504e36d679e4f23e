"""Which fields and creator types each Zotero item type has, and what a server would refuse an item for.

The server is strict per item type, so an item is checked here first: a wrong field is our message with the record's name,
not the server's with an index. ``schema.json`` beside this module is a table of facts generated from zotero-schema 41
(``python -m zotero_bridge.schema SCHEMA.json``) so that dry runs work offline; when the server's own ``/schema`` is at hand
it is used instead. Types named by CSL and creator roles named by CSL are in the same table, because the mapping needs both.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Item", "ItemType", "Schema", "offline", "read", "table"]

Item = dict[str, Any]

NOT_BIBLIOGRAPHIC = frozenset({"attachment", "note", "annotation"})
ALWAYS = frozenset(
    "key version itemType creators tags collections relations dateAdded dateModified deleted inPublications parentItem".split()
)
KEY = re.compile(r"[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}")
ISO = re.compile(r"-?\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
LONGEST_FIELD = 65_000  # characters; a title of 70,000 was refused with 413
LONGEST_NAME = 255
LONGEST_TAG = 255


@dataclass(frozen=True, slots=True)
class ItemType:
    name: str
    fields: tuple[str, ...]
    creators: tuple[str, ...] = ()  # the primary one first
    base: Mapping[str, str] = field(default_factory=dict)  # own field -> the base field it stands for

    def own(self, base: str) -> str:
        """The name under which this type has a (base) field, or ``""``."""
        for name, stands_for in self.base.items():
            if stands_for == base:
                return name
        return base if base in self.fields else ""


@dataclass(frozen=True)
class Schema:
    version: int
    types: Mapping[str, ItemType]
    csl_types: Mapping[str, str]  # Zotero item type -> CSL type
    csl_roles: Mapping[str, str]  # Zotero creator type -> CSL role
    places: dict[str, dict[str, str]] = field(default_factory=dict, init=False, compare=False)  # see `fields.natives`

    def base(self, item_type: str, name: str) -> str:
        """The base field that a type's field stands for, or the field itself."""
        kind = self.types.get(item_type)
        return kind.base.get(name, name) if kind else name

    def problems(self, item: Item) -> tuple[str, ...]:
        """What the server would refuse this item for, in words; ``()`` when nothing."""
        kind = self.types.get(str(item.get("itemType", "")))
        if kind is None or kind.name in NOT_BIBLIOGRAPHIC:
            return (f"'{item.get('itemType')}' is not an item type of this library's schema",)
        return (
            *_field_problems(kind, item),
            *(each for creator in item.get("creators", ()) for each in _creator_problems(kind, creator)),
            *(each for tag in item.get("tags", ()) for each in _tag_problems(tag)),
        )


def _field_problems(kind: ItemType, item: Item) -> list[str]:
    found = []
    for name, value in item.items():
        if name in ALWAYS:
            continue
        if name not in kind.fields:
            found.append(f"'{name}' is not a valid field for type '{kind.name}'")
        elif not isinstance(value, str):
            found.append(f"'{name}' must be text")
        elif len(value) > LONGEST_FIELD:
            found.append(f"'{name}' is too long for Zotero: {len(value):,} characters, the limit is {LONGEST_FIELD:,}")
        elif name == "accessDate" and value and not ISO.fullmatch(value):
            found.append("'accessDate' must be an ISO 8601 date")
    if "key" in item and not KEY.fullmatch(str(item["key"])):
        found.append(f"'{item['key']}' is not a valid item key")
    return found


def _creator_problems(kind: ItemType, creator: Mapping[str, Any]) -> list[str]:
    found = []
    if creator.get("creatorType") not in kind.creators:
        found.append(f"'{creator.get('creatorType')}' is not a valid creator type for type '{kind.name}'")
    if "name" in creator and ("firstName" in creator or "lastName" in creator):
        found.append("a creator has 'name' or 'firstName' and 'lastName', not both")
    if creator.get("firstName") and not creator.get("lastName"):
        found.append("a creator's 'firstName' needs a 'lastName'")
    if any(len(str(creator.get(part, ""))) > LONGEST_NAME for part in ("name", "firstName", "lastName")):
        found.append(f"a creator's name is longer than {LONGEST_NAME} characters")
    return found


def _tag_problems(tag: Mapping[str, Any]) -> list[str]:
    if len(str(tag.get("tag", ""))) > LONGEST_TAG:
        return [f"a tag is longer than {LONGEST_TAG} characters"]
    return []


def read(source: Mapping[str, Any]) -> Schema:
    """The schema as the server's ``/schema`` gives it. Raises KeyError or TypeError when it is something else."""
    types = {}
    for each in source["itemTypes"]:
        roles = sorted(each["creatorTypes"], key=lambda role: not role.get("primary", False))
        types[each["itemType"]] = ItemType(
            each["itemType"],
            tuple(f["field"] for f in each["fields"]),
            tuple(role["creatorType"] for role in roles),
            {f["field"]: f["baseField"] for f in each["fields"] if "baseField" in f},
        )
    csl_types = {zotero: csl for csl, names in source["csl"]["types"].items() for zotero in names}
    return Schema(int(source["version"]), types, csl_types, dict(source["csl"]["names"]))


def table(schema: Schema) -> str:
    """A schema as the compact JSON that stands beside this module, one type a line."""
    rows = []
    for name, kind in sorted(schema.types.items()):
        fields = " ".join(f"{each}={kind.base[each]}" if each in kind.base else each for each in kind.fields)
        row = {"fields": fields, "creators": " ".join(kind.creators), "csl": schema.csl_types.get(name, "")}
        rows.append(f'"{name}": {json.dumps(row)}')
    roles = json.dumps(dict(sorted(schema.csl_roles.items())))
    return f'{{"version": {schema.version},\n"roles": {roles},\n"types": {{\n' + ",\n".join(rows) + "\n}}\n"


@cache
def offline() -> Schema:
    """The table that comes with the program."""
    source = json.loads(files("zotero_bridge").joinpath("schema.json").read_text(encoding="utf-8"))
    types = {}
    for name, row in source["types"].items():
        pairs = [each.partition("=") for each in row["fields"].split()]
        base = {own: stands_for for own, _, stands_for in pairs if stands_for}
        types[name] = ItemType(name, tuple(own for own, _, _ in pairs), tuple(row["creators"].split()), base)
    csl = {name: row["csl"] for name, row in source["types"].items() if row["csl"]}
    return Schema(source["version"], types, csl, source["roles"])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as given:  # noqa: PTH123
        sys.stdout.write(table(read(json.load(given))))
