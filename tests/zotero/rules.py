"""What the test server holds an item to: the rules of the protocol page on fields, creators and tags, as functions."""

from __future__ import annotations

import re
from typing import Any

from zotero_bridge import schema as schemas

FREE = frozenset(
    """key version itemType creators tags collections relations dateAdded dateModified deleted parentItem note
    inPublications""".split()
)
ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?|")
URI = re.compile(r"https?://zotero\.org/(users|groups)/\d+/items/[23456789ABCDEFGHIJKLMNPQRSTUVWXYZ]{8}")


class Refuse(Exception):  # noqa: N818
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def served_schema() -> dict[str, Any]:
    """Our table in the form in which a server gives its schema."""
    table = schemas.offline()
    csl: dict[str, list[str]] = {}
    for zotero, name in table.csl_types.items():
        csl.setdefault(name, []).append(zotero)
    types = []
    for kind in table.types.values():
        fields = [{"field": f, **({"baseField": kind.base[f]} if f in kind.base else {})} for f in kind.fields]
        roles = [{"creatorType": c, **({"primary": True} if not n else {})} for n, c in enumerate(kind.creators)]
        types.append({"itemType": kind.name, "fields": fields, "creatorTypes": roles})
    return {"version": table.version, "itemTypes": types, "csl": {"types": csl, "names": dict(table.csl_roles)}}


def searched(data: dict[str, Any], everything: bool) -> str:
    names = " ".join(
        f"{c.get('firstName', '')} {c.get('lastName', '')} {c.get('name', '')}" for c in data.get("creators", [])
    )
    more = f"{data.get('DOI', '')} {data.get('citationKey', '')}" if everything else ""
    return f"{data.get('title', '')} {names} {data.get('date', '')[:4]} {more}".lower()


def check_creator(creator: Any, roles: set[str], item_type: str) -> None:
    if creator.get("creatorType") not in roles:
        raise Refuse(400, f"'{creator.get('creatorType')}' is not a valid creator type for type '{item_type}'")
    if "name" in creator and ("firstName" in creator or "lastName" in creator):
        raise Refuse(400, "'name' excludes 'firstName' and 'lastName'")
    if creator.get("firstName") and not creator.get("lastName"):
        raise Refuse(400, "'lastName' is required with 'firstName'")
    if any(len(creator.get(part, "")) > 255 for part in ("name", "firstName", "lastName")):
        raise Refuse(413, "Creator name is too long")


def tidied(data: dict[str, Any]) -> dict[str, Any]:
    """What a server changes silently: control characters, blanks and duplicates of tags, empty names and fields."""
    found = {n: re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", v) if isinstance(v, str) else v for n, v in data.items()}
    tags: dict[str, Any] = {}
    for tag in found.get("tags", []):
        if tag["tag"].strip():
            tags.setdefault(tag["tag"].strip(), {**tag, "tag": tag["tag"].strip()})
    found["tags"] = list(tags.values())
    found["creators"] = [c for c in found.get("creators", []) if c.get("name") or c.get("lastName")]
    found.setdefault("collections", [])
    found.setdefault("relations", {})
    return found
