"""Three versions of a .bib into one, and git doing it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import bibfile
from bibtools.api import InputError, merge_branches
from bibtools.cli import main

BASE = """% my papers
@string{acm = {ACM}}

@article{smith2020,
  author = {Smith, Ann},
  title  = {Deep Things},
  year   = 2020,
}

@book{jones1999,
  title = "Old Things",
  publisher = acm
}
"""


def merged(ours: str, theirs: str, base: str = BASE) -> tuple[str, tuple[str, ...]]:
    found = merge_branches(base.encode(), ours.encode(), theirs.encode())
    return found.data.decode(), found.conflicts


def test_one_side_changed() -> None:
    changed = BASE.replace("2020,\n", "2021,\n")
    assert merged(BASE, changed) == (changed, ())
    assert merged(changed, BASE) == (changed, ())
    assert merged(changed, changed) == (changed, ())


def test_both_add_at_the_same_place() -> None:
    ours, theirs = BASE + "\n@misc{a, title={A}}\n", BASE + "\n@misc{b, title={B}}\n"
    text, conflicts = merged(ours, theirs)
    assert conflicts == ()
    assert [each.key for each in bibfile.parse(text).entries] == ["smith2020", "jones1999", "b", "a"]
    assert BASE.rstrip("\n") in text


def test_both_edit_one_entry_in_different_fields_of_neighbouring_lines() -> None:
    ours = BASE.replace("Smith, Ann", "Smith, Anna")
    theirs = BASE.replace("Deep Things", "Deeper Things").replace("= 2020,", "= 2020,\n  doi = {10.1/x},")
    text, conflicts = merged(ours, theirs)
    entry = bibfile.parse(text).entries[0]
    assert conflicts == ()
    assert (entry.get("author"), entry.get("title"), entry.get("doi")) == ("Smith, Anna", "Deeper Things", "10.1/x")


def test_a_field_that_both_changed_is_a_conflict_of_its_lines_only() -> None:
    text, conflicts = merged(BASE.replace("= 2020", "= 2021"), BASE.replace("= 2020", "= 2022"))
    assert conflicts == ("smith2020: year",)
    marked = "<<<<<<< ours\n  year   = 2021,\n=======\n  year   = 2022,\n>>>>>>> theirs\n"
    assert text == BASE.replace("  year   = 2020,\n", marked)


def test_a_collision_on_one_line_marks_the_entry() -> None:
    base, ours, theirs = (f"@misc{{a, title={{T{n}}}, year=1}}\n" for n in (1, 2, 3))
    text, conflicts = merged(ours, theirs, base)
    assert conflicts == ("a: title",)
    assert text == f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"


def test_removed_there_and_untouched_here() -> None:
    ours = BASE.replace("Smith, Ann", "Smith, Anna")
    theirs = BASE[: BASE.index("@book")].rstrip("\n") + "\n"
    text, conflicts = merged(ours, theirs)
    assert conflicts == ()
    assert [each.key for each in bibfile.parse(text).entries] == ["smith2020"]
    assert "Anna" in text


@pytest.mark.parametrize("swapped", [False, True])
def test_removed_on_one_side_and_changed_on_the_other_is_a_conflict(swapped: bool) -> None:
    removed = BASE[: BASE.index("@book")]
    changed = BASE.replace("Old Things", "Older Things")
    text, conflicts = merged(*((changed, removed) if swapped else (removed, changed)))
    assert len(conflicts) == 1 and "jones1999" in conflicts[0]
    assert "<<<<<<<" in text and "Older Things" in text


def test_a_renamed_key_meets_an_edited_field() -> None:
    text, conflicts = merged(BASE.replace("= 2020", "= 2021"), BASE.replace("{smith2020,", "{smith:deep,"))
    entry = bibfile.parse(text).entries[0]
    assert (conflicts, entry.key, entry.get("year")) == ((), "smith:deep", "2021")


def test_renamed_on_one_side_and_removed_on_the_other_is_a_conflict() -> None:
    removed, renamed = BASE[: BASE.index("@book")], BASE.replace("jones1999", "jones")
    assert merged(renamed, removed)[1] and merged(removed, renamed)[1]


def test_the_same_value_in_another_form_is_no_collision() -> None:
    ours = BASE.replace('"Old Things"', "{Old Things}")
    theirs = BASE.replace('"Old Things"', "{Old  Things}").replace("acm\n", "acm,\n  year = 1999\n")
    text, conflicts = merged(ours, theirs)
    assert conflicts == () and "1999" in text and "{Old Things}" in text


def test_macros_and_comments_follow() -> None:
    ours = BASE.replace("@string{acm = {ACM}}", "@string{acm = {ACM}}\n@string{ieee = {IEEE}}")
    theirs = BASE.replace("% my papers", "% our papers").replace("{ACM}", "{Association}")
    text, conflicts = merged(ours, theirs)
    assert conflicts == ()
    assert text.startswith("% our papers\n@string{acm = {Association}}\n@string{ieee = {IEEE}}")


def test_line_ends_of_windows_stay() -> None:
    base, ours, theirs = (
        each.replace("\n", "\r\n") for each in (BASE, BASE.replace("= 2020", "= 1"), BASE.replace("= 2020", "= 2"))
    )
    text, _ = merged(ours, theirs, base)
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize("junk", [b"", b"\x00\xff\xfe", b"@article{", b"@" * 999, b"}{" * 99, "é".encode("latin-1")])
def test_broken_files_are_merged_or_refused_in_words(junk: bytes) -> None:
    for base, ours, theirs in (
        (junk, BASE.encode(), b"x"),
        (BASE.encode(), junk, b"@misc{a,}"),
        (b"", BASE.encode(), junk),
    ):
        with suppress(InputError):
            merge_branches(base, ours, theirs)


KEYS = "abcdef"


@st.composite
def versions(draw: st.DrawFn) -> str:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    fields = st.dictionaries(st.sampled_from(["title", "year", "note"]), st.sampled_from("123"), max_size=3)
    entries = [
        f"@misc{{{key},\n  label = {{{key}}},\n"
        + "".join(f"  {name} = {{{value}}},\n" for name, value in draw(fields).items())
        + "}\n"
        for key in keys
    ]
    return "\n".join(entries)


def table(text: str) -> dict[str, dict[str, str]]:
    return {each.key: {field.name: field.value for field in each.fields} for each in bibfile.parse(text).entries}


@settings(max_examples=200, deadline=None)
@given(versions(), versions(), versions())
def test_without_conflict_every_change_of_both_sides_is_in_the_result(base: str, ours: str, theirs: str) -> None:
    text, conflicts = merged(ours, theirs, base)
    other, other_conflicts = merged(theirs, ours, base)
    assert bool(conflicts) == bool(other_conflicts)
    if conflicts:
        assert "<<<<<<<" in text
        return
    was, mine, yours, result = map(table, (base, ours, theirs, text))
    assert result == table(other)
    for key in {*was, *mine, *yours}:
        for name in ("title", "year", "note"):
            old, one, two = (each.get(key, {}).get(name) for each in (was, mine, yours))
            assert result.get(key, {}).get(name) == (two if one == old else one)


# --- git ---------------------------------------------------------------------------------------------------------------


def git(where: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    bin_folder = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": bin_folder + os.pathsep + os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(["git", *arguments], cwd=where, env=environment, capture_output=True, text=True, check=check)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    git(tmp_path, "init", "-q", "-b", "main")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    assert CliRunner().invoke(main, ["merge-driver", "--install"]).exit_code == 0
    (tmp_path / "refs.bib").write_text(BASE)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "base")
    return tmp_path


def branch(where: Path, name: str, text: str) -> None:
    git(where, "checkout", "-q", "-b", name, "main")
    (where / "refs.bib").write_text(text)
    git(where, "commit", "-qam", name)


def test_git_merges_two_branches_that_edit_and_add(repository: Path) -> None:
    branch(repository, "one", BASE.replace("Smith, Ann", "Smith, Anna") + "\n@misc{a, title={A}}\n")
    branch(repository, "two", BASE.replace("= 2020", "= 2021") + "\n@misc{b, title={B}}\n")
    git(repository, "merge", "-q", "one", "-m", "both")
    result = table((repository / "refs.bib").read_text())
    assert set(result) == {"smith2020", "jones1999", "a", "b"}
    assert (result["smith2020"]["author"], result["smith2020"]["year"]) == ("Smith, Anna", "2021")


def test_git_sees_a_conflict_where_a_field_collides(repository: Path) -> None:
    branch(repository, "one", BASE.replace("= 2020", "= 2022"))
    branch(repository, "two", BASE.replace("= 2020", "= 2021"))
    done = git(repository, "merge", "one", "-m", "both", check=False)
    assert done.returncode == 1
    assert "refs.bib" in git(repository, "diff", "--name-only", "--diff-filter=U").stdout
    assert (repository / "refs.bib").read_text().count("<<<<<<<") == 1


def test_installing_twice_writes_one_line(repository: Path) -> None:
    assert CliRunner().invoke(main, ["merge-driver", "--install"]).exit_code == 0
    assert (repository / ".gitattributes").read_text() == "*.bib merge=bibtools\n"


def test_the_command_says_what_it_needs() -> None:
    assert CliRunner().invoke(main, ["merge-driver"]).exit_code == 2
    assert CliRunner().invoke(main, ["merge-driver", "no", "such", "files"]).exit_code == 2


def test_large_files_merge_in_one_pass() -> None:
    entries = [f"@misc{{k{n},\n  title = {{T {n}}},\n  year = {n}\n}}\n" for n in range(3000)]
    ours, theirs = list(entries), list(entries)
    for place in random.Random(1).sample(range(3000), 300):
        ours[place] = ours[place].replace("T ", "U ")
        theirs[place] = theirs[place].replace("year = ", "year = 1")
    text, conflicts = merged("\n".join(ours), "\n".join(theirs), "\n".join(entries))
    assert conflicts == () and text.count("{U ") == 300 and text.count("year = 1") >= 300


def test_a_conflict_names_the_key_as_it_is_written() -> None:
    base, ours, theirs = (f"@misc{{Knuth:84,\n  year = {year}\n}}\n".encode() for year in (1, 2, 3))
    assert merge_branches(base, ours, theirs).conflicts == ("Knuth:84: year",)
