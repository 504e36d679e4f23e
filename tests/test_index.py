"""The index of known works: built whole or not at all, and asked by identifiers, titles, words."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from backports import zstd
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import api, index
from bibtools.cli import main
from bibtools.index import generations, stored, terms
from bibtools.index.generations import IndexFolderError, Source
from bibtools.record import Date, Name, Record
from tests.conftest import ROOT, SAMPLES
from tests.strategies import records as any_record

WORKS = [
    Record(
        id="vaswani2017",
        type="paper-conference",
        title="Attention Is All You Need",
        author=(Name(family="Vaswani", given="Ashish"), Name(family="Shazeer", given="Noam")),
        issued=Date((2017,)),
        container_title="Advances in Neural Information Processing Systems",
        arxiv_id="1706.03762",
    ),
    Record(
        title="VLSlice: Interactive Vision-and-Language Slice Discovery",
        author=(Name(family="Slyman", given="Eric"), Name(family="Lee", given="Stefan")),
        issued=Date((2023,)),
        doi="10.1109/ICCV51070.2023.01403",
    ),
    Record(title="深層学習の基礎", author=(Name(family="山田", given="太郎"),), issued=Date((2019,))),
    Record(
        type="book", title="The TeXbook", author=(Name(family="Knuth"),), isbn="0-201-13447-0", issued=Date((1984,))
    ),
    Record(title="Introduction", author=(Name(family="Smith"),), issued=Date((1999,))),
    Record(title="Introduction", author=(Name(family="Jones"),), issued=Date((2001,))),
]


def feed(records: Iterable[Record], name: str = "here.bib", **more: object) -> index.Feed:
    return index.Feed(Source(name, "records", (name,)), records, **more)  # type: ignore[arg-type]


def made(folder: Path, *records: Record, name: str = "works") -> index.Index:
    index.build(folder, name, [feed(records)], force=True)
    return index.open(folder)


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> index.Index:
    return made(tmp_path_factory.mktemp("index"), *WORKS)


def bibtools(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "title", "how"),
    [
        ("10.1109/iccv51070.2023.01403", "VLSlice: Interactive Vision-and-Language Slice Discovery", "doi"),
        (
            "https://doi.org/10.1109/ICCV51070.2023.01403",
            "VLSlice: Interactive Vision-and-Language Slice Discovery",
            "doi",
        ),
        ("arXiv:1706.03762v5", "Attention Is All You Need", "arxiv"),
        ("https://arxiv.org/abs/1706.03762", "Attention Is All You Need", "arxiv"),
        ("10.48550/arXiv.1706.03762", "Attention Is All You Need", "arxiv"),
        ("ISBN 978-0-201-13447-6", "The TeXbook", "isbn"),
        ("attention is all you need", "Attention Is All You Need", "title"),
        ("{Attention} is \\emph{all} you need", "Attention Is All You Need", "title"),
        ("attention is all you need vaswani", "Attention Is All You Need", "words"),
        ("Vaswani, A. et al. (2017): Attentoin is all you need. NeurIPS.", "Attention Is All You Need", "words"),
        ("VLSlice", "VLSlice: Interactive Vision-and-Language Slice Discovery", "head"),
        ("深層学習", "深層学習の基礎", "words"),
    ],
)
def test_a_text_finds_its_work(works: index.Index, question: str, title: str, how: str) -> None:
    first = works.search(question)[0]
    assert (first.record.title, first.how) == (title, how)


def test_a_record_finds_its_work_and_the_whole_of_it(works: index.Index) -> None:
    (hit,) = works.search(Record(title="Attention is all you need", author=(Name(family="Vaswani"),)))
    assert hit.record == WORKS[0]
    assert hit.source.name == "here.bib"
    assert hit.score > 0.9


def test_of_works_with_one_title_the_one_by_these_people_comes_first(works: index.Index) -> None:
    found = works.search(Record(title="Introduction", author=(Name(family="Jones"),)))
    assert [hit.record.author[0].family for hit in found] == ["Jones", "Smith"]


def test_a_subtitle_that_the_question_has_and_the_work_lacks(tmp_path: Path) -> None:
    known = made(tmp_path, Record(title="Regular Decision Processes"))
    assert known.search(Record(title="Regular Decision Processes: A Model"))[0].how == "head"


def test_nothing_is_found_where_nothing_is_alike(works: index.Index) -> None:
    assert works.search("zyxwv 10.1000/nothing") == ()
    assert works.search("") == ()
    assert works.search(Record()) == ()


def test_a_wrong_identifier_does_not_hide_the_title(works: index.Index) -> None:
    found = works.search(Record(title="Attention Is All You Need", doi=WORKS[1].doi, author=WORKS[0].author))
    assert [hit.how for hit in found] == ["doi", "title"]


def test_rare_names_of_other_people_do_not_hide_the_title(tmp_path: Path) -> None:
    others = [Record(title=f"Gas {n}", author=tuple(Name(family=f"Rarename{k}") for k in range(9))) for n in range(30)]
    known = made(tmp_path, Record(title="Opinion mining from data", author=(Name(family="Li"),)), *others)
    asked = Record(title="Opinion mining of data", author=tuple(Name(family=f"Rarename{k}") for k in range(9)))
    assert any(hit.record.title.startswith("Opinion") for hit in known.search(asked))


def test_a_limit(works: index.Index) -> None:
    assert len(works.search("introduction", limit=1)) == 1


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_can_be_asked(text: str) -> None:
    if not hasattr(test_any_text_can_be_asked, "known"):
        import tempfile

        folder = Path(tempfile.mkdtemp())
        test_any_text_can_be_asked.known = made(folder, *WORKS)  # type: ignore[attr-defined]
    for hit in test_any_text_can_be_asked.known.search(text):  # type: ignore[attr-defined]
        assert 0 <= hit.score <= 1.001


@given(any_record())
def test_what_is_stored_of_a_record_comes_back(record: Record) -> None:
    read = stored.decode(stored.parse(stored.with_head(stored.encode(record), 3, record.id)))
    for name in stored.TEXTS:
        value = getattr(record, name).replace(stored.FIELD, " ").encode("utf-8", "replace").decode()
        assert getattr(read, name) == value
    plain = not any(mark in repr(record.author) for mark in ("\\x1d", "\\x1e", "\\x1f", "\\ud"))
    if plain:
        assert [name.surname for name in read.author] == [name.surname for name in record.author]
    assert read.issued.year == record.issued.year


def test_titles_that_differ_in_form_have_the_same_words() -> None:
    forms = ["Naïve <i>CO₂</i> Models", "naive CO$_2$ models", "{Naive} co<sub>2</sub> MODELS."]
    assert len({tuple(terms.title_words(form)) for form in forms}) == 1


@pytest.mark.parametrize("kind", ["store", "term", "idx"])
def test_an_index_whose_bytes_have_changed_says_so(tmp_path: Path, kind: str) -> None:
    made(tmp_path, *WORKS)
    (path,) = tmp_path.glob(f"works/g*/*.{kind}")
    whole = path.read_bytes()
    path.write_bytes(bytes(byte ^ 0x5A for byte in whole[:-120]) + whole[-120:])  # the end says that it is whole
    with pytest.raises(IndexFolderError, match="is damaged"):
        index.open(tmp_path).search("attention is all you need vaswani")


@pytest.mark.parametrize(
    "change", [{"date": 5}, {"records": "x"}, {"months": {"2104": []}}, {"months": {"2104": "x"}}, {"years": 3}]
)
def test_a_manifest_with_values_of_another_kind(tmp_path: Path, change: dict[str, object]) -> None:
    made(tmp_path, *WORKS)
    (path,) = tmp_path.glob("works/g*/manifest.json")
    values = json.loads(path.read_text())
    values["sources"][0] |= change
    path.write_text(json.dumps(values))
    with pytest.raises(IndexFolderError, match="damaged"):
        index.open(tmp_path)


# --- building ---------------------------------------------------------------------------------------------------------


def lines(*records: Record) -> str:
    from bibtools.formats import records as ours

    return "".join(ours.line(record) + "\n" for record in records)


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress, "jsonl": bytes}


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_sources_are_read_as_they_are(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"works.{suffix}"
    source.write_bytes(PACKERS[suffix](lines(*WORKS).encode()))
    api.build_index([str(source)], tmp_path / "known")
    assert index.open(tmp_path / "known").search("1706.03762")


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_a_compressed_source_that_is_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    many = [Record(title=f"Work {random.Random(n).random()}") for n in range(3000)]
    packed = PACKERS[suffix](lines(*many).encode())
    source = tmp_path / f"works.jsonl.{suffix}"
    source.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(IndexFolderError, match=r"cut off|empty"):
        api.build_index([str(source)], tmp_path / "known")
    assert not (tmp_path / "known" / "works").exists()


def test_an_archive_of_one_file_is_read_and_of_two_is_not(tmp_path: Path) -> None:
    source = tmp_path / "archive.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("works.jsonl", lines(*WORKS))
    assert api.build_index([str(source)], tmp_path / "known").records == len(WORKS)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("more.jsonl", lines(*WORKS))
    with pytest.raises(api.InputError, match="2 files"):
        api.build_index([str(source)], tmp_path / "known")


def test_a_source_whose_last_line_is_half_there_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "works.jsonl"
    source.write_text(lines(*WORKS)[:-40])
    with pytest.raises(IndexFolderError, match="cut off"):
        api.build_index([str(source)], tmp_path / "known")
    assert api.build_index([str(source)], tmp_path / "known", force=True).records == len(WORKS) - 1


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    with pytest.raises(IndexFolderError, match="empty"):
        api.build_index([str(tmp_path / "a.jsonl")], tmp_path / "known")
    (tmp_path / "b.bib").write_text("@comment{nothing here}\n@string{a = {b}}\n")
    with pytest.raises(IndexFolderError, match="no works"):
        api.build_index([str(tmp_path / "b.bib")], tmp_path / "known")


def test_a_source_that_has_shrunk_by_half_is_refused_and_the_old_index_stands(tmp_path: Path) -> None:
    source = tmp_path / "works.jsonl"
    source.write_text(lines(*WORKS))
    api.build_index([str(source)], tmp_path / "known")
    source.write_text(lines(*WORKS[:2]))
    for again in (api.build_index, api.update_index):
        with pytest.raises(IndexFolderError, match=r"has 2 works, the index 6 of it"):
            again([str(source)], tmp_path / "known")
        assert len(index.open(tmp_path / "known")) == 6
    api.build_index([str(source)], tmp_path / "known", force=True)
    assert len(index.open(tmp_path / "known")) == 2


def test_a_mistyped_source_costs_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(api.InputError, match="No such file"):
        api.build_index([str(tmp_path / "none.bib")], tmp_path / "known")
    (tmp_path / "x.txt").write_text("what is this")
    with pytest.raises(api.InputError, match="not recognised"):
        api.build_index([str(SAMPLES / "refs.bib"), str(tmp_path / "x.txt")], tmp_path / "known")
    assert not (tmp_path / "known").exists() or not list((tmp_path / "known").iterdir())


def test_a_folder_of_parts(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    (parts / "deep").mkdir(parents=True)
    (parts / "1.jsonl").write_text(lines(*WORKS[:3]))
    (parts / "deep" / "2.jsonl.gz").write_bytes(gzip.compress(lines(*WORKS[3:]).encode()))
    (parts / ".DS_Store").write_text("rubbish")
    assert api.build_index([str(parts)], tmp_path / "known").records == len(WORKS)


def test_works_from_before_a_year_are_left_out(tmp_path: Path) -> None:
    source = tmp_path / "works.jsonl"
    source.write_text(lines(*WORKS))
    assert api.build_index([str(source)], tmp_path / "known", since=2001).records == 4
    assert api.update_index([str(source)], tmp_path / "known").records == 4


def arxiv(number: str, title: str, version: int = 1, **more: object) -> str:
    versions = [{"version": f"v{n}", "created": f"Mon, {n} Jan 2024 00:00:00 GMT"} for n in range(1, version + 1)]
    return json.dumps(
        {"id": number, "authors": "A. B. Author", "title": title, "categories": "cs.CL", "versions": versions, **more}
    )


def test_of_two_records_of_one_work_in_a_source_the_newest_stays_in_whatever_order(tmp_path: Path) -> None:
    old, new = arxiv("2401.00001", "The old title"), arxiv("2401.00001", "The new title", 2)
    other = arxiv("2401.00002", "Another paper")
    for name, order in (("a", [old, new, other]), ("b", [new, other, old])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(order) + "\n")
        assert api.build_index([str(tmp_path / f"{name}.jsonl")], tmp_path / name).records == 2
        known = index.open(tmp_path / name)
        assert [hit.record.title for hit in known.search("2401.00001")] == ["The new title"]
        assert {hit.record.title for hit in known.search("another paper")} == {"Another paper"}


def test_the_same_said_twice_in_a_file_is_one_work_and_two_sources_keep_theirs(tmp_path: Path) -> None:
    twice = [WORKS[0], WORKS[0].replace(id="again"), WORKS[1]]
    manifest = index.build(tmp_path, "works", [feed(twice), feed(WORKS[:1], "there.bib")])
    assert [source.records for source in manifest.sources] == [2, 1]
    found = index.open(tmp_path).search("1706.03762")
    assert sorted(hit.source.name for hit in found) == ["here.bib", "there.bib"]


def test_the_order_of_the_sources_changes_no_answer(tmp_path: Path) -> None:
    parts = [feed(WORKS[:3], "a.bib"), feed(WORKS[3:], "b.bib"), feed([WORKS[0].replace(volume="30")], "c.bib")]
    answers = []
    for name, order in (("one", parts), ("two", parts[::-1])):
        index.build(tmp_path / name, "works", order)
        known = index.open(tmp_path / name)
        asked = ["attention is all you need vaswani", "introduction", "1706.03762", "texbook knuth"]
        answers.append([[(hit.record, hit.score, hit.source.name) for hit in known.search(each)] for each in asked])
    assert answers[0] == answers[1]


def test_an_update_adds_and_renews_and_keeps_the_rest(tmp_path: Path) -> None:
    snapshot, own = tmp_path / "snapshot.jsonl", tmp_path / "own.bib"
    snapshot.write_text(arxiv("2401.00001", "First title") + "\n" + arxiv("2401.00002", "Second paper") + "\n")
    own.write_text("@article{a, title={My own article}, year=2020}\n@article{b, title={Gone soon}, year=2021}\n")
    api.build_index([str(snapshot), str(own)], tmp_path / "known")
    daily = tmp_path / "daily.jsonl"
    daily.write_text(arxiv("2401.00001", "Changed title", 2) + "\n" + arxiv("2402.00003", "Third paper") + "\n")
    own.write_text("@article{a, title={My own article, revised}, year=2022}\n@article{c, title={Came in}, year=2022}\n")
    manifest = api.update_index([str(daily), str(own)], tmp_path / "known")
    known = index.open(tmp_path / "known")
    assert [hit.record.title for hit in known.search("2401.00001")] == ["Changed title"]
    assert known.search("second paper")[0].record.arxiv_id == "2401.00002"
    assert known.search("third paper")[0].record.arxiv_id == "2402.00003"
    assert not any(hit.record.title == "Gone soon" for hit in known.search("gone soon"))
    assert known.search("came in")[0].record.title == "Came in"
    assert {source.name: source.records for source in manifest.sources} == {"arxiv-json": 3, str(own): 2}
    assert manifest.sources[1].years == {"2022": 2}
    assert manifest.records == 5


def test_an_update_of_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexFolderError, match="no index to update"):
        api.update_index([str(SAMPLES / "refs.bib")], tmp_path / "known")
    assert not list((tmp_path / "known").iterdir())


def test_the_counts_of_the_manifest_are_those_of_the_index(tmp_path: Path) -> None:
    manifest = index.build(tmp_path, "works", [feed([*WORKS, *WORKS])])
    assert manifest.records == 6
    assert manifest.sources[0].identifiers == {"arxiv": 1, "doi": 1, "isbn": 1}
    assert sum(manifest.sources[0].years.values()) == 6


# --- kept safe --------------------------------------------------------------------------------------------------------


def test_a_build_that_fails_leaves_the_old_index_and_nothing_else(tmp_path: Path) -> None:
    made(tmp_path, *WORKS)
    before = sorted(tmp_path.rglob("*"))

    def broken() -> Iterable[Record]:
        yield WORKS[0]
        raise OSError(28, "No space left on device", "there")

    with pytest.raises(IndexFolderError, match="No space left"):
        index.build(tmp_path, "works", [feed(broken())])
    assert sorted(tmp_path.rglob("*")) == before
    assert len(index.open(tmp_path)) == 6


KILLED = """
import sys, time
from pathlib import Path
from bibtools import index
from bibtools.index.generations import Source
from bibtools.record import Record
def records():
    for n in range(10**9):
        if n == 2000: print("going", flush=True)
        yield Record(title=f"Work number {n}")
