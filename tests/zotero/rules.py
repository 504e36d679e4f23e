"""What the test server holds an item to: the rules of the protocol page on fields, creators and tags, as functions.

Where the server was once kinder than the real one, and is no longer (file and rule of the real one):

- ``GET /api/`` of the local API answers plain text, not JSON (zotero/zotero, server_localAPI.js, ``Root``).
- The local API can be switched off: 403 "Local API is not enabled" (the same, ``_initInternal``).
- A group says itself who may edit (``libraryEditing``), whatever the key may do (zotero/dataserver, Groups, Permissions).
- ``q`` looks into the stored title, markup and all: ``<span class="nocase">`` in a word hides the word (Items::search).
- The same key twice in one request: 412 for the second (ItemsController, updateMultipleFromJSON).
- Attachments and notes: ``linkMode`` is required and cannot change, ``path`` only for linked files, ``md5`` and ``mtime``
  only for stored ones, linked files only in user libraries, a parent that exists and is no child, no collections for a
  child (Items::validateJSONItem, Item::setAttachmentField "Linked files can only be added to user libraries").
- Files: 428 without If-Match or If-None-Match, 412 when there is one, ``exists`` for known content, else address, prefix
  and suffix for the storage, which is another host and is sent no key; then the upload is registered (ItemsController,
  _handleFileRequest; StorageController).
- ``itemType=a || b`` and ``/collections/KEY/items`` (children of what is inside too) are answered (API.inc.php).
- A good status can come with any body (proxies, captive portals): ``ZoteroServer.instead``.
"""

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


LINK_MODES = ("imported_file", "imported_url", "linked_file", "linked_url")
CHILD_FIELDS = FREE | {
    "linkMode",
    "title",
    "path",
    "url",
    "accessDate",
    "contentType",
    "charset",
    "filename",
    "md5",
    "mtime",
}


def check_child(data: dict[str, Any], items: dict[str, Any], group: bool, known: bool) -> None:
    """The rules for attachments and notes."""
    extra = sorted(name for name in data if name not in CHILD_FIELDS)
    if extra:
        raise Refuse(400, f"'{extra[0]}' is not a valid field for type '{data['itemType']}'")
    if data.get("parentItem"):
        parent = items.get(data["parentItem"])
        if parent is None:
            raise Refuse(409, f"Parent item {data['parentItem']} not found")
        if parent["data"].get("parentItem"):
            raise Refuse(409, "Parent item cannot be a child item")
        if data.get("collections"):
            raise Refuse(400, "Child items cannot be assigned to collections")
    if len(data.get("note", "")) > 500_000:
        raise Refuse(413, "Note is too long")
    if data["itemType"] == "note":
        if any(data.get(name) for name in ("linkMode", "path", "url", "title")):
            raise Refuse(400, "a note has no such field")
        return
    mode = data.get("linkMode")
    if mode not in LINK_MODES:
        raise Refuse(400, f"'{mode}' is not a valid linkMode" if mode else "'linkMode' property not provided")
    if known and items[data["key"]]["data"].get("linkMode") != mode:
        raise Refuse(400, "Cannot change attachment linkMode")
    if mode == "linked_file" and group:
        raise Refuse(400, "Linked files can only be added to user libraries")
    if data.get("path") and mode != "linked_file":
        raise Refuse(400, "'path' is valid only for linked file attachment items")
    if not mode.startswith("imported") and (data.get("md5") or data.get("mtime") or data.get("filename")):
        raise Refuse(400, "'md5', 'mtime' and 'filename' are valid only for stored files")
