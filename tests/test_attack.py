"""Hostile input through the command line: one case for each class of attack, each found by trying and failed before its fix.

What must hold: no traceback, no hang, a plain message, the right exit status, nothing written on status 2, nothing obeyed by
the terminal or the browser. `_runaway` ends what would take minutes or hours; what it guards takes well under a second.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from bibtools import api, bibfile, texfiles, tidy
from bibtools.change import Status
from bibtools.cli import main
from bibtools.match import cluster

ESCAPES = "\x1b[31mred\x1b]0;title\x07\x9b5m\u202eback\u2066\x08"
SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>"\' onmouseover="alert(3)</style></title>'


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, text: str | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code in (0, 1, 2)
    return result


@contextmanager
def _runaway(seconds: int = 40) -> Iterator[None]:
    """Ends a run that will not end by itself: seconds of this process's own time, far above what is needed."""

    def end(number: int, frame: FrameType | None) -> None:
        raise AssertionError("quadratic, or worse")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        pytest.param("bibtex", "@article{a, title={a" + "\u0301\u0328" * 200_000 + "}}", id="marks on one letter"),
        pytest.param("ris", "TY  - JOUR\nTI  - a\n" + " more\n" * 600_000 + "ER  - \n", id="a value of many lines"),
        pytest.param("listing", "CVApr 20\n" * 60_000, id="labels without papers"),
    ],
)
def test_no_text_takes_more_than_its_length_to_read(reader: str, text: str) -> None:
    with _runaway():
        api.read_records(text, from_=reader)


def test_a_list_of_commas_is_checked_in_its_length(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text("@article{a, title={x}, author={" + "," * 300_000 + "}}\n")
    with _runaway():
        run("check", "a.bib")


def test_a_group_of_thousands_is_held_together_by_a_sample() -> None:
    size = 6000
    members = np.arange(1, size, dtype=np.intp)

    def scorer(
        left: cluster.Rows, right: cluster.Rows
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        return np.full(len(left), 9.0, np.float32), np.zeros(len(left), np.bool_), np.zeros(len(left), np.bool_)

    same = np.full(size - 1, 9.0, np.float32)
    with _runaway():
        groups = cluster.group(np.zeros_like(members), members, same, np.arange(size, dtype=np.int32), scorer)
    assert groups == [list(range(size))]


def test_neighbours_at_the_end_of_a_file_can_go_together() -> None:
    one = "@article{{k{}, title={{A study of the things}}, author={{Lee, A}}, doi={{10.1000/x}}, year=2000}}\n"
    merged = api.dedupe("".join(one.format(each) for each in range(3)))
    assert len(bibfile.parse(merged.data).entries) == 1


def test_titleless_entries_of_one_key_merge_with_themselves() -> None:
    text = "".join(f"@misc{{k, note={{n{each}}}}}\n" for each in range(1500))
    with _runaway():
        merged = api.merge(text, [text])
    assert merged.text == text


def test_a_key_of_several_entries_makes_no_record_one_of_them() -> None:
    text = "@misc{k, author={Ann Lee}}\n@misc{k, file={a.pdf}}\n@misc{k, publisher={Press}}\n"
    assert api.merge(text, [text]).text == text


@pytest.mark.parametrize("part", ["subtitle", "titleaddon", "booksubtitle"])
def test_what_a_title_says_is_not_added_by_the_second_merge(part: str) -> None:
    titles = f"title={{Rain}}, booktitle={{Rivers}}, {part}={{Gr{{\\o}}ße}}"
    source = f"@incollection{{r, author={{Lee, Ann}}, {titles}, year=1999}}\n"
    first = api.merge("@misc{q, title={X}, year={2000}, journal={J}}\n", [source])
    assert first.plan.having(Status.ADDED)
    assert api.merge(first.data, [source]).text == first.text


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param("@article{a, title={T}, author={A B}, year={1988}, issn={issn-1}}\n", id="an ISSN that is none"),
        pytest.param(
            "@misc{a, title={T of Things}, author={A B}, year={November, December 1988}}\n", id="a date in words"
        ),
    ],
)
def test_the_ris_export_of_a_bib_adds_nothing_to_it(sources: str) -> None:
    exported = "".join(api.convert(api.read_records(sources), "ris").text)
    assert api.merge(sources, [exported]).text == sources


def test_formatting_ends_in_its_own_style() -> None:
    text = "".join(
        f"@inbook{{k{each},\n  author{' ' * gap}= {{A}},\n  title{' ' * (gap + 1)}= {{T}},\n  archiveprefix = {{x}}\n}}\n\n"
        for each, gap in enumerate((4, 4, 8, 1))
    )
    once = tidy.tidy(bibfile.parse(text)).document
    assert tidy.tidy(once).document.to_bytes() == once.to_bytes()


def test_an_entry_that_is_broken_keeps_its_key_and_the_others_get_theirs(tmp_path: Path) -> None:
    good = "@article{good, title={On Rain}, author={Lee, Ann}, year=2001}\n"
    broken = "@article{bad, title={On Snow}, author={Orr, Bo}, note={\n\n"
    (tmp_path / "a.bib").write_text(good + broken + good.replace("good", "fine"))
    assert run("keys", "a.bib").exit_code == 0
    keys = [each.key for each in bibfile.parse((tmp_path / "a.bib").read_bytes()).entries]
    assert keys[1] == "bad"
    assert not {"good", "fine"} & set(keys)


