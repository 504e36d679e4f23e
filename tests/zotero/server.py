"""A Zotero server for tests: the Web API v3 as the protocol page describes it, strict, in memory, over a real socket.

It is written from the page and not from the client: it shares nothing with `zotero_bridge` but the table of types. With
``local=True`` it is Zotero's own local API instead. A fault plan says for the n-th call what goes wrong.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import itertools
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.zotero import rules
from tests.zotero.rules import FREE, ISO, URI, Refuse, check_creator, searched, served_schema, tidied

ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"

Fault = Callable[[int, str, str], str]


class Library:
    def __init__(self) -> None:
        self.version = 0
        self.items: dict[str, dict[str, Any]] = {}
        self.collections: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, int] = {}

    def bump(self) -> int:
        self.version += 1
        return self.version


class ZoteroServer:
    """``with ZoteroServer() as server``; `server.base` is its address."""

    def __init__(self, *, local: bool = False, rate: int = 0, schema: dict[str, Any] | None = None) -> None:
        self.local = local
        self.libraries = {"users/1": Library(), "users/0": Library(), "groups/7": Library(), "groups/8": Library()}
        self.keys = {
            "goodkey": {
                "userID": 1,
                "access": {
                    "user": {"library": True, "write": True, "notes": True},
                    "groups": {"7": {"library": True, "write": True}, "8": {"library": True, "write": False}},
                },
            },
            "readkey": {"userID": 1, "access": {"user": {"library": True, "write": False}}},
            "nokey": {"userID": 1, "access": {}},
        }
        self.server_id = "server-one"
        self.one_time: set[str] = set()
        self.schema = schema or served_schema()
        self.types = {each["itemType"]: each for each in self.schema["itemTypes"]}
        self.tokens: set[str] = set()
        self.fault: Fault = lambda call, method, path: ""
        self.calls: list[tuple[str, str, int]] = []  # method, path, status
        self.seen_headers: list[dict[str, str]] = []
        self.bodies: list[str] = []
        self.counter = itertools.count(1)
        self.lock = threading.RLock()
        self.bucket = rate
        self.rate = rate
        self.random = random.Random(1)
        self.writes = 0
        self.before_write: Callable[[Library], None] = lambda library: None
        self.hang = 2.2  # longer than clients in tests wait, who wait long enough for a busy machine
        self.largest = 10_000_000
        self.enabled = True  # the local API's switch in the settings of Zotero
        self.groups = {"7": {"id": 7, "libraryEditing": "members"}, "8": {"id": 8, "libraryEditing": "members"}}
        self.instead: Callable[[str, str], str | None] = lambda method, path: None  # another body for a good answer
        self.uploads: dict[str, tuple[str, dict[str, str]]] = {}  # upload key -> item key, what was authorised
        self.files: dict[str, bytes] = {}  # MD5 -> content, as on the storage
        self.arrived: dict[str, bytes] = {}  # upload key -> what was sent to the storage and is not registered yet

    def __enter__(self) -> ZoteroServer:
        handler = type("Handler", (_Handler,), {"zotero": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}" + ("/api" if self.local else "")

    @property
    def library(self) -> Library:
        return self.libraries["users/0" if self.local else "users/1"]

    # --- what a user does in the client --------------------------------------------------------------------------------

    def edit(self, key: str, **fields: Any) -> None:
        with self.lock:
            item = self.library.items[key]
            item["data"].update(fields)
            item["version"] = item["data"]["version"] = self.library.bump()

    def trash(self, key: str) -> None:
        self.edit(key, deleted=1)

    def destroy(self, key: str) -> None:
        with self.lock:
            del self.library.items[key]
            self.library.deleted[key] = self.library.bump()

    def merge(self, loser: str, winner: str) -> None:
        """As the client does it: the loser is trashed, the winner says whom it replaces and takes over its tags."""
        uri = f"http://zotero.org/users/1/items/{loser}"
        kept = self.library.items[winner]["data"]
        lost = self.library.items[loser]["data"]
        relations = {**kept.get("relations", {}), "dc:replaces": [uri]}
        tags = {tag["tag"]: tag for tag in [*kept.get("tags", []), *lost.get("tags", [])]}
        self.edit(winner, relations=relations, tags=list(tags.values()))
        self.trash(loser)

    def add(self, **data: Any) -> str:
        """An item that the user made."""
        with self.lock:
            key = self.new_key()
            self._save(self.library, key, {"creators": [], "tags": [], "collections": [], "relations": {}, **data})
            return key

    def alive(self) -> list[dict[str, Any]]:
        return [each["data"] for each in self.library.items.values() if not each["data"].get("deleted")]

    def new_key(self) -> str:
        return "".join(self.random.choice(ALPHABET) for _ in range(8))

    # --- answering -----------------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        url = urlsplit(target)
        path = url.path.removeprefix("/api") if self.local else url.path
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self.lock:
            try:
                if self.rate:
                    self._take_token()
                status, more, text = self._route(method, path, query, headers, body)
                other = self.instead(method, path)
                return status, more, text if other is None or status != 200 else other
            except Refuse as refusal:
                extra = {"Retry-After": "10"} if refusal.code == 429 else {}
                return refusal.code, {"Content-Type": "text/plain", **extra}, str(refusal)

    def _take_token(self) -> None:
        if self.bucket <= 0:
            self.bucket = self.rate
            raise Refuse(429, "Too many requests")
        self.bucket -= 1

    def _route(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> Any:
        if path.startswith("/storage/"):  # another host in truth: it knows no API key and must be sent none
            return self._store(path.removeprefix("/storage/"), headers, body)
        if self.local and not self.enabled:
            raise Refuse(403, "Local API is not enabled")
        if path in ("/schema",):
            if headers.get("if-none-match") == '"s41"':
                return 304, {"ETag": '"s41"'}, ""
            return 200, {"ETag": '"s41"', "Content-Type": "application/json"}, json.dumps(self.schema)
        if self.local:
            found = self._local(method, path, headers, body)
            if found:
                return found
        rights = self._rights(headers, path)
        if path == "/keys/current" and not self.local:
            key = headers.get("zotero-api-key", "")
            return 200, {}, json.dumps({"key": key, "username": "someone", **self.keys[key]})
        if (group := re.fullmatch(r"/groups/(\d+)", path)) and group[1] in self.groups:
            return 200, {}, json.dumps({"id": int(group[1]), "data": self.groups[group[1]]})
        found = re.fullmatch(r"/(users|groups)/(\d+)(/.*)", path)
        library = self.libraries.get(f"{found[1]}/{found[2]}") if found else None
        if not found or library is None:
            raise Refuse(404, "Not found")
        if not self.local:
            own = rights["user"] if found[1] == "users" and found[2] == "1" else rights["groups"].get(found[2], {})
            if not own.get("library"):
                raise Refuse(403, "Forbidden")
            if method != "GET" and not own.get("write"):
                raise Refuse(403, "Write access denied")
            if method != "GET" and found[1] == "groups" and self.groups[found[2]]["libraryEditing"] == "admins":
                raise Refuse(403, "Write access denied")
        return self._library(method, library, found[3], path, query, headers, body)

    def _rights(self, headers: dict[str, str], path: str) -> dict[str, Any]:
        key = headers.get("zotero-api-key")
        if self.local:
            return {}
        if key is None:
            raise Refuse(403, "Forbidden")
        if key not in self.keys:
            raise Refuse(403, "Invalid key")
        return {"user": {}, "groups": {}, **self.keys[key]["access"]}

    def _local(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        if path == "/":
            return 200, {"Content-Type": "text/plain"}, "Nothing to see here."
        if path.startswith("/keys") or path.endswith(("/deleted", "/items/new")):
            raise Refuse(404, "Not found")
        if method == "GET":
            return None
        if "zotero-server-id" not in headers:
            raise Refuse(428, "Zotero-Server-ID not provided")
        if headers["zotero-server-id"] != self.server_id:
            raise Refuse(412, "Wrong Zotero-Server-ID")
        if path == "/local/authorize":
            self.one_time.add("once-only-key")
            return 200, {}, json.dumps({"key": "once-only-key", "remember": False})
        key = headers.get("zotero-api-key", "")
        if key in self.one_time:
            self.one_time.discard(key)
        elif key != "goodkey":
            raise Refuse(401, "POST /api/local/authorize to obtain one")
        return None

    # --- a library -----------------------------------------------------------------------------------------------------

    def _library(
        self,
        method: str,
        library: Library,
        rest: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes,
    ) -> Any:
        at = {"Last-Modified-Version": str(library.version)}
        if method == "GET" and headers.get("if-modified-since-version") == str(library.version):
            return 304, at, ""
        if rest == "/deleted":
            since = int(query["since"]) if "since" in query else self._bad("since parameter must be provided")
            gone = [key for key, version in library.deleted.items() if version > since]
            return 200, at, json.dumps({"items": gone, "collections": [], "searches": [], "tags": [], "settings": []})
        if rest == "/collections":
            if method == "POST":
                return self._post(library, "collection", headers, body)
            return self._listed(library, list(library.collections.values()), path, query)
        if rest in ("/items", "/items/top", "/items/trash"):
            if method == "POST" and rest == "/items":
                return self._post(library, "item", headers, body)
            if method == "DELETE" and rest == "/items":
                return self._delete(library, query.get("itemKey", "").split(","), headers)
            if method != "GET":
                raise Refuse(405, "Method not allowed")
            return self._listed(library, self._chosen(library, rest, query), path, query)
        if (file := re.fullmatch(r"/items/([2-9A-Z]{8})/file", rest)) and method == "POST" and not self.local:
            return self._file(library, file[1], headers, body)
        within = re.fullmatch(r"/collections/([2-9A-Z]{8})/items(/top)?", rest)
        if within and method == "GET":
            if within[1] not in library.collections:
                raise Refuse(404, "Collection not found")
            chosen = self._chosen(library, f"/items{within[2] or ''}", query)
            inside = [each for each in chosen if within[1] in self._collections_of(library, each["data"])]
            return self._listed(library, inside, path, query)
        one = re.fullmatch(r"/items/([2-9A-Z]{8})", rest)
        if one:
            return self._single(method, library, one[1], headers, body)
        raise Refuse(404, "Not found")

    def _collections_of(self, library: Library, data: dict[str, Any]) -> list[str]:
        parent = library.items.get(data.get("parentItem") or "")
        return list(parent["data"].get("collections", []) if parent else data.get("collections", []))

    # --- files ---------------------------------------------------------------------------------------------------------

    def _file(self, library: Library, key: str, headers: dict[str, str], body: bytes) -> Any:
        """Authorise an upload or register one, as dataserver's ItemsController::_handleFileRequest."""
        item = library.items.get(key)
        if item is None:
            raise Refuse(404, "Item does not exist")
        data = item["data"]
        if data.get("linkMode") not in ("imported_file", "imported_url"):
            raise Refuse(400, "Cannot upload file for linked file/URL attachment item")
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if "if-match" not in headers and "if-none-match" not in headers:
            raise Refuse(428, "If-Match/If-None-Match header not provided")
        if headers.get("if-none-match", "*") != "*":
            raise Refuse(400, "Invalid value for If-None-Match header")
        if "if-none-match" in headers and data.get("md5"):
            raise Refuse(412, "If-None-Match: * set but file exists")
        if "upload" in form:
            if form["upload"] not in self.arrived:
                raise Refuse(400, "Upload key not found")
            _, allowed = self.uploads.pop(form["upload"])
            self.files[allowed["md5"]] = self.arrived.pop(form["upload"])
            self._registered(library, key, allowed)
            return 204, {"Last-Modified-Version": str(library.version)}, ""
        for name in ("md5", "filename", "filesize", "mtime"):
            if not form.get(name):
                raise Refuse(400, f"{name} not provided")
        if not re.fullmatch(r"[a-f0-9]{32}", form["md5"]) or not form["filesize"].isdecimal():
            raise Refuse(400, "Invalid MD5 hash or file size")
        if form["md5"] in self.files:
            if len(self.files[form["md5"]]) != int(form["filesize"]):
                raise Refuse(400, "Specified file size incorrect for known file")
            self._registered(library, key, form)
            return 200, {"Last-Modified-Version": str(library.version)}, json.dumps({"exists": 1})
        upload = f"upload{len(self.uploads) + 1}"
        self.uploads[upload] = (key, form)
        made = {"url": f"{self.base}/storage/{upload}", "contentType": "multipart/form-data; boundary=x"}
        made |= {"prefix": f"--{upload} ", "suffix": f" {upload}--", "uploadKey": upload}
        return 200, {"Last-Modified-Version": str(library.version)}, json.dumps(made)

    def _registered(self, library: Library, key: str, form: dict[str, str]) -> None:
        data = {**library.items[key]["data"], "md5": form["md5"], "mtime": int(form["mtime"])}
        self._save(library, key, {**data, "filename": form["filename"]})

    def _store(self, upload: str, headers: dict[str, str], body: bytes) -> Any:
        if upload not in self.uploads or "zotero-api-key" in headers:
            raise Refuse(403, "<Error><Code>AccessDenied</Code></Error>")
        prefix, suffix = f"--{upload} ".encode(), f" {upload}--".encode()
        if not (body.startswith(prefix) and body.endswith(suffix)) or "multipart" not in headers.get(
            "content-type", ""
        ):
            raise Refuse(400, "<Error><Code>MalformedPOSTRequest</Code></Error>")
        content = body[len(prefix) : -len(suffix)]
        if hashlib.md5(content).hexdigest() != self.uploads[upload][1]["md5"]:
            raise Refuse(400, "<Error><Code>BadDigest</Code></Error>")
        self.arrived[upload] = content
        return 201, {}, ""

    def _bad(self, message: str) -> Any:
        raise Refuse(400, message)

    def _chosen(self, library: Library, rest: str, query: dict[str, str]) -> list[dict[str, Any]]:
        found = list(library.items.values())
        if rest == "/items/trash":
            found = [each for each in found if each["data"].get("deleted")]
        elif query.get("includeTrashed") != "1":
            found = [each for each in found if not each["data"].get("deleted")]
        if rest == "/items/top":
            found = [each for each in found if not each["data"].get("parentItem")]
        if "since" in query:
            found = [each for each in found if each["version"] > int(query["since"])]
        if "itemType" in query:
            wanted_types = [name.strip() for name in query["itemType"].split("||")]
            found = [each for each in found if each["data"]["itemType"] in wanted_types]
        if "itemKey" in query:
            wanted = query["itemKey"].split(",")
            if len(wanted) > 50:
                raise Refuse(413, "Too many keys")
            found = [each for each in found if each["key"] in wanted]
        if "q" in query:
            found = [
                each
                for each in found
                if query["q"].lower() in searched(each["data"], self.local and query.get("qmode") == "everything")
            ]
        if query.get("sort") != "dateAdded":
            found.sort(key=lambda each: -each["version"])
        return found

    def _listed(self, library: Library, found: list[dict[str, Any]], path: str, query: dict[str, str]) -> Any:
        headers = {"Last-Modified-Version": str(library.version), "Total-Results": str(len(found))}
        if query.get("format") == "versions":
            return 200, headers, json.dumps({each["key"]: each["version"] for each in found})
        start = int(query.get("start", "0"))
        limit = int(query.get("limit", "0")) or (len(found) or 1 if self.local else 25)
        if not self.local:
            limit = min(limit, 100)
        if start + limit < len(found):
            following = urlencode({**query, "start": start + limit, "limit": limit})
            own = self.base.removesuffix("/api") + ("/api" if self.local else "")
            headers["Link"] = f'<{own}{path}?{following}>; rel="next", <{own}{path}>; rel="alternate"'
        return 200, headers, json.dumps(found[start : start + limit])

    # --- writing -------------------------------------------------------------------------------------------------------

    def _library_version(self, library: Library, headers: dict[str, str], required: bool = False) -> bool:
        value = headers.get("if-unmodified-since-version")
        if value is None:
            if required:
                raise Refuse(428, "If-Unmodified-Since-Version not provided")
            return False
        if library.version > int(value):
            raise Refuse(
                412, f"Library has been modified since specified version (expected {value}, found {library.version})"
            )
        return True

    def _post(self, library: Library, what: str, headers: dict[str, str], body: bytes) -> Any:
        self.before_write(library)
        if len(body) > self.largest:
            raise Refuse(413, "Request too large")
        objects = self._json(body)
        if not isinstance(objects, list):
            raise Refuse(400, "Uploaded data must be a JSON array")
        if len(objects) > 50:
            raise Refuse(413, f"Cannot add more than 50 {what}s at a time")
        token = headers.get("zotero-write-token")
        if token is not None:
            if not 5 <= len(token) <= 32:
                raise Refuse(400, "Write token must be 5-32 characters in length")
            if "if-unmodified-since-version" in headers:
                raise Refuse(400, "Zotero-Write-Token and If-Unmodified-Since-Version cannot be provided together")
            if token in self.tokens:
                raise Refuse(412, "Write token already used")
        checked = self._library_version(library, headers)
        if token is not None:
            self.tokens.add(token)
        self.writes += 1
        report: dict[str, dict[str, Any]] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        touched: set[str] = set()
        write = self._write_item if what == "item" else self._write_collection
        for place, each in enumerate(objects):
            try:
                status, saved = write(library, each, checked, touched)
            except Refuse as refusal:
                key = each.get("key", "") if isinstance(each, dict) else ""
                report["failed"][str(place)] = {"key": key, "code": refusal.code, "message": str(refusal)}
                continue
            if status == "unchanged":
                report["unchanged"][str(place)] = saved["key"]
            else:
                report["successful"][str(place)] = copy.deepcopy(saved)
                report["success"][str(place)] = saved["key"]
        return 200, {"Last-Modified-Version": str(library.version)}, json.dumps(report)

    def _json(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError:
            raise Refuse(400, "Uploaded data is not valid JSON") from None

    def _write_item(self, library: Library, data: Any, checked: bool, touched: set[str]) -> tuple[str, dict[str, Any]]:
        if not isinstance(data, dict):
            raise Refuse(400, "item must be an object")
        key = data.get("key")
        if key is not None and (not isinstance(key, str) or not re.fullmatch(f"[{ALPHABET}]{{8}}", key)):
            raise Refuse(400, f"'{key}' is not a valid item key")
        standing = library.items.get(key) if key else None
        if key in touched:
            raise Refuse(412, "Item has been modified since specified version")
        if key and self.local and standing is None:
            raise Refuse(400, "'primaryData' not loaded")
        if "version" in data and not key:
            raise Refuse(400, "'version' is valid only with 'key' property")
        self._object_version(data, key, standing, checked)
        whole = {**(standing["data"] if standing else {}), **{k: v for k, v in data.items() if k != "version"}}
        if standing and data.get("itemType", standing["data"]["itemType"]) != standing["data"]["itemType"]:
            fields = {f["field"] for f in self.types[data["itemType"]]["fields"]} | FREE
            whole = {k: v for k, v in whole.items() if k in fields or k in data}
        self._validate(library, whole)
        whole = tidied(whole)
        if standing and {**whole, "version": 0, "dateModified": ""} == {
            **standing["data"],
            "version": 0,
            "dateModified": "",
        }:
            return "unchanged", standing
        touched.add(key or "")
        return "successful", self._save(library, key or self.new_key(), whole)

    def _object_version(self, data: dict[str, Any], key: str | None, standing: Any, checked: bool) -> None:
        if not key:
            return
        version = data.get("version")
        if version is None:
            if not checked:
                raise Refuse(
                    428,
                    "Either If-Unmodified-Since-Version or 'version' property must be provided for 'key'-based writes",
                )
            return
        if not isinstance(version, int):
            raise Refuse(400, "'version' must be an integer")
        if standing is None and version > 0:
            raise Refuse(404, f"Item {key} not found")
        if standing is not None and standing["version"] > version:
            raise Refuse(
                412, f"Item has been modified since specified version (expected {version}, found {standing['version']})"
            )

    def _save(self, library: Library, key: str, data: dict[str, Any]) -> dict[str, Any]:
        version = library.bump()
        library.deleted.pop(key, None)
        data = {"key": key, "version": version, **{k: v for k, v in data.items() if k not in ("key", "version")}}
        if not data.get("deleted"):
            data.pop("deleted", None)
        library.items[key] = {"key": key, "version": version, "library": {}, "links": {}, "meta": {}, "data": data}
        return library.items[key]

    def _validate(self, library: Library, data: dict[str, Any]) -> None:
        if data.get("itemType") in ("attachment", "note"):
            group = library in (self.libraries["groups/7"], self.libraries["groups/8"])
            rules.check_child(data, library.items, group, known=data.get("key") in library.items)
            return
        kind = self.types.get(data.get("itemType", ""))
        if kind is None:
            raise Refuse(400, f"'{data.get('itemType')}' is not a valid itemType")
        fields = {each["field"] for each in kind["fields"]}
        for name, value in list(data.items()):
            if name in FREE:
                continue
            if name not in fields:
                if not self.local:
                    raise Refuse(400, f"'{name}' is not a valid field for type '{data['itemType']}'")
                data["extra"] = (data.get("extra", "") + f"\n{name}: {data.pop(name)}").strip()
                continue
            if not isinstance(value, str):
                raise Refuse(400, f"'{name}' must be a string")
            if len(value) > 65_535:
                raise Refuse(413, f"{name} is too long")
        if not ISO.fullmatch(data.get("accessDate", "")):
            raise Refuse(400, "'accessDate' must be in ISO 8601 or UTC 'YYYY-MM-DD[ hh:mm:ss]' format")
        roles = {each["creatorType"] for each in kind["creatorTypes"]}
        for creator in data.get("creators", []):
            check_creator(creator, roles, data["itemType"])
        for tag in data.get("tags", []):
            if not isinstance(tag, dict) or "tag" not in tag:
                raise Refuse(400, "Tag must be an object")
            if len(tag["tag"]) > 255:
                raise Refuse(413, "Tag is too long")
        for uris in (data.get("relations") or {}).values():
            for uri in [uris] if isinstance(uris, str) else uris:
                if not URI.fullmatch(uri):
                    raise Refuse(400, "relation values must be Zotero item URIs")
        for collection in data.get("collections", []):
            if collection not in library.collections:
                raise Refuse(409, f"Collection {collection} not found")
        if data.get("parentItem") and data["parentItem"] not in library.items:
            raise Refuse(409, f"Parent item {data['parentItem']} not found")
        if data.get("parentItem"):
            raise Refuse(400, "Only notes and attachments can have a parent item")

    def _write_collection(
        self, library: Library, data: Any, checked: bool, touched: set[str]
    ) -> tuple[str, dict[str, Any]]:
        key = data.get("key")
        if key and self.local:
            raise Refuse(400, "'primaryData' not loaded")
        if key in library.collections and data.get("version") is not None:
            raise Refuse(412, "Collection has been modified since specified version")
        if data.get("parentCollection") and data["parentCollection"] not in library.collections:
            raise Refuse(409, "Parent collection not found")
        key = key or self.new_key()
        version = library.bump()
        library.collections[key] = {"key": key, "version": version, "data": {**data, "key": key, "version": version}}
        return "successful", library.collections[key]

    def _single(self, method: str, library: Library, key: str, headers: dict[str, str], body: bytes) -> Any:
        standing = library.items.get(key)
        if method == "GET":
            if standing is None:
                raise Refuse(404, "Item does not exist")
            return 200, {"Last-Modified-Version": str(standing["version"])}, json.dumps(standing)
        if standing is None:
            raise Refuse(404, "Item does not exist")
        value = headers.get("if-unmodified-since-version")
        if value is None:
            raise Refuse(428, "If-Unmodified-Since-Version not provided")
        if int(value) < standing["version"]:
            raise Refuse(412, "Item has been modified since specified version")
        if method == "DELETE":
            return self._delete(library, [key], headers, False)
        data = self._json(body)
        whole = {**standing["data"], **data} if method == "PATCH" else data
        self._validate(library, whole)
        self._save(library, key, tidied(whole))
        return 204, {"Last-Modified-Version": str(library.version)}, ""

    def _delete(self, library: Library, keys: list[str], headers: dict[str, str], many: bool = True) -> Any:
        if many:
            if len(keys) > 50:
                raise Refuse(413, "Cannot delete more than 50 items at a time")
            self._library_version(library, headers, required=True)
        for key in keys:
            if library.items.pop(key, None):
                library.deleted[key] = library.bump()
        return 204, {"Last-Modified-Version": str(library.version)}, ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    zotero: ZoteroServer

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle_one_request()

    def _serve(self) -> None:
        server = self.zotero
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = next(server.counter)
        fault = server.fault(call, self.command, self.path)
        server.seen_headers.append(headers)
        server.bodies.append(body.decode("utf-8", "replace"))
        if fault == "drop before":
            server.calls.append((self.command, self.path, 0))
            return self._hang_up()
        if fault in ("500", "502", "503", "429", "504"):
            server.calls.append((self.command, self.path, int(fault)))
            return self._send(int(fault), {"Retry-After": "1"} if fault in ("503", "429") else {}, "An error occurred")
        status, more, text = server.answer(self.command, self.path, headers, body)
        server.calls.append((self.command, self.path, status))
        if fault == "drop after":
            return self._hang_up()
        if fault == "500 after":
            return self._send(500, {}, "An error occurred")
        if fault == "garbage":
            return self._send(200, more, "<html>captive portal</html>")
        if fault == "time out":
            time.sleep(server.hang)
            return self._hang_up()
        if fault == "backoff":
            more = {**more, "Backoff": "5"}
        if fault.startswith("redirect "):
            return self._send(302, {"Location": fault.partition(" ")[2]}, "")
        return self._send(status, more, text)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, headers: dict[str, str], text: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.zotero.local:
            self.send_header("Zotero-Server-ID", self.zotero.server_id)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()
