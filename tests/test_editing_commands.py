r"""`format`, `keys`, `cited` and `undo` from the command line: what they write, what they say, and how they end."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import bibfile
from bibtools.cli import diff, main
from bibtools.texfiles import bib

REFS = """\
% Encoding: UTF-8
@string{jml = "Journal of {M}achine Learning"}
@string{unused = "x"}

@article{Smith,
  author  = {Smith, Anna and Müller, Jörg},
  title   = {Streaming Attention for {DNA}},
  journal = jml,
  year    = 2020,
  pages   = {1-20},
}

@inproceedings{talk,
  author   = {Jones, Bob},
  title    = {A Talk about Graphs},
  crossref = {conf},
  related  = {Smith, other},
  pages    = {3--4},
}

@book{other,
  author = {Lee, Clara},
  title  = {Other Matters},
  year   = {1999},
  ids    = {lee99},
}

@proceedings{conf,
  title     = {Proceedings of the Conference},
  booktitle = {Proceedings of the Conference},
  editor    = {Ed, Itor},
  year      = {2018},
}
"""
PAPER = r"""\documentclass{article}
\begin{document}
\input{chapter}
\autocites[see][3]{Smith}[4]{talk} % \cite{Smith}
\cite{lee99}
\bibliography{refs}
\end{document}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "refs.bib").write_text(REFS, encoding="utf-8")
    (folder / "paper.tex").write_text(PAPER, encoding="utf-8")
    (folder / "chapter.tex").write_text("\\citet{other}\n", encoding="utf-8")
    return folder


def run(*arguments: str, data: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def text(path: str) -> str:
    return Path(path).read_bytes().decode()


# --- format ------------------------------------------------------------------------------------------------------------


def test_format_in_place_and_undo() -> None:
    done = run("format", "refs.bib")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "refs.bib: pages 1" in done.stderr
    assert text("refs.bib") == REFS.replace("{1-20}", "{1--20}")
    assert run("format", "refs.bib", "--check").exit_code == 0
    assert run("undo", "refs.bib").exit_code == 0
    assert text("refs.bib") == REFS
    assert sorted(each.name for each in Path().iterdir()) == ["chapter.tex", "paper.tex", "refs.bib"]


def test_format_check_and_diff_write_nothing() -> None:
    checked = run("format", "refs.bib", "--check")
    assert checked.exit_code == 1
    assert "would change" in checked.stderr
    shown = run("format", "refs.bib", "--diff")
    assert shown.exit_code == 0
    assert "-  pages   = {1-20},\n+  pages   = {1--20},\n" in shown.stdout
    assert shown.stdout.startswith("--- a/refs.bib\n+++ b/refs.bib\n")
    assert run("format", "refs.bib", "--diff", "--check").exit_code == 1
    assert text("refs.bib") == REFS


def test_a_diff_is_a_patch(home: Path) -> None:
    Path("refs.bib").write_bytes(REFS.replace("\n", "\r\n").encode() + b"@misc{z,\r\n  month = {May}\r\n}")
    shown = run("format", "refs.bib", "--diff").stdout_bytes
    run("format", "refs.bib")
    after = Path("refs.bib").read_bytes()
    run("undo", "refs.bib")
    patched = subprocess.run(["patch", "--binary", "-p1"], input=shown, capture_output=True, check=False, cwd=home)
    assert patched.returncode == 0, patched.stdout
    assert Path("refs.bib").read_bytes() == after


def test_format_from_standard_input_to_output() -> None:
    done = run("format", "-", data=REFS.encode())
    assert done.stdout == REFS.replace("{1-20}", "{1--20}")
    again = run("format", "-", data=done.stdout_bytes)
    assert again.stdout == done.stdout
    assert run("format", "refs.bib", "-o", "-").stdout == done.stdout
    assert text("refs.bib") == REFS


def test_format_to_another_file() -> None:
    assert run("format", "refs.bib", "-o", "new.bib", "--disable", "all").exit_code == 0
    assert text("new.bib") == REFS
    run("undo", "new.bib")
    assert not Path("new.bib").exists()


def test_format_rules_from_the_command_line() -> None:
    run("format", "refs.bib", "--disable", "pages", "--enable", "sort,braces", "--enable", "field-order")
    keys = [entry.key for entry in bibfile.parse(text("refs.bib")).entries]
    assert keys == ["other", "Smith", "talk", "conf"]
    assert "{1-20}" in text("refs.bib")
    wrong = run("format", "refs.bib", "--enable", "nope")
    assert wrong.exit_code == 2
    assert "unknown rule 'nope'" in wrong.stderr


def test_format_with_a_middleware() -> None:
    name = "bibtexparser.middlewares:MonthLongStringMiddleware"
    Path("m.bib").write_text("% mine\n@misc{a,\n  month  = 5,\n  note = {x}\n}\n")
    assert run("format", "m.bib", "--disable", "all", "--middleware", name).exit_code == 0
    assert "May" in text("m.bib")
    assert text("m.bib").startswith("% mine\n@misc{a,\n  month")
    for wrong in ("nope", "nope:X", "bibtexparser:Nope", "os.path:join"):
        done = run("format", "m.bib", "--middleware", wrong)
        assert done.exit_code == 2
        assert "--middleware" in done.stderr


def test_a_middleware_that_fails_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "broken_door.py").write_text(
        "class Door:\n    def transform(self, library):\n        raise KeyError('x')\n"
    )
    monkeypatch.syspath_prepend(str(home))
    done = run("format", "refs.bib", "--middleware", "broken_door:Door")
    assert done.exit_code == 2
    assert "Door failed: KeyError" in done.stderr
    assert text("refs.bib") == REFS


