"""The local API of Zotero 10 and later: the same protocol as the Web API but for what this page says.

- Every write needs ``Zotero-Server-ID``, told by ``GET /api/``, and a local key. Without a key Zotero is asked to show its
  dialogue (``POST /api/local/authorize``); "Allow" gives a key for one write, "Always Allow" one that can be kept.
- Versions belong to this installation, so the state is kept per server id.
- There is no ``/deleted`` and no ``/keys``: what is gone shows by comparing the list of all keys with what we knew.
- Creating with a key of our own fails ("'primaryData' not loaded"), so the server chooses it and a write token, journalled
  before, makes a repetition harmless. Tokens live in memory: after a lost answer the library is looked at first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zotero_bridge.backend import Access, Changes, Written
from zotero_bridge.client import Client, NobodyThereError, RefusedError, ZoteroError
from zotero_bridge.schema import Item
from zotero_bridge.web import CHILDREN, Web

__all__ = ["DEFAULT_BASE", "Local"]

DEFAULT_BASE = "http://127.0.0.1:23119/api"
APP = "bibtools"


class Local(Web):
    chooses_keys = False

    def __init__(
        self, client: Client, library: str, remember: Callable[[str], None] = lambda key: None, ask: bool = True
    ) -> None:
        """`remember` is given a key that Zotero says may be kept; without `ask` no dialogue is opened."""
        super().__init__(client, library)
        self._user_id = self._user_id or "0"
        self._remember = remember
        self._ask = ask
        try:
            answer = client.get("/", json_wanted=False)  # "Nothing to see here."
        except NobodyThereError:
            raise NobodyThereError(
                f"{client.base}: Zotero is not running; start it and run the command again"
            ) from None
        if answer.status == 403:
            raise RefusedError(
                "Zotero's local API is switched off: Settings, Advanced, 'Allow other applications on this computer'",
                403,
            )
        self.server = answer.headers.get("zotero-server-id", "")
        if not self.server:
            raise ZoteroError(
                f"{client.base} is no Zotero 10 or later: it has no server id, so it cannot be written to"
            )
        client.headers["Zotero-Server-ID"] = self.server

    def access(self) -> Access:
        """Reading shows whether the library is there; that a write is allowed only the write itself can tell."""
        answer = self.client.get(f"{self.prefix}/items/top", {"format": "versions", "limit": "1"})
        if answer.status != 200:
            return Access("local", False, False, f"Zotero answered {answer.status}; is the local API switched on?")
        return Access("local", True, True)

    def changes(self, since: int, known: frozenset[str]) -> Changes:
        items, versions = self._pages(
            "/items/top", {"since": str(since), "includeTrashed": "1"}, lambda done, total: None
        )
        listed, _ = self._versions()
        missing = [key for key in listed if key not in known and key not in items]
        items |= self.items(missing)
        return Changes(items, known - listed.keys(), versions[0])

    def children(self, since: int, known: frozenset[str]) -> Changes:
        items, versions = self._pages("/items", {**CHILDREN, "since": str(since)}, lambda done, total: None)
        listed, _ = self._versions("/items", CHILDREN)
        return Changes(items, known - listed.keys(), versions[0])

    def upload(self, key: str, path: str) -> None:
        raise ZoteroError(f"{path}: files are uploaded by way of the Web API only")

    def write(self, objects: Sequence[Item], version: int | None, token: str = "") -> Written:
        if not self.client.key:
            self._authorise()
        try:
            return super().write(objects, version, token)
        except RefusedError as error:  # a key for one write has had it
            if error.status != 401:
                raise
        self._authorise()
        return super().write(objects, version, token)

    def _authorise(self) -> None:
        if not self._ask:
            raise RefusedError("Zotero wants a local key for writing: set ZOTERO_API_KEY or give --key-file", 401)
        answer = self.client.post("/local/authorize", {"appName": APP})
        found = answer.json() if answer.status == 200 else None
        if not isinstance(found, dict) or not isinstance(found.get("key"), str) or not found["key"]:
            raise RefusedError("writing was not allowed in Zotero's dialogue", answer.status)
        self.client.key = str(found["key"])
        if found.get("remember"):
            self._remember(self.client.key)
