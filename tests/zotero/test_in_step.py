"""What was seen and what was carried over are two things: no edit of either side is lost on the way, none is dropped unsaid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bibtools.record import Date, Name, Record
from tests.zotero.conftest import Bench, Call, item_of, paper
from tests.zotero.server import ZoteroServer

ONE = """@article{knuth1984,
  author = {Donald E. Knuth},
  title = {Literate Programming},
  journal = {The Computer Journal},
  year = 1984, volume = {27}
}
"""


@pytest.fixture
def one(call: Call) -> Path:
    path = Path("one.bib")
    path.write_text(ONE, encoding="utf-8")
    call("push", "one.bib")
    return path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- seen is not taken over --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("sync", "one.bib"), ("sync", "one.bib", "--prefer", "zotero"), ("pull", "-o", "one.bib")]
)
def test_an_edit_that_a_push_has_seen_still_reaches_the_file(
    server: ZoteroServer, call: Call, one: Path, words: tuple[str, ...]
) -> None:
    server.edit(item_of(server, "knuth1984")["key"], title="Literate programming revisited", tags=[{"tag": "mine"}])
    changed(one, "{27}", "{28}")
    call("push", "one.bib")
    call(*words)
    text = one.read_text(encoding="utf-8")
    assert "Literate programming revisited" in text
    assert "mine" in text
    assert "{28}" in text
    writes = server.writes
    assert "1 unchanged" in call("sync", "one.bib").output
    assert (server.writes, one.read_text(encoding="utf-8")) == (writes, text)


def test_tags_and_extra_lines_of_both_sides_meet(server: ZoteroServer, call: Call, one: Path) -> None:
    changed(one, "{27}", "{27}, keywords = {layers}, note = {Seen}")
    call("push", "one.bib")
    key = item_of(server, "knuth1984")["key"]
    server.edit(key, tags=[{"tag": "layers"}, {"tag": "mine"}], extra="Seen\nMy words")
    changed(one, "{layers}", "{layers, mud}")
    call("push", "one.bib")
    call("sync", "one.bib")
    text = one.read_text(encoding="utf-8")
    assert "mine" in text
    assert "My words" in text
    assert [tag["tag"] for tag in item_of(server, "knuth1984")["tags"]] == ["layers", "mine", "mud"]
    call("sync", "one.bib")
    assert one.read_text(encoding="utf-8") == text


def test_an_edit_that_came_between_within_a_sync_reaches_the_file_the_next_time(
    server: ZoteroServer, call: Call, one: Path
) -> None:
    key = item_of(server, "knuth1984")["key"]
    once: list[bool] = []

    def meanwhile(library: object) -> None:
        if not once:
            once.append(True)
            server.edit(key, title="Between")

    changed(one, "{27}", "{28}")
    server.before_write = meanwhile
    call("sync", "one.bib")
    assert once
    assert server.library.items[key]["data"]["volume"] == "28"
    call("sync", "one.bib")
    assert "Between" in one.read_text(encoding="utf-8")


@pytest.mark.parametrize(("prefer", "volume"), [("zotero", "99"), ("file", "28")])
@pytest.mark.parametrize("first", ["push", "sync"])
def test_a_conflict_that_was_left_can_be_settled_later(
    server: ZoteroServer, call: Call, one: Path, first: str, prefer: str, volume: str
) -> None:
    server.edit(item_of(server, "knuth1984")["key"], volume="99")
    changed(one, "{27}", "{28}")
    for _ in range(2):
        assert "Zotero has '99', the file '28'" in call(first, "one.bib", "--strict", status=1).output
    call("sync", "one.bib", "--prefer", prefer)
    assert item_of(server, "knuth1984")["volume"] == volume
    assert f"{{{volume}}}" in one.read_text(encoding="utf-8")
    assert "1 unchanged" in call("sync", "one.bib", "--strict").output


def test_a_push_that_prefers_zotero_leaves_its_value_for_the_next_sync(
    server: ZoteroServer, call: Call, one: Path
) -> None:
    server.edit(item_of(server, "knuth1984")["key"], volume="99")
    changed(one, "{27}", "{28}")
    assert "'99' stays" in call("push", "one.bib", "--prefer", "zotero", "--strict").output
    assert "conflict" not in call("push", "one.bib", "--strict").output
    call("sync", "one.bib")
    assert "{99}" in one.read_text(encoding="utf-8")


# --- without what was remembered ---------------------------------------------------------------------------------------


def test_a_lost_state_makes_conflicts_of_differences_and_they_stay(
    server: ZoteroServer, call: Call, one: Path, tmp_path: Path
) -> None:
    for file in (tmp_path / "state").glob("*"):
        file.unlink()
    changed(one, "{27}", "{28}")
    for _ in range(2):
        shown = call("push", "one.bib", "--strict", status=1).output
        assert "Zotero has '27', the file '28'" in shown
        assert "unchanged" not in shown
    call("push", "one.bib", "--prefer", "file", "--strict")
    assert item_of(server, "knuth1984")["volume"] == "28"


def test_a_file_that_moved_is_known_by_its_citation_keys(server: ZoteroServer, call: Call, one: Path) -> None:
    one.rename("moved.bib")
    moved = Path("moved.bib")
    changed(moved, "{27}", "{28}")
    assert "1 changed in Zotero" in call("push", "moved.bib", "--strict").output
    assert item_of(server, "knuth1984")["volume"] == "28"
    server.edit(item_of(server, "knuth1984")["key"], volume="29")
    moved.rename("again.bib")
    call("sync", "again.bib")
    assert "{29}" in Path("again.bib").read_text(encoding="utf-8")


def test_a_copy_beside_the_file_is_not_the_file(server: ZoteroServer, call: Call, one: Path) -> None:
    Path("copy.bib").write_text(ONE.replace("{27}", "{28}"), encoding="utf-8")
    assert "Zotero has '27', the file '28'" in call("push", "copy.bib", "--strict", status=1).output
    assert "1 unchanged" in call("push", "one.bib", "--strict").output


def test_two_computers_with_one_library(server: ZoteroServer, tmp_path: Path) -> None:
    here, there = Bench(server, tmp_path / "here"), Bench(server, tmp_path / "there")
    here.push([paper(1)])
    assert there.verbs([paper(1)]) == {"unchanged": 1}
    here.push([paper(1, volume="2")])
    assert there.verbs([paper(1)]) == {"unchanged": 1}  # it has not changed there: nothing is taken back
    (outcome,) = there.push([paper(1, volume="3")])
    assert outcome.conflicts == (("volume", "2", "3"),)
    assert here.verbs([paper(1, volume="2")]) == {"unchanged": 1}
    there.push([paper(1, volume="2")])
    assert there.verbs([paper(1, volume="4")]) == {"updated": 1}


def test_what_only_zotero_has_of_an_adopted_work_comes_into_the_file(server: ZoteroServer, call: Call) -> None:
    people = [{"creatorType": "author", "firstName": "Donald E.", "lastName": "Knuth"}]
    data = {"title": "Literate programming", "publicationTitle": "The Computer Journal", "date": "1984", "volume": "27"}
    server.add(itemType="journalArticle", creators=people, citationKey="knuth1984", ISSN="0010-4620", **data)
    Path("one.bib").write_text(ONE, encoding="utf-8")
    assert "1 unchanged" in call("push", "one.bib", "--strict").output  # the titles differ in case only
    call("sync", "one.bib", "--strict")
    text = Path("one.bib").read_text(encoding="utf-8")
    assert "0010-4620" in text
    assert "title = {Literate Programming}" in text


# --- deleted for good, and restored ------------------------------------------------------------------------------------


def test_a_restored_record_is_a_record_like_others(server: ZoteroServer, call: Call, one: Path) -> None:
    server.destroy(item_of(server, "knuth1984")["key"])
    assert "deleted in Zotero" in call("push", "one.bib").output
    call("push", "one.bib", "--restore")
    changed(one, "{27}", "{28}")
    assert "1 changed in Zotero" in call("push", "one.bib").output
    assert item_of(server, "knuth1984")["volume"] == "28"
    assert "1 unchanged" in call("push", "one.bib").output
    assert len(server.alive()) == 1


# --- a dry run says what happens ---------------------------------------------------------------------------------------


def test_a_dry_run_knows_a_collection_that_is_not_there(server: ZoteroServer, call: Call, one: Path) -> None:
    shown = call("push", "one.bib", "--collection", "Papers/New", "--dry-run").output
    assert "1 changed in Zotero" in shown
    assert "collection 'Papers/New' would be made" in shown
    assert server.library.collections == {}
    shown = call("push", "one.bib", "--collection", "Papers/New").output
    assert "1 changed in Zotero" in shown
    assert "collection 'Papers/New' made" in shown
    assert "made" not in call("push", "one.bib", "--collection", "Papers/New").output


def test_several_collections_at_once(server: ZoteroServer, call: Call) -> None:
    Path("one.bib").write_text(ONE, encoding="utf-8")
    call("push", "one.bib", "--collection", "A/B", "--collection", "C")
    names = {key: each["data"]["name"] for key, each in server.library.collections.items()}
    assert sorted(names[key] for key in item_of(server, "knuth1984")["collections"]) == ["B", "C"]
    server.add(itemType="book", title="In A", collections=[key for key, name in names.items() if name == "A"])
    call("pull", "--collection", "A", "-o", "a.bib")
    assert Path("a.bib").read_text(encoding="utf-8").count("@") == 1
    call("pull", "--collection", "A", "--recursive", "-o", "b.bib")
    assert Path("b.bib").read_text(encoding="utf-8").count("@") == 2


@pytest.mark.parametrize("by", ["key", "group"])
def test_a_dry_run_says_that_nothing_may_be_written(server: ZoteroServer, call: Call, by: str) -> None:
    Path("one.bib").write_text(ONE, encoding="utf-8")
    if by == "group":
        server.groups["7"]["libraryEditing"] = "admins"
    group = "group:8" if by == "key" else "group:7"
    for words in (("--dry-run",), ()):
        shown = call("push", "one.bib", "--library", group, *words, status=2).output
        assert ("may only read" if by == "key" else "administrators") in shown
    assert "read only" in call("status", "one.bib", "--library", group, status=2).output


def test_a_dry_sync_says_what_the_sync_does(server: ZoteroServer, call: Call, one: Path) -> None:
    key = item_of(server, "knuth1984")["key"]
    server.edit(key, volume="99", issue="2")
    server.add(itemType="book", title="Another", citationKey="another")
    changed(one, "{27}", "{28}")
    before = one.read_bytes()
    dry = call("sync", "one.bib", "--dry-run", "--prefer", "zotero", "--report", "dry.json").output
    assert one.read_bytes() == before
    real = call("sync", "one.bib", "--prefer", "zotero").output
    assert dry.strip().splitlines()[-1] == "would be: " + real.strip().splitlines()[-1]


# --- several records of one work ---------------------------------------------------------------------------------------


def test_files_that_share_an_entry_are_pushed_once(server: ZoteroServer, call: Call) -> None:
    Path("a.bib").write_text(ONE, encoding="utf-8")
    Path("b.bib").write_text(
        ONE.replace("Donald E.", "D. E.").replace("{27}", "{27}, url = {https://example.org/x}"), encoding="utf-8"
    )
    shown = call("push", "a.bib", "b.bib").output
    assert "author: 'Knuth, D. E.' is not carried, the item has 'Knuth, Donald E.'" in shown
    (item,) = server.alive()
    assert item["creators"][0]["firstName"] == "Donald E."
    assert item["url"] == "https://example.org/x"
    writes = server.writes
    for _ in range(2):
        call("push", "a.bib", "b.bib")
    assert server.writes == writes == 1


def test_the_richer_of_two_entries_gives_its_fields(server: ZoteroServer, bench: Bench) -> None:
    rich = paper(
        7, id="rich", volume="7", issue="3", keyword=("mud",), author=(Name(family="Author7", given="Ada B."),)
    )
    poor = paper(7, container_title="", keyword=("geology",))
    outcomes = bench.push([poor, rich])
    assert [(each.id, each.verb) for each in outcomes] == [("author7", "created"), ("rich", "duplicate")]
    (item,) = server.alive()
    assert (item["volume"], item["issue"], item["publicationTitle"]) == ("7", "3", "Journal of Layers")
    assert [tag["tag"] for tag in item["tags"]] == ["geology", "mud"]
    assert [name for name, _, _ in outcomes[1].left] == ["author"]
    writes = server.writes
    assert bench.verbs([poor, rich]) == {"unchanged": 1, "duplicate": 1}
    assert server.writes == writes
    bench.push([poor, replace(rich, volume="8")])
    assert server.alive()[0]["volume"] == "8"
    bench.push([poor])
    assert server.alive()[0]["volume"] == "8"


def test_an_edit_in_zotero_survives_two_records_of_it(server: ZoteroServer, bench: Bench) -> None:
    pair = [paper(7), paper(7, id="again", volume="7")]
    bench.push(pair)
    server.edit(server.alive()[0]["key"], title="Edited", volume="9")
    writes = server.writes
    assert bench.verbs(pair) == {"unchanged": 1, "duplicate": 1}
    assert server.writes == writes
    outcomes = bench.push([paper(7), paper(7, id="again", volume="8")])
    assert outcomes[0].conflicts == (("volume", "9", "8"),)
    assert server.alive()[0]["title"] == "Edited"


# --- a doubt stays a doubt ---------------------------------------------------------------------------------------------


def test_what_was_unsure_is_not_made_by_the_second_push(server: ZoteroServer, bench: Bench) -> None:
    key = server.add(
        itemType="journalArticle",
        title="Amber layers in the sediments of northern lakes",
        creators=[{"creatorType": "author", "firstName": "Ada", "lastName": "Author"}],
        date="2001",
        publicationTitle="Journal of Layers",
    )
    bare = Record(id="r1", type="article-journal", title="Amber layers in the sediments of northern lakes")
    full = replace(
        bare, id="r0", author=(Name("Author", "Ada"),), container_title="Journal of Layers", issued=Date((2001,))
    )
    records = [full, bare]
    first = {each.id: each.verb for each in bench.push(records)}
    count, writes = len(server.alive()), server.writes
    for _ in range(2):
        again = {each.id: each.verb for each in bench.push(records)}
        assert len(server.alive()) == count
        assert {name for name, verb in first.items() if verb == "unsure"} == {"r1"}
        assert again["r1"] == "unsure"
        assert server.writes == writes
    assert key in {item["key"] for item in server.alive()}


def test_two_equal_items_stay_a_doubt_when_the_record_is_edited(server: ZoteroServer, bench: Bench) -> None:
    for _ in range(2):
        server.add(itemType="journalArticle", title=paper(7).title, DOI=paper(7).doi)
    assert bench.verbs([paper(7)]) == {"unsure": 1}
    assert bench.verbs([paper(7)]) == {"unsure": 1}
    assert bench.verbs([paper(7, volume="2"), paper(8)]) == {"unsure": 1, "created": 1}
    assert bench.verbs([paper(7, volume="2")], on_unsure="add") == {"created": 1}
    assert bench.verbs([paper(7, volume="2")]) == {"unchanged": 1}