def test_one_unreadable_file_stops_the_writing_but_not_the_telling() -> None:
    done = run("format", "none.bib", "refs.bib", "gone.bib")
    assert done.exit_code == 2
    assert "none.bib: there is no such file" in done.stderr
    assert "gone.bib" in done.stderr
    assert text("refs.bib") == REFS
    assert run("format", ".").exit_code == 2
    assert run("format", "a.bib", "b.bib", "-o", "c.bib").exit_code == 2


# --- undo --------------------------------------------------------------------------------------------------------------


def test_undo_says_what_it_cannot_do() -> None:
    nothing = run("undo", "refs.bib")
    assert nothing.exit_code == 2
    assert "nothing to undo" in nothing.stderr
    run("format", "refs.bib")
    with Path("refs.bib").open("a") as file:
        file.write("% by hand\n")
    changed = run("undo", "refs.bib")
    assert changed.exit_code == 2
    assert "--force" in changed.stderr
    assert run("undo", "refs.bib", "--force").exit_code == 0
    assert text("refs.bib") == REFS
    assert run("undo", "refs.bib", "--redo").exit_code == 0
    assert text("refs.bib").endswith("% by hand\n")


def test_undo_lists() -> None:
    run("format", "refs.bib")
    assert f"{len(REFS.encode()):,} bytes" in run("undo", "refs.bib", "--list").stdout


# --- keys --------------------------------------------------------------------------------------------------------------