index.build(Path(sys.argv[1]), "works", [index.Feed(Source("x", "records"), records())])
"""


def test_a_build_that_is_killed_leaves_the_old_index(tmp_path: Path) -> None:
    made(tmp_path, *WORKS)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(IndexFolderError, match="another process"):
        made(tmp_path, *WORKS)
    assert len(index.open(tmp_path)) == 6  # two read while one builds
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(index.open(tmp_path)) == 6
    made(tmp_path, *WORKS[:4])
    assert len(index.open(tmp_path)) == 4
    assert len([each for each in (tmp_path / "works").iterdir() if each.is_dir()]) == 1


@pytest.mark.skipif(os.name == "nt", reason="an open generation cannot be removed there")
def test_an_open_index_goes_on_answering_while_it_is_replaced(tmp_path: Path) -> None:
    known = made(tmp_path, *WORKS)
    made(tmp_path, Record(title="Something else"))
    assert known.search("1706.03762")
    assert not index.open(tmp_path).search("1706.03762")


def test_an_index_in_a_folder_that_cannot_be_written_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bibtools.index import searching

    made(tmp_path, *WORKS)
    opened = searching.open_engine

    folders: list[Path] = []

    def refuse_the_first(folder: Path) -> object:
        folders.append(folder)
        if len(folders) == 1:
            raise ValueError("Failed to acquire Lockfile: IoError(Os { code: 30, kind: ReadOnlyFilesystem })")
        return opened(folder)

    monkeypatch.setattr(searching, "open_engine", refuse_the_first)
    assert index.open(tmp_path).search("1706.03762")
    assert tmp_path not in folders[1].parents


def test_an_index_of_another_version_says_so(tmp_path: Path) -> None:
    made(tmp_path, *WORKS)
    generation = generations.current(tmp_path, "works")
    assert generation is not None
    path = generation / "manifest.json"
    values = json.loads(path.read_text())
    for change in ({"fingerprint": "older"}, {"version": 99}):
        path.write_text(json.dumps({**values, **change}))
        with pytest.raises(IndexFolderError, match="built by another version of bibtools; build it anew"):
            index.open(tmp_path)
        assert "another version" in bibtools("index", "info", "--index", str(tmp_path)).stdout


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"sources": 3}', '{"sources": [{}]}', "{", "\x00", '{"sources": [], "x": 1}']
)
def test_a_damaged_manifest_is_told(tmp_path: Path, text: str) -> None:
    made(tmp_path, *WORKS)
    generation = generations.current(tmp_path, "works")
    assert generation is not None
    (generation / "manifest.json").write_text(text)
    with pytest.raises(IndexFolderError, match="build"):
        index.open(tmp_path)
    made(tmp_path, *WORKS)
    assert len(index.open(tmp_path)) == 6


@pytest.mark.parametrize("damage", ["pointer", "no generation", "segment"])
def test_a_damaged_index_is_told_and_can_be_built_anew(tmp_path: Path, damage: str) -> None:
    made(tmp_path, *WORKS)
    generation = generations.current(tmp_path, "works")
    assert generation is not None
    if damage == "pointer":
        (tmp_path / "works" / "current").write_text("../../../etc\n")
    elif damage == "segment":
        (generation / "meta.json").write_text("{")
    else:
        generation.rename(tmp_path / "works" / "elsewhere")
    with pytest.raises(IndexFolderError):
        index.open(tmp_path)
    made(tmp_path, *WORKS)
    assert len(index.open(tmp_path)) == 6


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a\nb", "x" * 65, "C:", "a."])
def test_a_name_that_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(IndexFolderError, match="cannot name an index"):
        index.build(tmp_path / "known", name, [feed(WORKS)])
    assert not (tmp_path / "known").exists()


def test_hostile_records_are_indexed_like_others(tmp_path: Path) -> None:
    hostile = [
        Record(title="\x1b[31mred\x1f\x1e\x1d \u202e", author=(Name(family="\x1dx\x1fy"), Name(literal="\x1e"))),
        Record(title="x " * 100_000, author=tuple(Name(family=f"N{n}") for n in range(5000))),
        Record(title="y" * 1_000_000),
        Record(title="surrogate \ud800", doi="10.1000/\ud800"),
        Record(title="a " + "\u0301" * 100_000),
        Record(title="no year", issued=Date(literal="to appear")),
        Record(title="before Christ", issued=Date((-44,))),
    ]
    known = made(tmp_path, *hostile)
    assert len(known) == len(hostile)
    for record in hostile:
        known.search(record)
    assert known.search("before christ")[0].record.issued == Date((-44,))


# --- on the command line ----------------------------------------------------------------------------------------------


def test_build_info_update_remove(tmp_path: Path) -> None:
    place = str(tmp_path / "known")
    build = bibtools("index", "build", str(SAMPLES / "refs.bib"), "--to", place, "--name", "own")
    assert build.exit_code == 0, build.output
    assert "refs.bib: 6 works" in build.output
    assert bibtools("index", "build", str(SAMPLES / "arxiv.jsonl"), "--to", place).exit_code == 0
    assert bibtools("index", "update", str(SAMPLES / "arxiv.jsonl"), "--to", place).exit_code == 0
    shown = bibtools("index", "info", "--index", place).stdout
    assert "own: 6 works" in shown
    assert "arXiv number" in shown
    told = json.loads(bibtools("index", "info", "--index", place, "--format", "json").stdout)
    assert [(each["name"], each["records"]) for each in told["indexes"]] == [("own", 6), ("works", 8)]
    assert len(index.open(tmp_path / "known")) == 14
    assert bibtools("index", "remove", "own", "--index", place).exit_code == 0
    assert len(index.open(tmp_path / "known")) == 8
    again = bibtools("index", "remove", "own", "--index", place)
    assert again.exit_code == 2
    assert "no index 'own'; there are: works" in again.output


def test_the_users_place_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIBTOOLS_INDEX", str(tmp_path / "mine"))
    missing = bibtools("index", "info")
    assert missing.exit_code == 2
    assert "bibtools index build" in missing.output
    assert bibtools("index", "build", str(SAMPLES / "refs.bib")).exit_code == 0
    assert len(index.open()) == 6


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = bibtools("index", "build", str(SAMPLES / "refs.bib"), "--to", str(tmp_path / "file"))
    assert run.exit_code == 2
    assert "Traceback" not in run.output
    assert str(tmp_path / "file") in run.output


def test_opening_imports_no_engine_until_it_is_asked() -> None:
    code = "import sys; from bibtools import index; print('tantivy' in sys.modules or 'numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "False"


def test_a_question_is_answered_fast(tmp_path: Path) -> None:
    """Generous, for slow machines: what is measured is in the benchmarks."""
    draw = random.Random(1)
    words = [f"word{n}" for n in range(500)]
    many = [
        Record(title=" ".join(draw.choices(words, k=8)), author=(Name(family=draw.choice(words)),)) for _ in range(5000)
    ]
    known = made(tmp_path, *many)
    begun = time.process_time()
    for record in many[:200]:
        assert known.search(record)[0].record.title == record.title
    assert (time.process_time() - begun) / 200 < 0.01
