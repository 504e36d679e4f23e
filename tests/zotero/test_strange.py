"""Servers that are off, not Zotero's or out of their mind, and keys that are none: one clear line, at once, and exit 2."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bibtools.cli import main
from tests.zotero.conftest import BIB, Call
from tests.zotero.server import ZoteroServer
from zotero_bridge.client import Client

SHAPES = [
    "[]",
    "null",
    "3",
    '"text"',
    '["a", "b"]',
    '[{"key": 3}]',
    '[{"data": []}]',
    "[null]",
    '{"a": "b"}',
    '{"items": 3}',
]
REQUESTS = {  # what a request is to be known by in the message
    "/keys/current": "/keys/current",
    "/users/1/items/top": "/items/top",
    "/users/1/items": "",
    "/users/1/collections": "collection",
    "/users/1/deleted": "deleted",
    "/schema": "schema",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("path", REQUESTS)
def test_json_of_the_wrong_shape_is_told(server: ZoteroServer, call: Call, path: str, shape: str) -> None:
    if path == "/users/1/deleted":
        call("push", "refs.bib")
        server.add(itemType="book", title="New")
    server.instead = lambda method, asked: shape if asked == path else None
    words = ("push", "refs.bib", "--collection", "A/B") if path == "/users/1/collections" else ("push", "refs.bib")
    result = CliRunner().invoke(main, ["zotero", *words, "--api-base", server.base, "--state", "state"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    fine = {("/users/1/items/top", "[]"), ("/users/1/collections", "[]")} | {("/users/1/deleted", '{"a": "b"}')}
    if path == "/users/1/items":  # it was written all the same, and is found when we look
        assert (result.exit_code, len(server.alive())) == (0, 2)
    elif (path, shape) not in fine:
        assert result.exit_code == 2, result.output
        assert REQUESTS[path] in result.output


@pytest.mark.parametrize("shape", ["{", "", "<html></html>", "Nothing to see here."])
def test_what_is_no_json_is_told(server: ZoteroServer, call: Call, shape: str) -> None:
    server.instead = lambda method, path: shape if path == "/users/1/items/top" else None
    assert "not JSON" in call("push", "refs.bib", status=2).output


def test_pages_without_an_end_end(server: ZoteroServer, call: Call) -> None:
    for number in range(130):
        server.add(itemType="book", title=f"Volume {number}")
    plain = server._listed

    def round_and_round(library: object, found: object, path: str, query: dict[str, str]) -> object:
        status, headers, text = plain(library, found, path, query)  # type: ignore[arg-type]
        return status, {**headers, "Link": f'<{server.base}{path}?start=100>; rel="next"'}, text

    server._listed = round_and_round  # type: ignore[method-assign, assignment]
    assert "no end" in call("push", "refs.bib", status=2).output


# --- nobody there ------------------------------------------------------------------------------------------------------


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        number = opened.getsockname()[1]
    yield number


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--backend", "local"), "Zotero is not running; start it"), ((), "nobody answers there")],
)
def test_a_refused_connection_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, closed_port: int, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv("ZOTERO_API_KEY", "goodkey")
    monkeypatch.chdir(tmp_path)
    Path("refs.bib").write_text(BIB, encoding="utf-8")
    begun = time.monotonic()
    base = f"http://127.0.0.1:{closed_port}" + ("/api" if words else "")
    result = CliRunner().invoke(main, ["zotero", "push", "refs.bib", "--api-base", base, "--state", "state", *words])
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert time.monotonic() - begun < 10


def test_a_pause_is_announced(server: ZoteroServer) -> None:
    told: list[str] = []
    server.fault = lambda call, method, path: "503" if call == 1 else "backoff" if call == 2 else ""
    with Client(server.base, "goodkey", sleep=lambda seconds: None, tell=told.append) as client:
        client.get("/keys/current")
        client.get("/keys/current")
    assert [line.replace(server.base, "it") for line in told] == [
        "it answered 503; trying again in 1 s",
        "it asks to wait 5 s",
    ]


@pytest.mark.parametrize("key", ["good key", "good\nkey", "gööd", "good\tkey", "good;key", "г00dkey", "good\x00"[:5]])
def test_a_key_that_cannot_be_one_is_told_before_it_is_sent(
    server: ZoteroServer, call: Call, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    if "\x00" not in key:
        monkeypatch.setenv("ZOTERO_API_KEY", key)
        shown = call("push", "refs.bib", status=2).output
        assert "not an API key" in shown
        assert key not in shown
    monkeypatch.delenv("ZOTERO_API_KEY")
    Path("key").write_text(key, encoding="utf-8")
    Path("key").chmod(0o600)
    shown = call("push", "refs.bib", "--key-file", "key", status=2).output
    assert "not a" in shown
    assert key not in shown
    assert server.calls == []


# --- the local API -----------------------------------------------------------------------------------------------------


def test_the_local_api_works_behind_its_plain_greeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOTERO_API_KEY", "goodkey")
    monkeypatch.chdir(tmp_path)
    Path("refs.bib").write_text(BIB, encoding="utf-8")
    with ZoteroServer(local=True) as server:
        where = ["--backend", "local", "--api-base", server.base, "--state", "state"]
        result = CliRunner().invoke(main, ["zotero", "push", "refs.bib", *where])
        assert (result.exit_code, result.output) == (0, "2 new in Zotero\n")
        result = CliRunner().invoke(main, ["zotero", "sync", "refs.bib", *where])
        assert (result.exit_code, result.output) == (0, "2 unchanged\n")
        server.enabled = False
        result = CliRunner().invoke(main, ["zotero", "push", "refs.bib", *where])
        assert result.exit_code == 2
        assert "switched off" in result.output
