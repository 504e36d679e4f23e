"""The test server is judged by the protocol page, row by row, with plain requests: it must be as strict as the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.zotero.server import ZoteroServer

KEY = "ABCDEFGH"


class Caller:
    def __init__(self, server: ZoteroServer, key: str | None = "goodkey") -> None:
        self.server = server
        self.http = httpx2.Client(base_url=server.base, trust_env=False, headers={"Zotero-API-Key": key} if key else {})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body)
        return self.http.request(method, path, content=content, headers=named)

    def post(self, *objects: Any, **headers: str) -> dict[str, Any]:
        answer = self("POST", "/users/1/items", list(objects), **headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def failure(self, item: Any) -> tuple[int, str]:
        failed = self.post(item)["failed"]["0"]
        return failed["code"], failed["message"]


@pytest.fixture
def call(server: ZoteroServer) -> Iterator[Caller]:
    caller = Caller(server)
    yield caller
    caller.http.close()


def book(**more: Any) -> dict[str, Any]:
    return {"itemType": "book", "title": "A book", **more}


# --- authentication ----------------------------------------------------------------------------------------------------


def test_the_current_key_tells_user_and_rights(call: Caller) -> None:
    found = call("GET", "/keys/current").json()
    assert found["userID"] == 1
    assert found["access"]["user"]["write"] is True
    assert found["access"]["groups"]["7"]["write"] is True


@pytest.mark.parametrize(
    ("key", "method", "path", "words"),
    [
        ("wrong", "GET", "/users/1/items", "Invalid key"),
        (None, "POST", "/users/1/items", "Forbidden"),
        ("readkey", "POST", "/users/1/items", "Write access denied"),
        ("goodkey", "POST", "/groups/8/items", "Write access denied"),
        ("nokey", "GET", "/users/1/items", "Forbidden"),
    ],
)
def test_wrong_missing_and_read_only_keys_get_403(
    server: ZoteroServer, key: str | None, method: str, path: str, words: str
) -> None:
    caller = Caller(server, key)
    answer = caller(method, path, [book()] if method == "POST" else None)
    caller.http.close()
    assert (answer.status_code, answer.text) == (403, words)


# --- rates -------------------------------------------------------------------------------------------------------------


def test_too_many_requests_get_429_and_how_long_to_wait() -> None:
    with ZoteroServer(rate=2) as server:
        caller = Caller(server)
        answers = [caller("GET", "/keys/current") for _ in range(3)]
        caller.http.close()
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "10"


def test_backoff_can_come_with_a_good_answer(server: ZoteroServer, call: Caller) -> None:
    server.fault = lambda number, method, path: "backoff"
    answer = call("GET", "/users/1/items")
    assert answer.status_code == 200
    assert answer.headers["Backoff"] == "5"


# --- batches -----------------------------------------------------------------------------------------------------------


def test_fifty_one_objects_are_too_many(call: Caller) -> None:
    assert call("POST", "/users/1/items", [book()] * 51).status_code == 413
    assert len(call.post(*[book()] * 50)["successful"]) == 50


def test_a_batch_succeeds_in_part(call: Caller) -> None:
    found = call.post(book(), book(publicationTitle="x"), {"key": KEY, "version": 7, **book()})
    assert list(found["successful"]) == ["0"]
    assert found["failed"]["1"]["code"] == 400
    assert found["failed"]["2"]["code"] == 404


def test_pages_hold_a_hundred_and_link_to_the_next(server: ZoteroServer, call: Caller) -> None:
    for _ in range(130):
        server.add(**book())
    first = call("GET", "/users/1/items/top?limit=500")
    assert len(first.json()) == 100
    assert first.headers["Total-Results"] == "130"
    following = first.headers["Link"].partition(">")[0].lstrip("<")
    assert len(call("GET", following.removeprefix(server.base)).json()) == 30
    assert len(call("GET", "/users/1/items").json()) == 25


# --- semantics of a write ----------------------------------------------------------------------------------------------


def test_a_post_with_a_key_is_a_patch(call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book(date="2001", tags=[{"tag": "mine"}])})
    version = call("GET", f"/users/1/items/{KEY}").json()["version"]
    call.post({"key": KEY, "version": version, "title": "Another", "tags": [{"tag": "new"}]})
    data = call("GET", f"/users/1/items/{KEY}").json()["data"]
    assert (data["title"], data["date"], data["tags"]) == ("Another", "2001", [{"tag": "new"}])


def test_a_keyed_write_needs_a_version(call: Caller) -> None:
    assert call.failure({"key": KEY, **book()})[0] == 428
    answer = call("POST", "/users/1/items", [{"key": KEY, **book()}], If_Unmodified_Since_Version="0")
    assert list(answer.json()["successful"]) == ["0"]


def test_version_nought_means_must_not_exist(call: Caller) -> None:
    item = {"key": KEY, "version": 0, **book()}
    twice = call.post(item, item)
    assert (list(twice["successful"]), twice["failed"]["1"]["code"]) == (["0"], 412)


def test_replaying_a_batch_makes_no_duplicate(server: ZoteroServer, call: Caller) -> None:
    batch = [{"key": server.new_key(), "version": 0, **book(title=str(n))} for n in range(50)]
    call.post(*batch)
    replayed = call.post(*batch)
    assert {each["code"] for each in replayed["failed"].values()} == {412}
    assert len(server.library.items) == 50


def test_a_stale_library_version_fails_the_whole_request(server: ZoteroServer, call: Caller) -> None:
    server.add(**book())
    assert call("POST", "/users/1/items", [book()], If_Unmodified_Since_Version="0").status_code == 412
    answer = call("POST", "/users/1/items", [book(), book()], If_Unmodified_Since_Version="1")
    assert answer.headers["Last-Modified-Version"] == "3"
    assert {each["version"] for each in answer.json()["successful"].values()} == {2, 3}


def test_an_unchanged_item_is_said_to_be_so(call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book()})
    assert call.post({"key": KEY, "version": 1, "title": "A book"})["unchanged"] == {"0": KEY}


def test_a_write_token_is_good_once(call: Caller) -> None:
    assert call("POST", "/users/1/items", [book()], Zotero_Write_Token="abc").status_code == 400
    assert call("POST", "/users/1/items", [book()], Zotero_Write_Token="abcdef").status_code == 200
    answer = call("POST", "/users/1/items", [book()], Zotero_Write_Token="abcdef")
    assert (answer.status_code, answer.text) == (412, "Write token already used")


@pytest.mark.parametrize("key", ["ABCDEFG0", "ABCDEFG1", "ABCDEFGO", "ABCDEFG", "abcdefgh"])
def test_keys_have_an_alphabet(call: Caller, key: str) -> None:
    assert call.failure({"key": key, "version": 0, **book()})[0] == 400


def test_the_key_of_a_deleted_item_can_be_used_again(server: ZoteroServer, call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book()})
    server.destroy(KEY)
    assert call.post({"key": KEY, "version": 0, **book()})["success"] == {"0": KEY}


# --- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "code", "words"),
    [
        (book(publicationTitle="x"), 400, "'publicationTitle' is not a valid field for type 'book'"),
        (book(nonsense="x"), 400, "not a valid field"),
        ({"itemType": "novel"}, 400, "itemType"),
        (book(creators=[{"creatorType": "artist", "name": "x"}]), 400, "creator type"),
        (book(creators=[{"creatorType": "author", "firstName": "x"}]), 400, "lastName"),
        (book(creators=[{"creatorType": "author", "name": "x", "lastName": "y"}]), 400, "excludes"),
        (book(creators=[{"creatorType": "author", "name": "x" * 300}]), 413, "too long"),
        (book(title="x" * 70_000), 413, "too long"),
        (book(tags=["plain"]), 400, "object"),
        (book(tags=[{"tag": "x" * 256}]), 413, "too long"),
        (book(accessDate="last week"), 400, "ISO"),
        (book(relations={"dc:relation": "http://example.org"}), 400, "URI"),
        (book(collections=["ABCDEFGH"]), 409, "not found"),
        (book(parentItem="ABCDEFGH"), 409, "not found"),
        ({"itemType": "note", "note": "x" * 500_001}, 413, "too long"),
    ],
)
def test_a_wrong_item_is_refused_with_its_reason(call: Caller, item: Any, code: int, words: str) -> None:
    found, message = call.failure(item)
    assert found == code
    assert words in message


def test_what_is_tidied_silently(call: Caller) -> None:
    tags = [{"tag": " a "}, {"tag": "a"}, {"tag": "A"}, {"tag": "  "}]
    people = [{"creatorType": "author", "name": ""}, {"creatorType": "author", "lastName": "B", "firstName": "A"}]
    found = call.post(book(title="a\x01b e\u0301 \u00a0 \u200b", tags=tags, creators=people))["successful"]["0"]["data"]
    assert found["title"] == "a b e\u0301 \u00a0 \u200b"
    assert [tag["tag"] for tag in found["tags"]] == ["a", "A"]
    assert len(found["creators"]) == 1


# --- deleting ----------------------------------------------------------------------------------------------------------


def test_the_trash_is_out_of_sight_unless_asked_for(call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book()})
    answer = call("PATCH", f"/users/1/items/{KEY}", {"deleted": 1}, If_Unmodified_Since_Version="1")
    assert answer.status_code == 204
    for path in ("/users/1/items", "/users/1/items?since=0", "/users/1/items/top"):
        assert call("GET", path).json() == []
    for path in ("/users/1/items?includeTrashed=1", "/users/1/items/top?since=1&includeTrashed=1"):
        assert [each["data"]["deleted"] for each in call("GET", path).json()] == [1]


def test_a_deletion_is_final_and_is_told(call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book()})
    assert call("DELETE", f"/users/1/items/{KEY}").status_code == 428
    assert call("DELETE", f"/users/1/items/{KEY}", If_Unmodified_Since_Version="1").status_code == 204
    assert call("GET", "/users/1/deleted?since=1").json()["items"] == [KEY]
    assert call("GET", "/users/1/deleted?since=2").json()["items"] == []
    assert call("GET", "/users/1/deleted").status_code == 400


def test_single_writes_need_the_version_of_the_item(call: Caller) -> None:
    call.post({"key": KEY, "version": 0, **book()})
    assert call("PATCH", f"/users/1/items/{KEY}", {"title": "x"}).status_code == 428
    assert call("PATCH", f"/users/1/items/{KEY}", {"title": "x"}, If_Unmodified_Since_Version="0").status_code == 412


# --- reading -----------------------------------------------------------------------------------------------------------


def test_since_and_versions_tell_what_changed(server: ZoteroServer, call: Caller) -> None:
    first, second = server.add(**book()), server.add(**book(title="Two"))
    assert call("GET", "/users/1/items?format=versions").json() == {first: 1, second: 2}
    assert [each["key"] for each in call("GET", "/users/1/items?since=1").json()] == [second]
    assert call("GET", "/users/1/items", If_Modified_Since_Version="2").status_code == 304
    assert [each["key"] for each in call("GET", f"/users/1/items?itemKey={first}").json()] == [first]


def test_the_search_finds_title_creator_and_year_only(server: ZoteroServer, call: Caller) -> None:
    server.add(**book(DOI="10.1/x", citationKey="me2001", date="2001"))
    assert len(call("GET", "/users/1/items?q=book").json()) == 1
    assert len(call("GET", "/users/1/items?q=2001&qmode=everything").json()) == 1
    assert call("GET", "/users/1/items?q=10.1/x&qmode=everything").json() == []
    assert call("GET", "/users/1/items?q=me2001&qmode=everything").json() == []


def test_the_schema_has_an_etag(call: Caller) -> None:
    answer = call("GET", "/schema")
    assert len(answer.json()["itemTypes"]) == 40
    assert call("GET", "/schema", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_a_merge_trashes_one_and_says_so_in_the_other(server: ZoteroServer, call: Caller) -> None:
    loser, winner = server.add(**book()), server.add(**book())
    server.merge(loser, winner)
    assert [each["key"] for each in call("GET", "/users/1/items").json()] == [winner]
    assert call("GET", f"/users/1/items/{winner}").json()["data"]["relations"]["dc:replaces"][0].endswith(loser)


# --- collections -------------------------------------------------------------------------------------------------------


def test_collections_are_made_and_listed(call: Caller) -> None:
    assert call("POST", "/users/1/collections", [{"key": KEY, "version": 0, "name": "A"}]).json()["success"] == {
        "0": KEY
    }
    again = call("POST", "/users/1/collections", [{"key": KEY, "version": 0, "name": "A"}]).json()
    assert again["failed"]["0"]["code"] == 412
    orphan = call("POST", "/users/1/collections", [{"name": "B", "parentCollection": "ZZZZZZZZ"}]).json()
    assert orphan["failed"]["0"]["code"] == 409
    assert [each["data"]["name"] for each in call("GET", "/users/1/collections").json()] == ["A"]


# --- the local API -----------------------------------------------------------------------------------------------------


@pytest.fixture
def at_home() -> Iterator[Caller]:
    with ZoteroServer(local=True) as server:
        caller = Caller(server, None)
        yield caller
        caller.http.close()


def test_a_local_write_needs_server_id_and_key(at_home: Caller) -> None:
    named = {"Zotero_Server_ID": at_home("GET", "/").headers["Zotero-Server-ID"]}
    assert at_home("POST", "/users/0/items", [book()]).status_code == 428
    assert at_home("POST", "/users/0/items", [book()], Zotero_Server_ID="other").status_code == 412
    assert at_home("POST", "/users/0/items", [book()], **named).status_code == 401
    key = at_home("POST", "/local/authorize", {"appName": "x"}, **named).json()["key"]
    assert at_home("POST", "/users/0/items", [book()], Zotero_API_Key=key, **named).status_code == 200
    assert at_home("POST", "/users/0/items", [book()], Zotero_API_Key=key, **named).status_code == 401


def test_the_local_api_cannot_create_with_a_chosen_key_and_is_lenient(at_home: Caller) -> None:
    named = {"Zotero_Server_ID": "server-one", "Zotero_API_Key": "goodkey"}
    bad = at_home("POST", "/users/0/items", [{"key": KEY, "version": 0, **book()}], **named).json()["failed"]["0"]
    assert (bad["code"], bad["message"]) == (400, "'primaryData' not loaded")
    kept = at_home("POST", "/users/0/items", [book(**{"Bogus Field": "x"})], **named).json()["successful"]["0"]["data"]
    assert kept["extra"] == "Bogus Field: x"


@pytest.mark.parametrize("path", ["/keys/current", "/users/0/deleted?since=0", "/items/new"])
def test_what_the_local_api_has_not(at_home: Caller, path: str) -> None:
    assert at_home("GET", path).status_code == 404


def test_local_pages_have_no_default_size_and_the_search_finds_dois(at_home: Caller) -> None:
    for number in range(120):
        at_home.server.add(**book(DOI=f"10.1/{number}"))
    assert len(at_home("GET", "/users/0/items").json()) == 120
    assert len(at_home("GET", "/users/0/items?q=10.1/77&qmode=everything").json()) == 1


# --- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "written"),
    [("drop before", False), ("drop after", True), ("500", False), ("500 after", True), ("503", False)],
)
def test_a_fault_comes_before_or_after_the_write(server: ZoteroServer, call: Caller, fault: str, written: bool) -> None:
    server.fault = lambda number, method, path: fault
    if fault.startswith("drop"):
        with pytest.raises(httpx2.RemoteProtocolError):
            call("POST", "/users/1/items", [book()])
    else:
        assert call("POST", "/users/1/items", [book()]).status_code == int(fault.split()[0])
    assert bool(server.library.items) is written
