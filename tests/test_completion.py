"""What a tab offers: through click's own door, and through the script in a real bash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from bibtools.cli import main
from bibtools.cli.completion import Bash

BIB = """
@misc{wang:inventories, title={Speaker {Inventories}}}
@misc{wang:estimates, title={Estimated Speech}}
@misc{Knuth84, title={The {\\TeX}book}}
@misc{it's+this, title={A Quote}}
@misc{esc\x1b[31m, title={Red}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "refs.bib").write_text(BIB)
    (tmp_path / "other.bib").write_text("@misc{lovelace43, title={Notes}}")
    (tmp_path / "folder.bib").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(*words: str) -> dict[str, str | None]:
    """What is offered for the last word, each with its description."""
    found = ShellComplete(main, {}, "bibtools", "_BIBTOOLS_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return {each.value: each.help for each in found}


KEYS = [
    (("set", "refs.bib", "kn"), {"Knuth84": "The {\\TeX}book"}),
    (("set", "refs.bib", "wang:i"), {"wang:inventories": "Speaker {Inventories}"}),
    (("set", "--dry-run", "refs.bib", "wang:e"), {"wang:estimates": "Estimated Speech"}),
    (("set", "other.bib", ""), {"lovelace43": "Notes"}),
    (("set", "refs.bib", "nothing"), {}),
    (("set", "absent.bib", ""), {}),
    (("set", "folder.bib", ""), {}),
    (("match", "refs.bib", "--explain", "k"), {"Knuth84": "The {\\TeX}book"}),
    (("match", "refs.bib", "--explain", "Knuth84", "wang:i"), {"wang:inventories": "Speaker {Inventories}"}),
    (("match", "refs.bib", "other.bib", "--explain", "Knuth84", "l"), {"lovelace43": "Notes"}),
]


@pytest.mark.parametrize(("words", "expected"), KEYS, ids=lambda each: " ".join(each))
def test_keys_come_from_the_bib_named_earlier(
    folder: Path, words: tuple[str, ...], expected: dict[str, str | None]
) -> None:
    assert offered(*words) == expected


def test_a_key_that_would_write_to_the_terminal_is_not_offered(folder: Path) -> None:
    assert offered("set", "refs.bib", "").keys() == {"wang:inventories", "wang:estimates", "Knuth84", "it's+this"}


def test_many_keys_come_without_titles(folder: Path) -> None:
    (folder / "many.bib").write_text("".join(f"@misc{{k{number}, title={{T}}}}\n" for number in range(1000)))
    assert offered("set", "many.bib", "k") == {f"k{number}": None for number in range(1000)}


@pytest.mark.parametrize(
    ("words", "some"),
    [
        (("me",), {"merge", "merge-driver"}),
        (("zot",), {"zotero"}),
        (("zotero", "p"), {"push", "pull"}),
        (("convert", "--to", "ri"), {"ris"}),
        (("convert", "--from", "listing-a"), {"listing-abstracts"}),
        (("convert", "--key-style", "ac"), {"acl"}),
        (("keys", "refs.bib", "--key-style", "sch"), {"scholar"}),
        (("format", "--enable", "sort,mon"), {"sort,months"}),
        (("check", "--off", "bad-d"), {"bad-doi"}),
        (("preview", "--style", "unsrta"), {"unsrtalpha"}),
        (("merge", "--on-unsure", "s"), {"skip"}),
    ],
)
def test_names_are_offered_too(folder: Path, words: tuple[str, ...], some: set[str]) -> None:
    assert some <= offered(*words).keys()


def test_a_broken_configuration_does_not_show_in_a_completion(folder: Path) -> None:
    (folder / ".bibtools.toml").write_text("key-style = \n")
    assert "Knuth84" in offered("set", "refs.bib", "")


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="no bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bibtools set refs.bib kn", ["Knuth84"]),
        ("bibtools set refs.bib wang:i", ["inventories"]),  # bash replaces what follows the colon
        ("bibtools set refs.bib wang", ["wang:inventories", "wang:estimates"]),
        ("bibtools set refs.bib it", ["'it'\"'\"'s+this'"]),
        ("bibtools set 'refs.bib' kn", ["Knuth84"]),
        ("bibtools set $PWD/refs.bib kn", ["Knuth84"]),
        ("bibtools match refs.bib --explain Knuth84 wang:e", ["estimates"]),
        ("bibtools undo --re", ["--redo"]),
        ("bibtools ", None),
    ],
)
def test_the_script_in_a_real_bash(folder: Path, line: str, expected: list[str] | None) -> None:
    script = """
        eval "$(_BIBTOOLS_COMPLETE=bash_source bibtools)"
        COMP_LINE=$1 COMP_POINT=${#1}
        _bibtools_completion bibtools
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = subprocess.run(
        [str(BASH), "--norc", "-c", script, "-", line], capture_output=True, text=True, check=False, env={"PATH": path}
    )
    assert run.stderr == ""
    assert run.stdout.splitlines() == expected or (expected is None and "convert" in run.stdout)


@pytest.mark.parametrize(
    ("line", "words", "incomplete"),
    [
        ("bibtools ", [], ""),
        ("bibtools se", [], "se"),
        ("bibtools set ", ["set"], ""),
        ("bibtools set my\\ refs.bib k", ["set", "my refs.bib"], "k"),
        ("bibtools set my\\ ", ["set"], "my "),
        ("bibtools set 'my refs.bib", ["set"], "my refs.bib"),
    ],
)
def test_the_line_is_cut_as_a_shell_cuts_it(
    monkeypatch: pytest.MonkeyPatch, line: str, words: list[str], incomplete: str
) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    assert Bash(main, {}, "bibtools", "_BIBTOOLS_COMPLETE").get_completion_args() == (words, incomplete)
