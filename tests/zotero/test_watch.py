"""`sync --watch`: both sides are followed, our own writes are no news, and a file that is not whole is never synced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.zotero.conftest import Call, item_of
from tests.zotero.server import ZoteroServer
from zotero_bridge import commands, watch
from zotero_bridge.commands import Result, Settings
from zotero_bridge.run import Outcome

MANY = "".join(
    f"@article{{key{n},\n  title = {{Work of number {n} on {word}}},\n  author = {{{word.title()}, Ada}},\n  volume = {{1}}\n}}\n"
    for n, word in enumerate("amber basalt cedar delta ember fjord garnet heather indigo jasper kelp lichen".split())
)


class Scene:
    """A watch whose waiting does what the script says: a step at each turn at which nothing is under way."""

    def __init__(self, server: ZoteroServer, tmp_path: Path) -> None:
        self.settings = Settings(api_base=server.base, state=tmp_path / "state")
        self.said: list[str] = []
        self.syncs = 0
        self.steps: list[Callable[[], object]] = []
        self.turns = 0
        self.polls = 40.0

    def sync(self, settings: Settings) -> Result:
        self.syncs += 1
        return commands.both_ways("refs.bib", settings, lambda done, total: None)

    def wait(self, seconds: float) -> None:
        if seconds < 1:
            return
        self.turns += 1
        if self.turns % 40:
            return
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()

    def run(self, *steps: Callable[[], object]) -> Result | None:
        self.steps = list(steps)
        return watch.watch("refs.bib", self.settings, self.sync, self.said.append, interval=10, wait=self.wait)


@pytest.fixture
def scene(server: ZoteroServer, call: Call, tmp_path: Path) -> Scene:
    Path("refs.bib").write_text(MANY, encoding="utf-8")
    return Scene(server, tmp_path)


def write(old: str, new: str) -> None:
    path = Path("refs.bib")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def test_both_sides_are_followed_with_a_line_for_each_change(server: ZoteroServer, scene: Scene) -> None:
    result = scene.run(
        lambda: write("{1}", "{2}"),
        lambda: server.edit(item_of(server, "key3")["key"], volume="7"),
        lambda: None,
    )
    assert scene.syncs == 3  # what a sync writes itself is no news
    assert scene.said[12:] == ["updated key0: volume", "pulled key3: volume"]
    assert "volume = {7}" in Path("refs.bib").read_text(encoding="utf-8")
    assert item_of(server, "key0")["volume"] == "2"
    assert result is not None
    assert all(each.verb == "unchanged" for each in result.outcomes if each.id != "key3")


def test_asking_is_cheap_and_backoff_is_obeyed(server: ZoteroServer, scene: Scene) -> None:
    scene.run(lambda: None, lambda: None)
    asked = [(path, status) for method, path, status in server.calls if "limit=1&" in f"{path}&"]
    assert 4 <= len(asked) <= 14
    assert {status for _, status in asked} == {304}


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (lambda text: text[: len(text) // 2], "synced"),
        (lambda text: text[: text.index("@article{key5")], "5 entries, there were 12"),
        (lambda text: "", "0 entries, there were 12"),
        (lambda text: text[:-20], "cannot be read to its end"),
    ],
)
def test_a_file_that_is_not_whole_is_left_alone(
    server: ZoteroServer, scene: Scene, spoilt: Callable[[str], str], told: str
) -> None:
    path = Path("refs.bib")

    def half() -> None:
        path.write_text(spoilt(path.read_text(encoding="utf-8")), encoding="utf-8")

    def whole() -> None:
        path.write_text(MANY.replace("{1}", "{4}"), encoding="utf-8")

    def edited() -> None:
        server.edit(item_of(server, "key1")["key"], title="Edited meanwhile")

    scene.run(half, edited, lambda: None, whole)
    (line,) = [line for line in scene.said if told in line]
    assert "is synced until" in line
    assert len(server.alive()) == 12
    assert {item["volume"] for item in server.alive()} == {"4"}


def test_nothing_is_deleted_while_watching(server: ZoteroServer, scene: Scene) -> None:
    from dataclasses import replace

    scene.settings = replace(scene.settings, delete=True)
    scene.run(lambda: write("@article{key0", "@comment{key0"), lambda: Path("refs.bib").unlink(), lambda: None)
    assert len(server.alive()) == 12


def test_a_conflict_is_told_once_and_a_server_that_goes_away_too(server: ZoteroServer, scene: Scene) -> None:
    def both() -> None:
        server.edit(item_of(server, "key0")["key"], volume="8")
        write("{1}", "{9}")

    def away() -> None:
        server.fault = lambda call, method, path: "503"

    def back() -> None:
        server.fault = lambda call, method, path: ""
        write("@article{key2,", "@article{key2,\n  number = {3},")

    result = scene.run(both, lambda: write("{1}", "{5}"), away, lambda: None, lambda: None, back)
    assert sum(line.startswith("conflict key0: volume") for line in scene.said) == 1
    assert sum("trying again later" in line for line in scene.said) == 1
    assert result is not None
    assert item_of(server, "key2")["issue"] == "3"


def test_lines_are_for_people() -> None:
    outcome = Outcome("refs.bib", "key", "updated", fields=(("volume", "1", "2"), ("title", "a", "b")))
    assert list(watch._lines((outcome,))) == ["updated key: volume, title"]


# --- collections of groups ---------------------------------------------------------------------------------------------

JABREF = r"""@article{one, title = {One thing}, author = {Ada Author}, groups = {Markov, Loose}}
@article{two, title = {Another matter}, author = {Bo Writer}, collection = {Papers/2020; Reading > Now}}

@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Methods\;0\;1\;\;\;\;;
2 StaticGroup:Markov\;0\;1\;\;\;\;;
1 ExplicitGroup:By key\;0\;two\;;
}
"""


def tree_of(server: ZoteroServer, key: str) -> set[str]:
    def path(collection: str) -> str:
        data = server.library.collections[collection]["data"]
        above = data.get("parentCollection")
        return f"{path(above)}/{data['name']}" if above else str(data["name"])

    return {path(collection) for collection in item_of(server, key)["collections"]}


def test_groups_become_the_tree_of_collections(server: ZoteroServer, call: Call) -> None:
    Path("j.bib").write_text(JABREF, encoding="utf-8")
    dry = call("push", "j.bib", "--collections-from", "groups", "--dry-run").output
    assert "collection 'Methods/Markov' would be made" in dry
    assert server.library.collections == {}
    call("push", "j.bib", "--collections-from", "groups", "--collection", "All")
    assert tree_of(server, "one") == {"All", "Methods/Markov", "Loose"}
    assert tree_of(server, "two") == {"All", "By key"}
    call("push", "j.bib", "--collections-from", "collection")
    assert tree_of(server, "two") == {"All", "By key", "Papers/2020", "Reading/Now"}
    writes = server.writes
    call("push", "j.bib", "--collections-from", "collection")
    call("pull", "--collections-from", "groups", "-o", "other.bib")
    assert server.writes == writes
