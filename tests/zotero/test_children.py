"""Files and notes of an entry: linked, uploaded, pulled back, never twice; what leads nowhere is told and nothing fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.zotero.conftest import Call, item_of
from tests.zotero.server import ZoteroServer
from zotero_bridge import children
from zotero_bridge.children import File, parse

FILES = [
    (":a.pdf:PDF", ("a.pdf", "")),
    (r"Full Text PDF:C\:\\Users\\me\\x.pdf:application/pdf", (r"C:\Users\me\x.pdf", "Full Text PDF")),
    (r":C:\papers\x y.pdf:PDF", (r"C:\papers\x y.pdf", "")),
    (r"C:\papers\x.pdf", (r"C:\papers\x.pdf", "")),
    ("papers/x.pdf", ("papers/x.pdf", "")),
    ("/home/me/x.pdf", ("/home/me/x.pdf", "")),
    (r"one\: two:sub/x\;y.pdf:PDF", ("sub/x;y.pdf", "one: two")),
    ("Full Text:files/12/x.pdf", ("files/12/x.pdf", "Full Text")),
    ("file:///C:/x/y%20z.pdf", ("C:/x/y z.pdf", "")),
    (r":http\://example.org/c.pdf:PDF", ("http://example.org/c.pdf", "")),
]


@pytest.mark.parametrize(("value", "found"), FILES)
def test_a_file_field_in_every_spelling(value: str, found: tuple[str, str]) -> None:
    (file,) = parse(value)
    assert (file.path, file.title) == found
    assert [each.path for each in parse(f"{value};{value}")] == [found[0]] * 2


@pytest.mark.parametrize("value", ["", ";", ":::", ";;:", "\x00", ":" * 9_000, "\\", "a" * 70_000])
def test_a_strange_file_field_is_read(value: str) -> None:
    for file in parse(value):
        assert file.name
        file.absolute("/bib")


@pytest.mark.parametrize("path", [r"C:\x\y;z.pdf", "/a:b/c.pdf", "x.pdf", "Ü b.pdf"])
def test_what_is_written_is_read_again(path: str) -> None:
    assert parse(children.field_of(path)) == (File(path, "", children.field_of(path)),)


def entry(**fields: str) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@article{{one,\n  title = {{A Paper With Files}},\n  author = {{Ada Author}},\n{lines}}}\n"


def attachments(server: ZoteroServer) -> list[dict[str, Any]]:
    return [item for item in server.alive() if item["itemType"] == "attachment"]


def notes(server: ZoteroServer) -> list[str]:
    return [item["note"] for item in server.alive() if item["itemType"] == "note"]


def test_files_are_linked_and_told_where_they_lead_nowhere(server: ZoteroServer, call: Call) -> None:
    Path("papers").mkdir()
    Path("papers/a.pdf").write_bytes(b"%PDF")
    url = "https://example.org/p.pdf"
    Path("f.bib").write_text(entry(file=r":papers/a.pdf:PDF;:C\:\\gone\\b.pdf:PDF", url=url), encoding="utf-8")
    shown = call("push", "f.bib").output
    assert r"one: the file 'C:\\gone\\b.pdf' is not there" in shown
    found = {item.get("path") or item["url"]: item for item in attachments(server)}
    assert found.keys() == {str(Path("papers/a.pdf").resolve()), "C:\\gone\\b.pdf", url}
    assert {item["linkMode"] for item in found.values()} == {"linked_file", "linked_url"}
    assert {item["parentItem"] for item in found.values()} == {item_of(server, "one")["key"]}
    assert "tex.file" not in item_of(server, "one").get("extra", "")
    writes = server.writes
    for words in (("push", "f.bib"), ("sync", "f.bib"), ("sync", "f.bib")):
        assert "1 unchanged" in call(*words).output
    assert server.writes == writes


def test_a_lost_state_makes_no_second_attachment(server: ZoteroServer, call: Call, tmp_path: Path) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF"), encoding="utf-8")
    call("push", "f.bib")
    for file in (tmp_path / "state").glob("*"):
        file.unlink()
    writes = server.writes
    call("push", "f.bib")
    assert (server.writes, len(attachments(server))) == (writes, 1)


@pytest.mark.parametrize("fault", ["drop after", "500 after", "garbage", "503"])
def test_a_lost_answer_makes_no_second_attachment(server: ZoteroServer, call: Call, fault: str) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF;:b.pdf:PDF", annote="Read it"), encoding="utf-8")
    posts: list[str] = []

    def second(number: int, method: str, path: str) -> str:
        posts.extend([path] if method == "POST" else [])
        return fault if method == "POST" and len(posts) == 2 else ""

    server.fault = second
    call("push", "f.bib", "--notes")
    assert (len(attachments(server)), len(notes(server))) == (2, 1)
    call("push", "f.bib")
    assert (len(attachments(server)), len(notes(server))) == (2, 1)


def test_an_attachment_taken_away_in_zotero_stays_away(server: ZoteroServer, call: Call) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF;:b.pdf:PDF"), encoding="utf-8")
    call("push", "f.bib")
    server.trash(next(item["key"] for item in attachments(server) if item["path"].endswith("a.pdf")))
    Path("f.bib").write_text(entry(file=":a.pdf:PDF;:b.pdf:PDF", volume="3"), encoding="utf-8")
    call("push", "f.bib")
    assert len(attachments(server)) == 1
    call("sync", "f.bib")
    assert "file = {:b.pdf:PDF}" in Path("f.bib").read_text(encoding="utf-8")


def test_a_link_made_in_zotero_comes_into_the_file(server: ZoteroServer, call: Call) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF"), encoding="utf-8")
    call("push", "f.bib")
    key = item_of(server, "one")["key"]
    link = {"itemType": "attachment", "linkMode": "linked_file", "parentItem": key}
    server.add(**link, path=str(Path("papers/new.pdf").resolve()))
    server.add(itemType="attachment", linkMode="imported_file", parentItem=key, filename="stored.pdf", md5="x")
    server.add(itemType="note", note="<p>Mine</p>", parentItem=key)
    shown = call("sync", "f.bib").output
    assert "1 notes, 1 attachments are not in the .bib" in shown
    text = Path("f.bib").read_text(encoding="utf-8")
    assert "{:a.pdf:PDF;:papers/new.pdf:PDF}" in text
    call("sync", "f.bib")
    assert Path("f.bib").read_text(encoding="utf-8") == text
    call("pull", "-o", "other.bib")
    assert "papers/new.pdf" in Path("other.bib").read_text(encoding="utf-8")


def test_a_group_holds_no_links(server: ZoteroServer, call: Call) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF", url="https://example.org/p.pdf"), encoding="utf-8")
    shown = call("push", "f.bib", "--library", "group:7").output
    assert "a group cannot hold links to files" in shown
    items = [item["data"] for item in server.libraries["groups/7"].items.values()]
    assert "tex.file: :a.pdf:PDF" in next(item for item in items if item["itemType"] == "journalArticle")["extra"]
    assert [item["linkMode"] for item in items if item["itemType"] == "attachment"] == ["linked_url"]


# --- uploads -----------------------------------------------------------------------------------------------------------


def test_a_file_is_uploaded_only_when_asked(server: ZoteroServer, call: Call) -> None:
    Path("a.pdf").write_bytes(b"%PDF-1.7 content")
    Path("f.bib").write_text(entry(file=":a.pdf:PDF;:gone.pdf:PDF"), encoding="utf-8")
    call("push", "f.bib", "--library", "group:7", "--upload")
    (stored,) = [
        i["data"] for i in server.libraries["groups/7"].items.values() if i["data"]["itemType"] == "attachment"
    ]
    assert (stored["linkMode"], stored["filename"]) == ("imported_file", "a.pdf")
    assert server.files == {stored["md5"]: b"%PDF-1.7 content"}
    sent = [
        headers for (_, path, _), headers in zip(server.calls, server.seen_headers, strict=True) if "/storage/" in path
    ]
    assert len(sent) == 1
    assert "zotero-api-key" not in sent[0]
    writes = len(server.calls)
    call("push", "f.bib", "--library", "group:7", "--upload")
    assert not any(method == "POST" for method, _, _ in server.calls[writes:])
    call("push", "f.bib", "--upload")  # into another library: the content is known there
    assert len(server.files) == 1


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_upload_that_was_broken_off_is_taken_up_again(server: ZoteroServer, call: Call, at: int) -> None:
    Path("a.pdf").write_bytes(b"%PDF")
    Path("f.bib").write_text(entry(file=":a.pdf:PDF"), encoding="utf-8")
    steps: list[str] = []

    def broken(number: int, method: str, path: str) -> str:
        steps.extend([path] if path.endswith("/file") or "/storage/" in path else [])
        return "500" if len(steps) == at and path == steps[-1] else ""

    server.fault = broken
    assert "refused by the server" in call("push", "f.bib", "--upload", status=1).output
    server.fault = lambda number, method, path: ""
    call("push", "f.bib", "--upload")
    (stored,) = attachments(server)
    assert server.files[stored["md5"]] == b"%PDF"


# --- notes -------------------------------------------------------------------------------------------------------------


def test_annotations_are_lines_of_extra_or_child_notes(server: ZoteroServer, call: Call) -> None:
    Path("f.bib").write_text(entry(annote="First < part", comment="Nice"), encoding="utf-8")
    call("push", "f.bib")
    assert notes(server) == []
    assert "tex.annote" in item_of(server, "one")["extra"]
    call("push", "f.bib", "--notes", "--note-field", "comment")
    assert notes(server) == ["<p>First &lt; part</p>", "<p>Nice</p>"]
    assert item_of(server, "one").get("extra", "") == ""
    writes = server.writes
    assert "1 unchanged" in call("push", "f.bib").output  # it stays so
    assert server.writes == writes


def test_notes_follow_edits_of_either_side(server: ZoteroServer, call: Call) -> None:
    Path("f.bib").write_text(entry(annote="Before"), encoding="utf-8")
    call("sync", "f.bib", "--notes")
    Path("f.bib").write_text(entry(annote="After"), encoding="utf-8")
    call("sync", "f.bib")
    assert notes(server) == ["<p>After</p>"]
    (note,) = [item for item in server.alive() if item["itemType"] == "note"]
    server.edit(note["key"], note="<p>From <b>Zotero</b></p>")
    call("sync", "f.bib")
    assert "annote = {From Zotero}" in Path("f.bib").read_text(encoding="utf-8")
    writes = server.writes
    call("sync", "f.bib")
    assert server.writes == writes
    server.edit(note["key"], note="<p>Theirs</p>")
    Path("f.bib").write_text(entry(annote="Ours"), encoding="utf-8")
    assert "Zotero has 'Theirs', the file 'Ours'" in call("sync", "f.bib", status=1).output
    assert notes(server) == ["<p>Theirs</p>"]
    call("sync", "f.bib", "--prefer", "zotero")
    assert "annote = {Theirs}" in Path("f.bib").read_text(encoding="utf-8")


def test_notes_are_pulled_when_asked(server: ZoteroServer, call: Call) -> None:
    key = server.add(itemType="book", title="With notes", citationKey="noted")
    server.add(itemType="note", note="<div>One</div>", parentItem=key)
    assert "1 notes are not in the .bib" in call("pull", "-o", "a.bib").output
    assert "One" not in Path("a.bib").read_text(encoding="utf-8")
    call("pull", "--notes", "-o", "b.bib")
    assert "annote = {One}" in Path("b.bib").read_text(encoding="utf-8")


def test_the_local_api_makes_children_without_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ZoteroServer, call: Call
) -> None:
    Path("f.bib").write_text(entry(file=":a.pdf:PDF", annote="Read"), encoding="utf-8")
    with ZoteroServer(local=True) as home:
        where = ["--backend", "local", "--api-base", home.base, "--state", "home"]
        call("push", "f.bib", "--notes", *where)
        call("push", "f.bib", "--notes", *where)
        kinds = sorted(item["itemType"] for item in home.alive())
        assert kinds == ["attachment", "journalArticle", "note"]
