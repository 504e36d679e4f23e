"""The Web API (https://api.zotero.org, or any server that speaks it): `Backend` over a `Client`.

The whole library is read once, a hundred items a page; after that only what changed (``since=``) and what was deleted. When
the library changes between pages the reading is not begun anew, which on a busy library might never end: the list of all
keys and versions, one request, says what is missing or out of date, and that is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from zotero_bridge import schema as schemas
from zotero_bridge.backend import (
    Access,
    Changes,
    Failure,
    Progress,
    Snapshot,
    StaleError,
    TooLargeError,
    Written,
    data_of,
)
from zotero_bridge.client import Answer, Client, RefusedError, UnknownOutcomeError, ZoteroError
from zotero_bridge.schema import Item, Schema

__all__ = ["BATCH", "DEFAULT_BASE", "PAGE", "Web"]

DEFAULT_BASE = "https://api.zotero.org"
PAGE = 100
TRASH_TOO = {"includeTrashed": "1"}
CHILDREN = {**TRASH_TOO, "itemType": "attachment || note"}
MOST_PAGES = 100_000  # of 100 items each
BATCH = 50
NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


class Web:
    chooses_keys = True
    schema_path = "/schema"

    def __init__(self, client: Client, library: str) -> None:
        """`library` is ``user`` (whose key it is), ``user:ID`` or ``group:ID``."""
        self.client = client
        self.server = client.base
        self._wanted = library
        self._user_id = library.partition(":")[2] if library.startswith("user:") else ""

    @property
    def library(self) -> str:
        kind, _, number = self._wanted.partition(":")
        return f"{kind}:{number or self._user_id}"

    @property
    def prefix(self) -> str:
        kind, _, number = self.library.partition(":")
        return f"/{kind}s/{number}"

    def access(self) -> Access:
        answer = self.client.get("/keys/current")
        if answer.status in (401, 403, 404):
            raise RefusedError(
                "the server does not know this API key (make one at zotero.org/settings/keys)", answer.status
            )
        found = self._object(answer, "/keys/current")
        if not isinstance(found.get("userID"), int):
            raise self._strange("/keys/current")
        user = str(found["userID"])
        rights = _part(found, "access")
        kind, _, number = self._wanted.partition(":")
        if kind == "user":
            self._user_id = number or user
            own = _part(rights, "user") if self._user_id == user else {}
        else:
            groups = _part(rights, "groups")
            own = _part(groups, number) or _part(groups, "all")
        read, write = bool(own.get("library")), bool(own.get("write"))
        why = "" if write else "the key may only read it" if read else "the key has no access to it"
        if write and kind == "group" and not self._may_edit(number, user):
            write, why = False, "only the group's administrators may edit it"
        return Access(str(found.get("username") or user), read, write, why)

    def _may_edit(self, group: str, user: str) -> bool:
        """What the group says of itself, whatever the key may do."""
        answer = self.client.get(f"/groups/{group}")
        if answer.status != 200:
            return True
        found = _part(self._object(answer, f"/groups/{group}"), "data")
        editors = [found.get("owner"), *(found.get("admins") or ())]
        return found.get("libraryEditing") != "admins" or user in map(str, editors)

    def schema(self, etag: str) -> tuple[Schema, str, str] | None:
        answer = self.client.get(self.schema_path, headers={"If-None-Match": etag} if etag else {})
        if answer.status == 304:
            return None
        self._demand(answer, 200)
        try:
            return schemas.read(answer.json()), answer.headers.get("etag", ""), answer.text
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ZoteroError(f"{self.server} has a schema that this program cannot read") from None

    def all_items(self, progress: Progress) -> Snapshot:
        items, versions = self._pages(
            "/items/top", {"includeTrashed": "1", "sort": "dateAdded", "direction": "asc"}, progress
        )
        if len(set(versions)) <= 1:
            return Snapshot(items, versions[0])
        return self._completed(items)

    def _completed(self, items: dict[str, Item]) -> Snapshot:
        listed, version = self._versions()
        return Snapshot(self._completed_from(items, listed), version)

    def _completed_from(self, items: dict[str, Item], listed: dict[str, int]) -> dict[str, Item]:
        stale = [key for key, at in listed.items() if key not in items or items[key].get("version") != at]
        return {key: item for key, item in {**items, **self.items(stale)}.items() if key in listed}

    def _versions(self, path: str = "/items/top", params: Mapping[str, str] = TRASH_TOO) -> tuple[dict[str, int], int]:
        answer = self.client.get(self.prefix + path, {**params, "format": "versions"})
        found = self._object(answer, "the list of versions")
        if not all(isinstance(version, int) for version in found.values()):
            raise self._strange("the list of versions")
        return found, answer.version

    def changes(self, since: int, known: frozenset[str]) -> Changes:
        items, versions = self._pages("/items/top", {**TRASH_TOO, "since": str(since)}, lambda done, total: None)
        version = versions[0]  # what changes while we read will be seen the next time
        if len(set(versions)) > 1:
            listed, version = self._versions()
            items = self._completed_from(items, {key: at for key, at in listed.items() if at > since})
        return Changes(items, self._gone(since, version) - items.keys(), version)

    def children(self, since: int, known: frozenset[str]) -> Changes:
        items, versions = self._pages("/items", {**CHILDREN, "since": str(since)}, lambda done, total: None)
        version = min(versions)  # what changed between two pages is read again the next time
        return Changes(items, self._gone(since, version) - items.keys() if since else frozenset(), version)

    def _gone(self, since: int, version: int) -> frozenset[str]:
        """Keys that were deleted for good after a version."""
        if version == since:
            return frozenset()
        answer = self.client.get(f"{self.prefix}/deleted", {"since": str(since)})
        gone = self._object(answer, "the list of what was deleted").get("items", [])
        if not isinstance(gone, list) or not all(isinstance(key, str) for key in gone):
            raise self._strange("the list of what was deleted")
        return frozenset(gone)

    def items(self, keys: Sequence[str]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for start in range(0, len(keys), BATCH):
            wanted = {"itemKey": ",".join(keys[start : start + BATCH]), "includeTrashed": "1"}
            found.update(self._pages("/items", wanted, lambda done, total: None)[0])
        return found

    def _pages(self, path: str, params: dict[str, str], progress: Progress) -> tuple[dict[str, Item], list[int]]:
        answer = self.client.get(self.prefix + path, {**params, "limit": str(PAGE)})
        found: dict[str, Item] = {}
        versions: list[int] = []
        seen: set[str] = set()
        while True:
            self._demand(answer, 200)
            versions.append(answer.version)
            for item in self._entries(answer, path):
                found[item["key"]] = item
            total = answer.headers.get("total-results", "")
            progress(len(found), int(total) if total.isdecimal() else len(found))
            following = NEXT.search(answer.headers.get("link", ""))
            if not following:
                return found, versions
            if following.group(1) in seen or len(seen) > MOST_PAGES:
                raise ZoteroError(f"{self.server}: the pages of {path} have no end; nothing was changed")
            seen.add(following.group(1))
            answer = self.client.get(following.group(1))

    def _entries(self, answer: Answer, path: str) -> list[Item]:
        entries = answer.json()
        if not isinstance(entries, list):
            raise self._strange(path)
        items = [
            data_of(entry) for entry in entries if isinstance(entry, dict) and isinstance(entry.get("data", {}), dict)
        ]
        fine = all(
            isinstance(item.get("key"), str) and item["key"] and isinstance(item["version"], int) for item in items
        )
        if len(items) != len(entries) or not fine:
            raise self._strange(path)
        return items

    def write(self, objects: Sequence[Item], version: int | None, token: str = "") -> Written:
        headers = {} if version is None else {"If-Unmodified-Since-Version": str(version)}
        if token:
            headers["Zotero-Write-Token"] = token
        answer = self.client.post(f"{self.prefix}/items", list(objects), headers)
        if answer.status == 412:
            raise StaleError
        if answer.status == 413:
            raise TooLargeError
        self._demand(answer, 200)
        return self._written(answer, objects)

    def _written(self, answer: Answer, objects: Sequence[Item]) -> Written:
        try:
            body = answer.json()
            saved = {int(place): data_of(entry) for place, entry in body.get("successful", {}).items()}
            for place, key in body.get("success", {}).items():
                saved.setdefault(int(place), {**objects[int(place)], "key": key, "version": answer.version})
            failed = {
                int(place): Failure(int(each.get("code", 0)), self.client.clean(str(each.get("message", ""))))
                for place, each in body.get("failed", {}).items()
            }
            unchanged = frozenset(int(place) for place in body.get("unchanged", {}))
            if not all(isinstance(item["key"], str) and isinstance(item["version"], int) for item in saved.values()):
                raise TypeError
            if len(saved.keys() | failed.keys() | unchanged) != len(objects):
                raise ValueError("nothing is said of some of the objects")
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            raise UnknownOutcomeError(f"{self.server} answered a write in a form that is not Zotero's") from None
        return Written(answer.version, saved, unchanged, failed)

    def version(self, since: int) -> int:
        headers = {"If-Modified-Since-Version": str(since)} if since else {}
        answer = self.client.get(f"{self.prefix}/items", {"format": "versions", "limit": "1"}, headers)
        if answer.status == 304:
            return since
        self._demand(answer, 200)
        return answer.version

    def upload(self, key: str, path: str) -> None:
        """Ask, send, register: https://www.zotero.org/support/dev/web_api/v3/file_upload."""
        content = Path(path).read_bytes()
        at = f"{self.prefix}/items/{key}/file"
        form = {
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "filename": Path(path).name,
            "filesize": str(len(content)),
            "mtime": str(int(Path(path).stat().st_mtime * 1000)),
        }
        answer = self.client.form(at, form, {"If-None-Match": "*"})
        if answer.status == 412:
            return  # it has its file
        if answer.status == 413:
            raise RefusedError(f"{path}: too large for what is left of the storage", 413)
        made = self._object(answer, "the upload of a file")
        if made.get("exists"):
            return
        if not all(isinstance(made.get(name), str) for name in ("url", "contentType", "prefix", "suffix", "uploadKey")):
            raise self._strange("the upload of a file")
        body = made["prefix"].encode() + content + made["suffix"].encode()
        self.client.store(made["url"], body, made["contentType"])
        done = self.client.form(at, {"upload": made["uploadKey"]}, {"If-None-Match": "*"})
        if done.status not in (200, 204, 412):
            self._refuse(done)

    def collections(self) -> list[Item]:
        return list(self._pages("/collections", {}, lambda done, total: None)[0].values())

    def add_collection(self, key: str, name: str, parent: str) -> str:
        body: dict[str, Any] = {"name": name, "parentCollection": parent or False}
        if self.chooses_keys:
            body |= {"key": key, "version": 0}
        answer = self.client.post(f"{self.prefix}/collections", [body])
        self._demand(answer, 200)
        written = self._written(answer, [body])
        if 0 in written.failed and written.failed[0].code != 412:
            raise RefusedError(f"collection '{name}': {written.failed[0].message}", 400)
        return str(written.saved[0]["key"] if 0 in written.saved else key)

    def _object(self, answer: Answer, what: str) -> dict[str, Any]:
        """The answer as the JSON object that it should be."""
        self._demand(answer, 200)
        found = answer.json()
        if not isinstance(found, dict):
            raise self._strange(what)
        return found

    def _strange(self, what: str) -> ZoteroError:
        return ZoteroError(f"{self.server}: the answer to {what} is not Zotero's; nothing was changed")

    def _demand(self, answer: Answer, status: int) -> None:
        if answer.status != status:
            self._refuse(answer)

    def _refuse(self, answer: Answer) -> NoReturn:
        words = " ".join(self.client.clean(answer.text).split())[:200]
        reason = {403: "no permission", 404: "not there"}.get(answer.status, f"status {answer.status}")
        raise RefusedError(f"{self.server}{self.prefix}: {reason}" + (f": {words}" if words else ""), answer.status)


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within an object, empty when it is something else."""
    part = found.get(name)
    return part if isinstance(part, dict) else {}