def test_keys_change_with_everything_that_cites_them() -> None:
    done = run("keys", "refs.bib", "--key-style", "[auth][year]", "--tex", "paper.tex", "--map", "keys.csv")
    assert done.exit_code == 0, done.stderr
    entries = {entry.key: entry for entry in bibfile.parse(text("refs.bib")).entries}
    assert set(entries) == {"Smith2020", "Jones2018", "Lee1999", "Ed2018"}
    with Path("keys.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["old", "new"]
    new = dict(rows[1:])
    assert set(new) == {"Smith", "talk", "other", "conf"}
    talk = entries[new["talk"]]
    assert talk.get("crossref") == new["conf"]
    assert talk.get("related") == f"{new['Smith']}, {new['other']}"
    assert talk.get("ids") == "talk"
    assert entries[new["other"]].get("ids") == "lee99, other"
    assert text("paper.tex") == PAPER.replace(
        "[3]{Smith}[4]{talk}", f"[3]{{{new['Smith']}}}[4]{{{new['talk']}}}"
    ).replace("lee99", new["other"])
    assert text("chapter.tex") == f"\\citet{{{new['other']}}}\n"
    again = run("keys", "refs.bib", "--key-style", "[auth][year]", "--tex", "paper.tex", "--check")
    assert again.exit_code == 0, again.output
    assert run("undo", "chapter.tex").exit_code == 0
    assert (text("refs.bib"), text("paper.tex"), text("chapter.tex")) == (REFS, PAPER, "\\citet{other}\n")


@pytest.mark.parametrize(
    ("field", "options", "kept"),
    [("year", [], False), ("year", ["--keep-ids"], True), ("date", [], True), ("date", ["--no-ids"], False)],
)
def test_old_keys_stay_where_biblatex_reads_them_or_when_asked(field: str, options: list[str], kept: bool) -> None:
    Path("plain.bib").write_text(
        f"@book{{old,\n  author = {{Ann Lee}},\n  title = {{On Engines}},\n  {field} = {{1999}}\n}}\n"
    )
    done = run("keys", "plain.bib", "--key-style", "[auth][year]", *options)
    assert text("plain.bib").startswith("@book{Lee1999,")
    assert ("ids = {old}" in text("plain.bib")) is kept
    assert ("--tex" in done.stderr) is (field == "year" and not options)


def test_nothing_else_in_the_bib_changes() -> None:
    run("keys", "refs.bib", "--key-style", "[auth][year]", "--no-ids")
    after = text("refs.bib")
    new = [entry.key for entry in bibfile.parse(after).entries]
    expected = REFS
    for old, key in zip(["{Smith,\n", "{talk,\n", "{other,\n", "{conf,\n"], new, strict=True):
        expected = expected.replace(old, f"{{{key},\n")
    expected = expected.replace("{conf}", f"{{{new[3]}}}").replace("{Smith, other}", f"{{{new[0]}, {new[2]}}}")
    assert after == expected


def test_the_map_goes_back_with_the_rest() -> None:
    run("keys", "refs.bib", "--map", "keys.csv")
    assert Path("keys.csv").exists()
    run("undo", "refs.bib")
    assert not Path("keys.csv").exists()
    run("keys", "refs.bib", "-o", "new.bib", "--map", "keys.csv")
    assert text("refs.bib") == REFS
    assert text("keys.csv").count("\n") == 5
    assert "old,new\n" in run("keys", "refs.bib", "--map", "-").stdout


def test_keys_only_shown() -> None:
    shown = run("keys", "refs.bib", "--dry-run")
    assert shown.exit_code == 0
    assert [line.split(" -> ")[0] for line in shown.stdout.splitlines()] == ["Smith", "talk", "other", "conf"]
    assert run("keys", "refs.bib", "--check").exit_code == 1
    assert "-@article{Smith," in run("keys", "refs.bib", "--tex", "paper.tex", "--diff").stdout
    assert text("refs.bib") == REFS
    assert text("paper.tex") == PAPER
    assert not Path("keys.csv").exists()


def test_several_documents_after_one_option() -> None:
    Path("b.md").write_text("See [@Smith, p. 3; @talk].\n")
    Path("c.tex").write_text("\\cite{Smith}")
    for order in (
        ["refs.bib", "--tex", "b.md", "c.tex"],
        ["--tex", "b.md", "c.tex", "refs.bib"],
        ["--tex", "b.md", "--tex", "c.tex", "refs.bib"],
    ):
        assert run("keys", *order, "--key-style", "[auth][year]").exit_code == 0
        assert "@Smith" not in text("b.md").replace("@Smith2020", "") and "{Smith}" not in text("c.tex")
        run("undo", "b.md")
        assert text("b.md") == "See [@Smith, p. 3; @talk].\n"
        assert text("c.tex") == "\\cite{Smith}"
        assert text("refs.bib") == REFS


def test_keys_that_cannot_be_done_change_nothing() -> None:
    for arguments, words in (
        (["refs.bib", "--key-style", "nope"], "nope"),
        (["none.bib"], "no such file"),
        (["refs.bib", "--tex", "none.tex"], "none.tex"),
        (["refs.bib", "--tex", "paper.aux"], "LaTeX"),
        (["refs.bib", "--tex", "paper.tex", "-o", "x.bib"], "-o"),
    ):
        done = run("keys", *arguments)
        assert done.exit_code == 2, arguments
        assert words in done.stderr
        assert text("refs.bib") == REFS
        assert text("paper.tex") == PAPER


def test_exchanged_keys_leave_no_alias_that_is_a_key() -> None:
    document = bibfile.parse("@misc{a,\n  ids = {old, b},\n  xref = {b},\n}\n@misc{b,\n  crossref = {A},\n}\n")
    done = bib.rename(document, ["b", "a"])
    after = document.edit(done.edits)
    assert [(each.key, each.get("ids"), each.get("xref") or each.get("crossref")) for each in after.entries] == [
        ("b", "old", "a"),
        ("a", "", "b"),
    ]
    assert done.changed == {"a": "b", "b": "a"}
    assert bib.rename(after, ["b", "a"]).edits == ()


# --- cited -------------------------------------------------------------------------------------------------------------


def test_cited_in_the_order_of_the_document() -> None:
    done = run("cited", "paper.tex")
    assert done.exit_code == 0, done.stderr
    assert [entry.key for entry in bibfile.parse(done.stdout).entries] == ["other", "Smith", "talk", "conf"]
    assert done.stdout.count("@string") == 1
    blocks = REFS.split("\n\n")
    assert blocks[2].strip() in done.stdout
    assert done.stdout.startswith("% Encoding: UTF-8\n\n@string{jml")


def test_cited_in_the_order_of_the_file_with_only_what_is_needed() -> None:
    Path("one.tex").write_text(r"\cite{talk}")
    done = run("cited", "one.tex", "--bib", "refs.bib", "-o", "out.bib", "--order", "file")
    assert done.exit_code == 0
    assert [entry.key for entry in bibfile.parse(text("out.bib")).entries] == ["Smith", "talk", "other", "conf"]
    Path("two.tex").write_text(r"\cite{conf}")
    run("cited", "two.tex", "--bib", "refs.bib", "-o", "out.bib")
    assert text("out.bib").count("@") == 1


def test_a_missing_key_is_an_error_with_the_nearest_ones() -> None:
    Path("p.tex").write_text(r"\cite{Smit,conf}\mycite{perhaps}")
    done = run("cited", "p.tex", "--bib", "refs.bib", "-o", "out.bib")
    assert done.exit_code == 2
    assert "Smit: cited, but in no .bib; nearest: Smith" in done.stderr
    assert "perhaps" in done.stderr
    assert not Path("out.bib").exists()
    going = run("cited", "p.tex", "--bib", "refs.bib", "-o", "out.bib", "--keep-going")
    assert going.exit_code == 1
    assert text("out.bib").count("@") == 1
    Path("p.tex").write_text(r"\cite{conf}\mycite{perhaps}")
    assert run("cited", "p.tex", "--bib", "refs.bib", "-o", "out.bib").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.aux", "\\citation{*}"),
        ("p.bcf", '<bcf:citekey order="1" nocite="1">*</bcf:citekey>'),
        ("p.md", "---\nnocite: '@*'\n---\n"),
        ("p.tex", "\\nocite{*}"),
    ],
)
def test_nocite_everything(name: str, content: str) -> None:
    Path(name).write_text(content)
    done = run("cited", name, "--bib", "refs.bib")
    assert [entry.key for entry in bibfile.parse(done.stdout).entries] == ["Smith", "talk", "other", "conf"]


