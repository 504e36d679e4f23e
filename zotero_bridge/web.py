"""The Web API (https://api.zotero.org, or any server that speaks it): `Backend` over a `Client`.

The whole library is read once, a hundred items a page; after that only what changed (``since=``) and what was deleted. When
the library changes between pages the reading is not begun anew, which on a busy library might never end: the list of all
keys and versions, one request, says what is missing or out of date, and that is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
        self._demand(answer, 200)
        found = answer.json()
        rights = found.get("access") or {}
        kind, _, number = self._wanted.partition(":")
        if kind == "user":
            self._user_id = number or str(found.get("userID", ""))
            own = rights.get("user") or {} if self._user_id == str(found.get("userID", "")) else {}
        else:
            groups = rights.get("groups") or {}
            own = groups.get(number) or groups.get("all") or {}
        read, write = bool(own.get("library")), bool(own.get("write"))
        why = "" if write else "the key may only read it" if read else "the key has no access to it"
        return Access(str(found.get("username") or found.get("userID", "")), read, write, why)

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

    def _versions(self) -> tuple[dict[str, int], int]:
        answer = self.client.get(f"{self.prefix}/items/top", {"format": "versions", "includeTrashed": "1"})
        self._demand(answer, 200)
        return dict(answer.json()), answer.version

    def changes(self, since: int, known: frozenset[str]) -> Changes:
        params = {"since": str(since), "includeTrashed": "1"}
        items, versions = self._pages("/items/top", params, lambda done, total: None)
        version = versions[0]  # what changes while we read will be seen the next time
        if len(set(versions)) > 1:
            listed, version = self._versions()
            items = self._completed_from(items, {key: at for key, at in listed.items() if at > since})
        if version == since:
            return Changes(items, frozenset(), version)
        answer = self.client.get(f"{self.prefix}/deleted", {"since": str(since)})
        self._demand(answer, 200)
        return Changes(items, frozenset(answer.json().get("items", ())) - items.keys(), version)

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
        while True:
            self._demand(answer, 200)
            versions.append(answer.version)
            for entry in answer.json():
                item = data_of(entry)
                found[item["key"]] = item
            total = answer.headers.get("total-results", "")
            progress(len(found), int(total) if total.isdecimal() else len(found))
            following = NEXT.search(answer.headers.get("link", ""))
            if not following:
                return found, versions
            answer = self.client.get(following.group(1))

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
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):
            raise UnknownOutcomeError(f"{self.server} answered a write in a form that is not Zotero's") from None
        return Written(answer.version, saved, unchanged, failed)

    def collections(self) -> list[Item]:
        return list(self._pages("/collections", {}, lambda done, total: None)[0].values())

    def add_collection(self, key: str, name: str, parent: str) -> str:
        body: dict[str, Any] = {"name": name, "parentCollection": parent or False}
        if self.chooses_keys:
            body |= {"key": key, "version": 0}
        answer = self.client.post(f"{self.prefix}/collections", [body])
        self._demand(answer, 200)
        found = answer.json()
        if "0" in found.get("failed", {}) and found["failed"]["0"].get("code") != 412:
            raise RefusedError(
                f"collection '{name}': {self.client.clean(str(found['failed']['0'].get('message')))}", 400
            )
        entry = found.get("successful", {}).get("0") or {}
        return str(entry.get("key") or key)

    def _demand(self, answer: Answer, status: int) -> None:
        if answer.status != status:
            self._refuse(answer)

    def _refuse(self, answer: Answer) -> NoReturn:
        words = " ".join(self.client.clean(answer.text).split())[:200]
        reason = {403: "no permission", 404: "not there"}.get(answer.status, f"status {answer.status}")
        raise RefusedError(f"{self.server}{self.prefix}: {reason}" + (f": {words}" if words else ""), answer.status)
