"""The commands: both ways between a .bib and Zotero, the local API, and the key that nobody else may see."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from bibtools.cli import main
from tests.conftest import ROOT
from tests.zotero.conftest import BIB, Bench, Call, item_of, paper
from tests.zotero.server import ZoteroServer
from zotero_bridge import client as clients
from zotero_bridge.client import Client, UnknownOutcomeError, ZoteroError
from zotero_bridge.local import Local
from zotero_bridge.state import State

# --- push and status ---------------------------------------------------------------------------------------------------


def test_status_push_and_push_again(server: ZoteroServer, call: Call) -> None:
    shown = call("status", "refs.bib")
    assert "library: user:1 (read and write)" in shown.output
    assert "would be: 2 new in Zotero" in shown.output
    assert server.writes == 0
    call("push", "refs.bib", "--collection", "Thesis/One", "--report", "report.json")
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in report["created"]] == ["knuth1984", "vaswani2017"]
    lines = item_of(server, "knuth1984")["extra"].split("\n")
    assert lines[0] == "tex.mystery: kept"
    assert lines[1].endswith('"Literate {P}rogramming"')
    assert item_of(server, "vaswani2017")["archiveID"] == "arXiv:1706.03762"
    writes = server.writes
    assert "2 unchanged" in call("push", "refs.bib", "--collection", "Thesis/One").output
    assert server.writes == writes


def test_a_dry_run_shows_each_field(server: ZoteroServer, call: Call) -> None:
    call("push", "refs.bib")
    Path("refs.bib").write_text(BIB.replace("{27}", "{28}"), encoding="utf-8")
    writes = server.writes
    assert "volume: '27' -> '28'" in call("push", "refs.bib", "--dry-run").output
    assert server.writes == writes


def test_an_unreadable_file_stops_everything_before_the_first_request(server: ZoteroServer, call: Call) -> None:
    assert "nowhere.bib" in call("push", "refs.bib", "nowhere.bib", status=2).output
    assert server.calls == []


@pytest.mark.parametrize("library", ["people", "group", "group:x", "user:../1"])
def test_a_library_has_a_form(call: Call, library: str) -> None:
    assert "is no library" in call("push", "refs.bib", "--library", library, status=2).output


def test_what_is_left_for_a_person_can_fail_a_script(server: ZoteroServer, call: Call) -> None:
    call("push", "refs.bib")
    server.edit(item_of(server, "knuth1984")["key"], volume="99")
    Path("refs.bib").write_text(BIB.replace("{27}", "{28}"), encoding="utf-8")
    assert "Zotero has '99', the file '28'" in call("push", "refs.bib").output
    call("push", "refs.bib", "--strict", status=1)
    call("push", "refs.bib", "--prefer", "file")
    assert item_of(server, "knuth1984")["volume"] == "28"


# --- pull and sync -----------------------------------------------------------------------------------------------------


def test_pull_makes_a_file_and_then_changes_nothing(server: ZoteroServer, call: Call) -> None:
    call("push", "refs.bib")
    call("pull", "-o", "new.bib")
    text = Path("new.bib").read_text(encoding="utf-8")
    assert "@article{knuth1984," in text
    assert "mystery = {kept}" in text
    call("pull", "-o", "new.bib")
    assert Path("new.bib").read_text(encoding="utf-8") == text


def test_pull_leaves_every_untouched_byte(server: ZoteroServer, call: Call) -> None:
    call("push", "refs.bib")
    server.add(
        itemType="book",
        title="The TeXbook",
        creators=[{"creatorType": "author", "firstName": "D.", "lastName": "Knuth"}],
    )
    before = Path("refs.bib").read_bytes()
    call("pull", "-o", "refs.bib")
    after = Path("refs.bib").read_bytes()
    assert after.startswith(before.rstrip())
    assert b"The {TeXbook}" in after or b"The TeXbook" in after


def test_pull_of_a_collection_takes_only_that(server: ZoteroServer, call: Call) -> None:
    call("push", "refs.bib", "--collection", "A")
    server.add(itemType="book", title="Elsewhere")
    call("pull", "--collection", "A", "-o", "some.bib")
    assert "Elsewhere" not in Path("some.bib").read_text(encoding="utf-8")
    assert "there is no collection 'B'" in call("pull", "--collection", "B", "-o", "some.bib", status=2).output


def test_sync_carries_edits_both_ways_and_then_rests(server: ZoteroServer, call: Call) -> None:
    call("sync", "refs.bib")
    key = item_of(server, "knuth1984")["key"]
    server.edit(key, volume="28", tags=[{"tag": "classic"}])
    server.add(itemType="book", title="A new book", citationKey="zed2001", date="2001")
    text = Path("refs.bib").read_text(encoding="utf-8")
    Path("refs.bib").write_text(text.replace("Computer Journal", "Computer Magazine"), encoding="utf-8")
    call("sync", "refs.bib")
    text = Path("refs.bib").read_text(encoding="utf-8")
    assert "volume = {28}" in text
    assert "keywords" in text
    assert "@book{zed2001," in text
    assert text.startswith("% kept as it is\n@article{knuth1984,\n  author  = {Knuth, Donald E.},\n")
    data = item_of(server, "knuth1984")
    assert (data["volume"], data["publicationTitle"]) == ("28", "The Computer Magazine")
    writes = server.writes
    assert "3 unchanged" in call("sync", "refs.bib").output
    assert server.writes == writes
    assert Path("refs.bib").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("prefer", "volume"), [("file", "5"), ("zotero", "6"), (None, None)])
def test_sync_settles_a_conflict_as_told(
    server: ZoteroServer, call: Call, prefer: str | None, volume: str | None
) -> None:
    call("sync", "refs.bib")
    server.edit(item_of(server, "knuth1984")["key"], volume="6")
    Path("refs.bib").write_text(BIB.replace("{27}", "{5}"), encoding="utf-8")
    call("sync", "refs.bib", *(["--prefer", prefer] if prefer else []), status=0 if prefer else 1)
    there, here = item_of(server, "knuth1984")["volume"], Path("refs.bib").read_text(encoding="utf-8")
    if volume:
        assert there == volume
        assert f"volume = {{{volume}}}" in here
    else:
        assert there == "6"
        assert "volume = {5}" in here
        assert "changed on both sides" in call("sync", "refs.bib", status=1).output


def test_an_entry_taken_out_of_the_file_does_not_come_back_and_stays_in_zotero(
    server: ZoteroServer, call: Call
) -> None:
    call("sync", "refs.bib")
    Path("refs.bib").write_text(BIB.partition("@misc")[0], encoding="utf-8")
    call("sync", "refs.bib")
    assert "vaswani" not in Path("refs.bib").read_text(encoding="utf-8")
    assert item_of(server, "vaswani2017")
    call("sync", "refs.bib", "--delete")
    assert [item["citationKey"] for item in server.alive()] == ["knuth1984"]


def test_a_key_changed_in_zotero_is_told_and_taken_over_where_the_old_one_goes_on(
    server: ZoteroServer, call: Call
) -> None:
    call("sync", "refs.bib")
    server.edit(item_of(server, "knuth1984")["key"], citationKey="other", volume="28")
    for _ in range(2):
        assert "the citation key is now 'other' in Zotero" in call("sync", "refs.bib").output
        assert "@article{knuth1984," in Path("refs.bib").read_text(encoding="utf-8")
    call("sync", "refs.bib", "--strict", status=1)
    Path("paper.tex").write_text(r"\cite{knuth1984,vaswani2017}", encoding="utf-8")
    call("sync", "refs.bib", "--tex", "paper.tex", "--map", "keys.csv")
    assert "@article{other," in Path("refs.bib").read_text(encoding="utf-8")
    assert Path("paper.tex").read_text(encoding="utf-8") == r"\cite{other,vaswani2017}"
    assert Path("keys.csv").read_text(encoding="utf-8") == "old,new\nknuth1984,other\n"
    writes = server.writes
    assert "2 unchanged" in call("sync", "refs.bib").output
    assert server.writes == writes


def test_a_biblatex_file_keeps_the_old_key_beside_the_one_of_zotero(server: ZoteroServer, call: Call) -> None:
    text = BIB.replace("journal", "journaltitle").replace("year    = 1984", "date = {1984}")
    text = text.replace("archivePrefix", "eprinttype").replace("year={", "date={")
    Path("refs.bib").write_text(text, encoding="utf-8")
    call("sync", "refs.bib")
    server.edit(item_of(server, "knuth1984")["key"], citationKey="other")
    call("sync", "refs.bib")
    text = Path("refs.bib").read_text(encoding="utf-8")
    assert "@article{other," in text
    assert "ids" in text and "{knuth1984}" in text
    assert "2 unchanged" in call("sync", "refs.bib").output
    assert Path("refs.bib").read_text(encoding="utf-8") == text


# --- the local API -----------------------------------------------------------------------------------------------------


@pytest.fixture
def at_home(tmp_path: Path) -> Iterator[Bench]:
    with ZoteroServer(local=True) as server:
        yield Bench(server, tmp_path / "local")


def test_the_local_api_is_pushed_to_without_chosen_keys(at_home: Bench) -> None:
    records = [paper(number) for number in range(120)]
    assert at_home.verbs(records) == {"created": 120}
    writes = at_home.server.writes
    assert at_home.verbs(records) == {"unchanged": 120}
    assert at_home.server.writes == writes
    assert at_home.verbs([paper(0, volume="2"), *records[1:]]) == {"updated": 1, "unchanged": 119}


def test_a_lost_answer_of_the_local_api_makes_no_duplicate(at_home: Bench) -> None:
    posts: list[int] = []

    def second_write_is_lost(call: int, method: str, path: str) -> str:
        posts.extend([call] if method == "POST" else [])
        return "drop after" if len(posts) in (2, 3) and method == "POST" else ""

    at_home.server.fault = second_write_is_lost
    assert at_home.verbs([paper(number) for number in range(120)]) == {"created": 120}
    assert len(at_home.server.library.items) == 120


def test_a_deletion_shows_in_the_local_api_by_comparing_lists(at_home: Bench) -> None:
    at_home.push([paper(0), paper(1)])
    at_home.server.destroy(at_home.server.alive()[0]["key"])
    assert at_home.verbs([paper(0), paper(1)]) == {"deleted": 1, "unchanged": 1}


def test_without_a_key_zotero_is_asked_and_a_key_for_one_write_is_asked_for_again(at_home: Bench) -> None:
    at_home.key = ""
    assert at_home.verbs([paper(number) for number in range(60)]) == {"created": 60}
    assert sum(path.endswith("/authorize") for _, path, _ in at_home.server.calls) == 2


def test_versions_of_another_installation_are_not_mixed_up(at_home: Bench) -> None:
    at_home.push([paper(0)])
    at_home.server.server_id = "server-two"
    at_home.server.libraries["users/0"].items.clear()
    assert at_home.verbs([paper(0)]) == {"created": 1}


def test_an_old_zotero_is_told_apart(server: ZoteroServer) -> None:
    server.fault = lambda call, method, path: ""
    with Client(server.base, "goodkey") as client, pytest.raises(ZoteroError, match="no Zotero 10"):
        Local(client, "user")


# --- the key -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base", ["http://api.zotero.org", "http://192.168.1.1/api", "ftp://localhost", "http://localhost.example.org"]
)
def test_the_key_travels_by_https_or_not_at_all(base: str) -> None:
    with pytest.raises(ZoteroError, match="only https"):
        Client(base, "goodkey")


def test_a_redirect_does_not_carry_the_key_away(server: ZoteroServer) -> None:
    with ZoteroServer() as thief:
        server.fault = lambda call, method, path: f"redirect {thief.base}/keys/current"
        with Client(server.base, "goodkey") as client, pytest.raises(ZoteroError, match="redirected"):
            client.get("/keys/current")
        assert thief.seen_headers == []


def test_a_link_to_another_server_is_not_followed(server: ZoteroServer) -> None:
    with Client(server.base, "goodkey") as client, pytest.raises(ZoteroError, match="another server"):
        client.get("https://thief.example.org/users/1/items?start=100")


def test_the_key_is_in_no_message_and_no_log(server: ZoteroServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(403, text=f"no such key: {request.headers['Zotero-API-Key']}")

    from zotero_bridge.web import Web

    with Client("https://example.org", "sEcReT", transport=httpx2.MockTransport(echo)) as client:
        web = Web(client, "user:1")
        for ask in (web.access, lambda: web.items(["ABCDEFGH"]), lambda: web.write([{}], 0)):
            with pytest.raises(ZoteroError) as caught:
                ask()
            assert "sEcReT" not in str(caught.value)
            assert "sEcReT" not in repr(caught.value.__cause__)
    with Client(server.base, "sEcReT", attempts=1) as client:
        client.get("/keys/current")
        server.fault = lambda call, method, path: "drop before"
        with pytest.raises(UnknownOutcomeError):
            client.post("/users/1/items", [])
    assert "sEcReT" not in caplog.text


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_can_read_is_refused(call: Call, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    monkeypatch.delenv("ZOTERO_API_KEY")
    Path("key").write_text("goodkey\n")
    Path("key").chmod(mode)
    assert "chmod 600" in call("push", "refs.bib", "--key-file", "key", status=2).output
    Path("key").chmod(0o600)
    call("push", "refs.bib", "--key-file", "key")


def test_without_a_key_one_is_told_where_to_get_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZOTERO_API_KEY")
    assert "zotero.org/settings/keys" in call("push", "refs.bib", status=2).output
    monkeypatch.setenv("ZOTERO_API_KEY", "wrong")
    assert "does not know this API key" in call("push", "refs.bib", status=2).output
    monkeypatch.setenv("ZOTERO_API_KEY", "readkey")
    assert "may only read" in call("push", "refs.bib", status=2).output
    shown = call("push", "refs.bib", "--dry-run", status=2).output
    assert "would be: 2 new in Zotero" in shown
    assert "nothing can be written, the key may only read it" in shown


def test_the_state_directory_belongs_to_its_owner(server: ZoteroServer, tmp_path: Path) -> None:
    with State(tmp_path / "deep" / "state", server.base, "user:1") as state:
        assert state.path.stat().st_mode & 0o777 == 0o600
        assert state.path.parent.stat().st_mode & 0o777 == 0o700


# --- being there -------------------------------------------------------------------------------------------------------


def test_every_command_has_help_with_an_example() -> None:
    for words in (["zotero"], *(["zotero", verb] for verb in ("push", "pull", "sync", "status"))):
        result = CliRunner().invoke(main, [*words, "--help"])
        assert result.exit_code == 0
        assert "Example" in result.output


def test_the_command_line_does_not_load_the_network_and_says_what_is_missing() -> None:
    code = (
        "import sys; import zotero_bridge.cli; print(sorted({m.split('.')[0] for m in sys.modules} & {'httpx2', 'tenacity'}));"
        "sys.modules['httpx2'] = None; sys.argv = ['x', 'status']; zotero_bridge.cli.zotero()"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout == "[]\n"
    assert found.returncode == 2
    assert "pip install httpx2 tenacity" in found.stderr


def test_hostile_titles_do_not_reach_the_terminal(server: ZoteroServer, call: Call) -> None:
    Path("bad.bib").write_text(
        "@book{x, title={\x1b[31mred\x1b]0;owned\x07}, author={A B}, year=2001}", encoding="utf-8"
    )
    assert "\x1b" not in call("push", "bad.bib", "--dry-run").output


def test_answers_that_are_not_zoteros_are_told_without_a_traceback(server: ZoteroServer, call: Call) -> None:
    server.fault = lambda call, method, path: "garbage"
    assert "not JSON" in call("push", "refs.bib", status=2).output
    assert clients.ATTEMPTS == 8