def test_cited_says_what_it_cannot_do() -> None:
    Path("p.tex").write_text(r"\cite{Smith}\input{gone}\input{" + "x" * 300 + "}\\include{a\0b}")
    assert run("cited", "p.tex").exit_code == 2
    assert "names no bibliography" in run("cited", "p.tex").stderr
    assert "gone is not there" in run("cited", "p.tex", "--bib", "refs.bib").stderr
    assert run("cited", "none.tex", "--bib", "refs.bib").exit_code == 2
    assert run("cited", "p.tex", "--bib", "none.bib").exit_code == 2


def test_macros_hold_what_they_held_where_the_entry_stood() -> None:
    source = """@string{m = {first}}
@string{n = m # { and}}
@misc{a, note = n # m}
@string{m = "second"}
@misc{b, note = m}
@misc{c, note = n}
@misc{d, note = undefined # jan}
"""
    document = bibfile.parse(source)
    wanted = {entry.key: entry.get("note") for entry in document.entries}
    for order in (["a", "b", "c", "d"], ["b", "a", "c"], ["c", "b"], ["b"], ["d"]):
        found = bibfile.parse(bib.extract([document], order).data)
        assert [entry.key for entry in found.entries] == order
        assert {entry.key: entry.get("note") for entry in found.entries} == {key: wanted[key] for key in order}