def test_an_escaped_back_quote_is_text() -> None:
    assert [each.key for each in texfiles.find("a \\`` b @c", "md")] == ["c"]


# --- what a terminal, a browser and a shell would obey -----------------------------------------------------------------


@pytest.mark.parametrize("command", [["convert"], ["check"], ["dedupe"], ["match"], ["merge", "a.bib"]])
def test_no_message_holds_what_a_terminal_obeys(tmp_path: Path, command: list[str]) -> None:
    fields = ",\n".join(
        f" {name}={{{ESCAPES}}}" for name in "title author journal year doi url month pages eprint date".split()
    )
    (tmp_path / "a.bib").write_text("".join(f"@article{{k{ESCAPES}{each},\n{fields}\n}}\n" for each in range(3)))
    said = run(*command, "a.bib").stderr
    assert not set("\x1b\x07\x08\x9b\u202e\u2066") & set(said)


@pytest.mark.parametrize("style", ["plain", "apa"])
def test_a_page_obeys_nothing_of_its_records(tmp_path: Path, style: str) -> None:
    fields = ",\n".join(f" {name}={{{SCRIPT}}}" for name in "title author journal note abstract volume".split())
    (tmp_path / "a.bib").write_text(f"@article{{k,\n{fields}, year=2020, url={{javascript:alert(1)}}\n}}\n")
    page = run("preview", "a.bib", "--style", style, "--to", "html").output
    assert "Content-Security-Policy" in page
    assert not any(each in page.lower() for each in ("<script", "<img", 'href="javascript'))
    run("merge", "new.bib", "a.bib", "--report", "r.html")
    report = (tmp_path / "r.html").read_text(encoding="utf-8").lower()
    assert not any(each in report for each in ("<script", "<img", 'href="javascript'))


@pytest.mark.parametrize("key", ["../../x", "-o", "--help", "a,b}", "%", "\\input{x}", "$(id)", "<script>", "\u202e"])
def test_a_key_from_outside_is_written_so_that_it_is_only_a_key(tmp_path: Path, key: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"id": key, "type": "book", "title": "On Rain"}]))
    result = run("convert", "a.json", "-o", "out.bib")
    document = bibfile.parse((tmp_path / "out.bib").read_bytes())
    assert result.exit_code == 0
    assert [each.get("title") for each in document.entries] == ["On Rain"]
    assert not document.problems


# --- files that are no files ---------------------------------------------------------------------------------------------


def _strange(folder: Path) -> list[str]:
    (folder / "folder.bib").mkdir()
    (folder / "loop.bib").symlink_to("loop.bib")
    return ["folder.bib", "loop.bib", "x" * 300 + ".bib", "absent/x.bib", ""]


@pytest.mark.parametrize(
    "command", ["convert", "check", "format", "keys", "dedupe", "match", "preview", "undo", "config"]
)
def test_what_is_no_file_is_told_in_a_line(tmp_path: Path, command: str) -> None:
    for name in _strange(tmp_path):
        result = run(command, name)
        assert command == "config" or result.exit_code == 2, name
        assert "Traceback" not in result.stderr


def test_a_long_value_on_the_command_line_is_no_file_name(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text("@misc{a, title={T}}\n")
    assert run("set", "a.bib", "a", "abstract=" + "long " * 2000).exit_code == 0


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("csljson", "[" * 100_000),
        ("records", '{"id":' + "[" * 100_000),
        ("arxiv-json", '{"id":' + "[" * 100_000),
        ("csljson", '[{"id":"a","type":"book","title":"T","issued":{"date-parts":[[' + "9" * 9000 + "]]}}]"),
        ("csljson", '[{"id":"\\ud800","type":"book","title":"\\udfff \\u0000"}]'),
        ("arxiv-atom", "<feed>" + "<a>" * 100_000),
        ("arxiv-atom", '<!DOCTYPE f [<!ENTITY a "' + "x" * 99 + '"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>'),
        ("arxiv-atom", '<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed>&a;</feed>'),
        ("bibtex", "@article{a, title={" + "{" * 200_000),
        ("bibtex", "@a{" * 50_000),
        ("listing", "\0" * 10_000),
    ],
)
def test_no_reader_loses_its_head(reader: str, text: str) -> None:
    with _runaway():
        result = run("convert", "-", "--from", reader, text=text)
    assert "root:" not in result.output


def test_a_source_of_which_nothing_can_be_read_is_status_2_and_nothing_is_written(tmp_path: Path) -> None:
    source, good, out = tmp_path / "cut.json", tmp_path / "good.bib", tmp_path / "out.bib"
    source.write_text('[{"a":')
    good.write_text("@misc{k, title={T}}\n")
    for words in ([str(source), "--from", "csljson"], [str(source), str(good)]):
        result = CliRunner().invoke(main, ["convert", *words, "-o", str(out)])
        assert result.exit_code == 2
        assert "cut.json" in result.stderr
        assert not out.exists()
