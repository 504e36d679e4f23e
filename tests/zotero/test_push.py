"""Pushing: twice writes nothing, the user's edits stay, nothing comes back from the dead, requests are few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bibtools.record import Date, Name, Record
from tests.zotero.conftest import Bench, paper
from tests.zotero.server import ZoteroServer
from zotero_bridge.client import RefusedError, ZoteroError
from zotero_bridge.state import State


def keys_by_id(server: ZoteroServer) -> dict[str, str]:
    return {item["citationKey"]: item["key"] for item in server.alive() if "citationKey" in item}


# --- idempotent --------------------------------------------------------------------------------------------------------


def test_the_second_push_writes_nothing(server: ZoteroServer, bench: Bench) -> None:
    records = [paper(number) for number in range(130)]
    assert bench.verbs(records) == {"created": 130}
    writes = server.writes
    assert bench.verbs(records) == {"unchanged": 130}
    assert server.writes == writes == 3


def test_a_push_without_its_state_finds_everything_again(server: ZoteroServer, tmp_path: Path) -> None:
    records = [paper(number) for number in range(60)]
    Bench(server, tmp_path / "one").push(records)
    writes = server.writes
    assert Bench(server, tmp_path / "two").verbs(records) == {"unchanged": 60}
    assert server.writes == writes


def test_nothing_is_written_after_zotero_has_tidied(server: ZoteroServer, bench: Bench) -> None:
    book = Record(
        id="b",
        type="book",
        title="On tidying",
        author=(Name(family="Neat", given="N."),),
        isbn="9783540678656",
        pmid="123",
        original_date=Date((1900,)),
        keyword=("one", "two"),
    )
    bench.push([book])
    key = keys_by_id(server)["b"]
    data = server.library.items[key]["data"]
    assert "PMID: 123" in data["extra"]
    lines = [line for line in data["extra"].split("\n") if not line.startswith("PMID")]
    server.edit(
        key, ISBN="978-3-540-67865-6", tags=[{"tag": "two"}, {"tag": "one"}], extra="\n".join(["pmid:  123", *lines])
    )
    writes = server.writes
    assert bench.verbs([book]) == {"unchanged": 1}
    assert bench.verbs([replace(book, volume="2")]) == {"updated": 1}
    assert server.library.items[key]["data"]["ISBN"] == "978-3-540-67865-6"
    assert server.writes == writes + 1


def test_a_line_that_zotero_moves_to_a_native_field_is_the_same_value(server: ZoteroServer, bench: Bench) -> None:
    record = paper(1, original_date=Date((1900,)))
    server.types["journalArticle"]["fields"] = [
        each for each in server.types["journalArticle"]["fields"] if each["field"] != "citationKey"
    ]
    bench.push([record])
    key = next(iter(server.library.items))
    assert "Citation Key: author1" in server.library.items[key]["data"]["extra"]
    server.types["journalArticle"]["fields"] += [{"field": "citationKey"}, {"field": "originalDate"}]
    server.edit(key, extra="", citationKey="author1", originalDate="1900")
    with State(bench.directory, server.base, "user:1") as state:
        state.set_fact("schema-asked", "0")
        state.set_fact("schema-etag", "")
    assert bench.verbs([record]) == {"unchanged": 1}


# --- the user's edits --------------------------------------------------------------------------------------------------


def test_an_edit_in_zotero_survives(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    key = keys_by_id(server)["author1"]
    server.edit(key, title="A better title", tags=[{"tag": "geology"}, {"tag": "mine"}], extra="My own words")
    assert bench.verbs([paper(1)]) == {"unchanged": 1}
    assert bench.verbs([paper(1, volume="7", keyword=("geology", "mud"), note="Seen")]) == {"updated": 1}
    data = server.library.items[key]["data"]
    assert data["title"] == "A better title"
    assert data["volume"] == "7"
    assert [tag["tag"] for tag in data["tags"]] == ["geology", "mine", "mud"]
    assert data["extra"].split("\n") == ["My own words", "Seen"]


def test_what_both_sides_edited_is_a_conflict_and_stays_one(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    key = keys_by_id(server)["author1"]
    server.edit(key, title="Theirs")
    for _ in range(2):
        (outcome,) = bench.push([paper(1, title="Ours", volume="3")])
        assert outcome.conflicts == (("title", "Theirs", "Ours"),)
    assert server.library.items[key]["data"]["volume"] == "3"
    assert server.library.items[key]["data"]["title"] == "Theirs"
    assert bench.verbs([paper(1, title="Ours", volume="3")], prefer="file") == {"updated": 1}
    assert server.library.items[key]["data"]["title"] == "Ours"


def test_an_edit_that_we_saw_and_left_alone_is_not_overwritten_later(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    key = keys_by_id(server)["author1"]
    server.edit(key, volume="9")
    bench.push([paper(1, issue="2")])
    (outcome,) = bench.push([paper(1, issue="2", volume="4")])
    assert outcome.conflicts == (("volume", "9", "4"),)
    assert server.library.items[key]["data"]["volume"] == "9"


def test_a_tag_or_collection_that_the_user_took_away_stays_away(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1, keyword=("a", "b"))], collection="Mine")
    key = keys_by_id(server)["author1"]
    server.edit(key, tags=[{"tag": "b"}], collections=[])
    assert bench.verbs([paper(1, keyword=("a", "b"))], collection="Mine") == {"unchanged": 1}
    bench.push([paper(1, keyword=("a", "b"), volume="2")], collection="Mine")
    data = server.library.items[key]["data"]
    assert (data["tags"], data["collections"]) == ([{"tag": "b"}], [])


def test_a_type_changed_in_zotero_stays_and_takes_our_changes(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    key = keys_by_id(server)["author1"]
    data = dict(server.library.items[key]["data"])
    del data["publicationTitle"]
    server.library.items[key]["data"] = {**data, "itemType": "conferencePaper", "proceedingsTitle": "Journal of Layers"}
    server.edit(key)
    assert bench.verbs([paper(1)]) == {"unchanged": 1}
    assert bench.verbs([paper(1, container_title="Annals")]) == {"updated": 1}
    assert server.library.items[key]["data"]["proceedingsTitle"] == "Annals"


def test_a_type_changed_in_the_file_keeps_what_the_user_has(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1, issue="3")])
    key = keys_by_id(server)["author1"]
    server.edit(key, extra="My words", rights="CC", tags=[{"tag": "geology"}, {"tag": "mine"}])
    assert bench.verbs([paper(1, issue="3", type="chapter")]) == {"updated": 1}
    data = server.library.items[key]["data"]
    assert (data["itemType"], data["bookTitle"], data["rights"]) == ("bookSection", "Journal of Layers", "CC")
    assert "My words" in data["extra"].split("\n")
    assert "issue: 3" in data["extra"].split("\n")
    assert {"tag": "mine"} in data["tags"]
    assert bench.verbs([paper(1, issue="3", type="chapter")]) == {"unchanged": 1}


# --- trash, deletion, mergers ------------------------------------------------------------------------------------------


def test_a_trashed_item_is_not_brought_back(server: ZoteroServer, bench: Bench, tmp_path: Path) -> None:
    bench.push([paper(1), paper(2)])
    keys = keys_by_id(server)
    server.trash(keys["author1"])
    writes = server.writes
    assert bench.verbs([paper(1, volume="8"), paper(2)]) == {"trashed": 1, "unchanged": 1}
    assert Bench(server, tmp_path / "elsewhere").verbs([paper(1), paper(2)]) == {"trashed": 1, "unchanged": 1}
    assert server.writes == writes
    assert bench.verbs([paper(1, volume="8"), paper(2)], restore=True) == {"updated": 1, "unchanged": 1}
    assert len(server.alive()) == 2


def test_a_deleted_item_is_not_made_anew(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1), paper(2)])
    server.destroy(keys_by_id(server)["author1"])
    for _ in range(2):
        assert bench.verbs([paper(1), paper(2)]) == {"deleted": 1, "unchanged": 1}
    assert bench.verbs([paper(1), paper(2)], restore=True) == {"created": 1, "unchanged": 1}


def test_a_merge_in_zotero_is_followed(server: ZoteroServer, bench: Bench) -> None:
    mine = server.add(itemType="journalArticle", title="My own copy of it", extra="Mine")
    bench.push([paper(1), paper(2)])
    server.merge(keys_by_id(server)["author1"], mine)
    writes = server.writes
    assert bench.verbs([paper(1), paper(2)]) == {"unchanged": 2}
    assert server.writes == writes
    assert bench.verbs([paper(1, volume="5"), paper(2)]) == {"updated": 1, "unchanged": 1}
    assert server.library.items[mine]["data"]["volume"] == "5"
    assert len(server.alive()) == 2


def test_two_of_ours_merged_into_one_write_nothing(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1), paper(2)])
    keys = keys_by_id(server)
    server.merge(keys["author1"], keys["author2"])
    writes = server.writes
    assert bench.verbs([paper(1), paper(2)]) == {"unchanged": 1, "duplicate": 1}
    assert server.writes == writes


def test_nothing_is_trashed_unless_asked_and_then_only_what_nobody_edited(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(number) for number in range(4)])
    keys = keys_by_id(server)
    server.edit(keys["author2"], volume="3")
    assert bench.verbs([paper(0)]) == {"unchanged": 1}
    assert len(server.alive()) == 4
    assert bench.verbs([paper(0)], delete=True) == {"unchanged": 1, "trash": 2, "kept": 1}
    assert keys_by_id(server).keys() == {"author0", "author2"}
    assert server.library.items[keys["author1"]]["data"]["deleted"] == 1


# --- who is who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "there",
    [
        {"DOI": "HTTPS://doi.org/10.5555/LAYERS.7"},
        {"extra": "DOI: 10.5555/layers.7"},
        {"citationKey": "author7"},
        {"extra": "Citation Key: author7"},
        {"url": "https://doi.org/10.5555/layers.7"},
    ],
)
def test_an_item_is_found_by_its_identifiers(server: ZoteroServer, bench: Bench, there: dict[str, Any]) -> None:
    key = server.add(itemType="journalArticle", title=paper(7).title.upper(), **there)
    assert bench.verbs([paper(7)]) == {"updated": 1}
    assert [item["key"] for item in server.alive()] == [key]
    assert bench.verbs([paper(7)]) == {"unchanged": 1}


def test_a_found_item_is_filled_and_not_overwritten(server: ZoteroServer, bench: Bench) -> None:
    key = server.add(itemType="journalArticle", title=paper(7).title, DOI=paper(7).doi, date="1999", citationKey="mine")
    (outcome,) = bench.push([paper(7)])
    data = server.library.items[key]["data"]
    assert (data["date"], data["citationKey"]) == ("1999", "mine")
    assert data["publicationTitle"] == "Journal of Layers"
    assert {name for name, _, _ in outcome.conflicts} == {"issued", "citationKey"}


def test_a_key_that_is_used_for_another_work_does_not_find_the_old_one(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    other = Record(
        id="author1", type="book", title="Entirely different matters", author=(Name(family="Else", given="S."),)
    )
    assert bench.verbs([other]) == {"created": 1}
    assert len(server.alive()) == 2


def test_a_preprint_and_its_published_version_are_two_items_unless_asked(server: ZoteroServer, bench: Bench) -> None:
    preprint = paper(3, id="pre", type="article", container_title="", doi="", arxiv_id="2301.00003")
    published = paper(3, arxiv_id="2301.00003")
    assert bench.verbs([preprint, published]) == {"created": 2}
    data = next(item for item in server.alive() if item["itemType"] == "preprint")
    assert (data["repository"], data["archiveID"]) == ("arXiv", "arXiv:2301.00003")


def test_two_equal_items_in_the_library_are_reported_not_guessed(server: ZoteroServer, bench: Bench) -> None:
    keys = {server.add(itemType="journalArticle", title=paper(7).title, DOI=paper(7).doi) for _ in range(2)}
    (outcome,) = bench.push([paper(7)])
    assert (outcome.verb, set(outcome.others)) == ("unsure", keys)
    assert bench.verbs([paper(7)], on_unsure="add") == {"created": 1}


def test_a_work_that_is_twice_in_the_input_is_made_once(server: ZoteroServer, bench: Bench) -> None:
    assert bench.verbs([paper(7), paper(7, id="again")]) == {"created": 1, "duplicate": 1}
    assert bench.verbs([paper(7), paper(7, id="again")]) == {"unchanged": 1, "duplicate": 1}


def test_the_volumes_of_a_set_are_works_of_their_own(server: ZoteroServer, bench: Bench) -> None:
    knuth = Record(type="book", title="Computers & Typesetting", author=(Name(family="Knuth", given="D. E."),))
    volumes = [
        replace(knuth, id="set"),
        replace(knuth, id="a", volume="A", volume_title="The TeXbook"),
        replace(knuth, id="b", volume="B", volume_title="TeX: The Program"),
    ]
    assert bench.verbs(volumes) == {"created": 3}
    assert bench.verbs(volumes) == {"unchanged": 3}


def test_a_renamed_key_follows(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    assert bench.verbs([paper(1, id="newname")]) == {"updated": 1}
    assert keys_by_id(server).keys() == {"newname"}


def test_a_citation_key_is_never_both_field_and_line(server: ZoteroServer, bench: Bench) -> None:
    key = server.add(
        itemType="journalArticle", title=paper(7).title, DOI=paper(7).doi, extra="Citation Key: author7\nMine"
    )
    bench.push([paper(7)])
    bench.push([paper(7, id="changed")])
    data = server.library.items[key]["data"]
    assert data["citationKey"] == "changed"
    assert data["extra"] == "Mine"


def test_what_the_schema_refuses_is_our_message(server: ZoteroServer, bench: Bench) -> None:
    (bad, good) = bench.push([paper(1, abstract="x" * 70_000), paper(2)])
    assert {bad.verb, good.verb} == {"invalid", "created"}
    assert "abstractNote" in (bad.why + good.why)


# --- rights and collections --------------------------------------------------------------------------------------------


def test_a_group_is_a_library_of_its_own(server: ZoteroServer, tmp_path: Path) -> None:
    assert Bench(server, tmp_path, "group:7").verbs([paper(1)]) == {"created": 1}
    assert len(server.libraries["groups/7"].items) == 1
    assert Bench(server, tmp_path).verbs([paper(1)]) == {"created": 1}


def test_collections_are_made_along_the_path_and_used_again(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)], collection="A/B")
    bench.push([paper(1), paper(2)], collection="A/B")
    collections = {each["data"]["name"]: each["data"] for each in server.library.collections.values()}
    assert collections.keys() == {"A", "B"}
    assert collections["B"]["parentCollection"] == collections["A"]["key"]
    assert all(item["collections"] == [collections["B"]["key"]] for item in server.alive())


def test_a_dry_run_writes_nothing_and_says_what_a_run_would(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    writes = server.writes
    dry = bench.push([paper(1, volume="2"), paper(2)], dry=True)
    assert [(each.id, each.verb, each.fields) for each in dry] == [
        ("author1", "updated", (("volume", "", "2"),)),
        ("author2", "created", ()),
    ]
    assert server.writes == writes


# --- economy -----------------------------------------------------------------------------------------------------------


def test_a_large_library_costs_as_few_requests_as_the_protocol_allows(server: ZoteroServer, bench: Bench) -> None:
    records = [paper(number) for number in range(1_000)]
    bench.push(records)
    changed = [replace(each, volume="1") if number < 100 else each for number, each in enumerate(records)]
    assert bench.verbs(changed) == {"unchanged": 900, "updated": 100}
    assert bench.requests == 4  # who am I, what changed, two batches
    for item in list(server.library.items)[:50]:
        server.edit(item, rights="CC")
    assert bench.verbs(changed) == {"unchanged": 1_000}
    assert bench.requests == 3  # who am I, what changed, what was deleted


def test_reading_a_large_library_costs_its_pages(server: ZoteroServer, tmp_path: Path) -> None:
    for number in range(1_000):
        server.add(itemType="book", title=f"Volume {number}", date="2001")
    bench = Bench(server, tmp_path)
    assert bench.verbs([paper(number) for number in range(100)]) == {"created": 100}
    assert bench.requests == 2 + 10 + 2  # who am I and the schema, pages, batches


def test_batches_are_limited_by_bytes_and_split_when_refused(server: ZoteroServer, bench: Bench) -> None:
    server.largest = 200_000
    records = [paper(number, abstract=f"{number} " + "wort " * 5_000) for number in range(60)]
    assert bench.verbs(records) == {"created": 60}
    assert max(len(body) for body in server.bodies) < 1_000_000


# --- secrets -----------------------------------------------------------------------------------------------------------


def test_a_read_only_key_is_told_before_the_first_write(server: ZoteroServer, tmp_path: Path) -> None:
    from zotero_bridge import commands
    from zotero_bridge.commands import Files, Settings

    file = tmp_path / "key"
    file.write_text("readkey")
    file.chmod(0o600)
    settings = Settings(api_base=server.base, key_file=file, state=tmp_path / "state")
    files = Files({"a": (paper(1),)}, {"a": "digest"})
    with pytest.raises(RefusedError, match="may only read"):
        commands.push(files, settings, lambda done, total: None)
    result = commands.push(files, replace(settings, dry=True), lambda done, total: None)
    assert [each.verb for each in result.outcomes] == ["created"]
    assert "may only read" in result.refused
    assert server.writes == 0


def test_a_second_process_waits_outside(server: ZoteroServer, bench: Bench) -> None:
    bench.push([paper(1)])
    with State(bench.directory, server.base, "user:1"), pytest.raises(ZoteroError, match="another bibtools"):
        bench.push([paper(1)])