def test_cited_from_several_files_and_encodings() -> None:
    one = bibfile.parse("@string{x = {1}}\n@misc{a, note = x, title = {ü}}\n".encode("latin-1"))
    two = bibfile.parse("@string{x = {2}}\n@misc{A, note = 3}\n@misc{b, note = x, title = {ü}}\n")
    done = bib.extract([one, two], ["b", "a"])
    found = bibfile.parse(done.data)
    assert [(each.key, each.get("note"), each.get("title")) for each in found.entries] == [
        ("b", "2", "ü"),
        ("a", "1", "ü"),
    ]
    assert bib.extract([one], ["a"]).data.decode("latin-1").count("ü") == 1
    assert done.missing == ()


def test_a_parent_stands_behind_its_children_and_a_lost_one_is_told() -> None:
    document = bibfile.parse(
        "@a{p, x = 1}\n@a{c, crossref = {P}, xdata = {d, gone}}\n@xdata{d, xdata = {e}}\n@xdata{e, y = 1}\n"
    )
    done = bib.extract([document], ["p", "c"])
    assert done.keys == ("c", "d", "e", "p")
    assert done.lost == (("c", "gone"),)


def test_help_begins_with_an_example() -> None:
    for command in ("format", "keys", "cited", "undo"):
        shown = run(command, "--help").stdout
        assert shown.index("Example") < shown.index("Options")


def test_hostile_keys_do_not_reach_the_terminal() -> None:
    Path("evil.bib").write_bytes(b"@misc{\x1b[2Jkey, author={A}, title = {\x1b]0;x\x07}, year=2020}\n")
    Path("evil.tex").write_bytes(b"\\cite{\x1b[31m}")
    for arguments in (
        ["keys", "evil.bib", "--dry-run"],
        ["cited", "evil.tex", "--bib", "evil.bib"],
        ["format", "evil.bib"],
    ):
        done = run(*arguments)
        assert "\x1b" not in done.output


def test_the_module_runs() -> None:
    shown = subprocess.run([sys.executable, "-m", "bibtools", "undo", "--help"], capture_output=True, check=True)
    assert b"undo" in shown.stdout


# --- diff --------------------------------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\r\n", "\n", "e"]), max_size=14).map("".join)


@settings(max_examples=200, deadline=None)
@given(LINES, LINES)
def test_a_diff_says_how_to_get_from_old_to_new(old: str, new: str) -> None:
    lines = list(diff.unified(old, new, "x", context=50))
    assert bool(lines) == (old != new)
    if old == new:
        return
    assert lines[2].startswith("@@ ") and not any(line.startswith("@@") for line in lines[3:])
    body = [line.removesuffix("\n\\ No newline at end of file\n") for line in lines[3:]]
    assert "".join(line[1:] for line in body if line[0] in " -") == old
    assert "".join(line[1:] for line in body if line[0] in " +") == new


def test_a_diff_of_a_large_file_comes_to_an_end() -> None:
    entries = [f"@misc{{k{n},\n  year = 2020,\n  note = {{x}},\n}}\n" for n in range(30_000)]
    new = [*entries[:100], *entries[101:20_000], "@misc{new,\n}\n", *entries[20_000:]]
    lines = list(diff.unified("".join(entries), "".join(new), "x"))
    assert sum(line.startswith("-") for line in lines) == 1 + 4
    assert sum(line.startswith("+") for line in lines) == 1 + 2
