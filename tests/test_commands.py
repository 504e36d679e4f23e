"""What holds for every command: help with an example that works, plain messages, the exit statuses of the README."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bibtools.cli import COMMANDS, main
from tests.conftest import SAMPLES


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "samples")
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, words, input=stdin)


def examples(name: str) -> list[str]:
    shown = run(name, "--help").output
    found = re.search(r"Examples?:\n((?:    \S.*\n)+)", shown)
    assert found, f"{name} shows no example"
    return [line.strip() for line in found[1].splitlines()]


def options(name: str) -> dict[str, click.Parameter]:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    return {long: each for each in command.params if isinstance(each, click.Option) for long in each.opts}


def test_the_help_fits_a_screen() -> None:
    lines = run("--help").output.splitlines()
    assert len(lines) <= 22 and max(map(len, lines)) <= 80
    assert all(re.search(rf"^  {name} ", "\n".join(lines), re.MULTILINE) for name in (*COMMANDS, "zotero"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_begins_with_an_example(name: str) -> None:
    usage, _, summary, _, heading, *_ = run(name, "--help").output.splitlines()
    assert re.match(rf"Usage: \w+ {name} ", usage)
    assert "." in summary
    assert heading.strip() in ("Example:", "Examples:")


@pytest.mark.parametrize("name", [each for each in COMMANDS if each not in ("merge-driver", "online")])
def test_the_examples_that_name_samples_work(clone: Path, name: str) -> None:
    tried = [line for line in examples(name) if "samples/" in line or name == "formats"]
    assert tried and tried[0] == examples(name)[0]
    for line in tried:
        for each in line.split("&&"):
            result = run(*shlex.split(each)[1:])
            assert result.exit_code == 0, (each, result.output)
            assert "Traceback" not in result.output


def test_the_example_of_the_merge_driver_works(clone: Path) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert run(*examples("merge-driver")[0].split()[1:]).exit_code == 0
    assert "merge=bibtools" in (clone / ".gitattributes").read_text()


SAME_WORDS = {
    "--dry-run": "Write nothing",
    "--diff": "Write nothing; show what would change",
    "--check": "Write nothing; exit 1",
}


@pytest.mark.parametrize("option", SAME_WORDS)
def test_options_of_one_name_are_described_alike(option: str) -> None:
    told = [str(found.help) for name in COMMANDS if isinstance(found := options(name).get(option), click.Option)]
    assert told and all(each.startswith(SAME_WORDS[option]) for each in told)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("words", [["--no-such-option"], ["no/such/file"], ["no/such/file", "no/such/file", "a=b"]])
def test_wrong_words_end_with_two_and_a_plain_message(clone: Path, name: str, words: list[str]) -> None:
    result = run(name, *words)
    if name == "config" and result.exit_code == 0:
        return  # a file need not be there to ask what would hold for it
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert re.search(r"^(Error: |bibtools: )", result.stderr, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["convrt"], "No such command 'convrt'. Did you mean 'convert'?"),
        (["set", "samples/refs.bib", "knut84", "a=b"], "no entry 'knut84'; did you mean 'knuth84'?"),
        (["set", "samples/refs.bib", "1234567", "a=b"], "no entry '1234567'\n"),
        (["match", "samples/refs.bib", "--explain", "neuflow", "Knuth84"], "did you mean 'knuth84'?"),
        (
            ["convert", "samples/listing.txt", "--as-of", "20-11-2026"],
            "'20-11-2026' is not a day written as YYYY-MM-DD",
        ),
    ],
)
def test_a_message_says_what_was_probably_meant(clone: Path, words: list[str], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize("words", [["check"], ["format", "--check"], ["keys", "--dry-run"]])
def test_a_file_that_is_no_bib_is_doubted(clone: Path, words: list[str]) -> None:
    assert "samples/listing.txt: no entries; is it a .bib?" in run(*words, "samples/listing.txt").stderr
    Path("empty.bib").touch()
    assert "no entries" not in run(*words, "empty.bib").stderr


def test_records_without_an_id_are_named_by_their_place(clone: Path) -> None:
    assert run("match", "samples/refs.bib", "samples/listing.txt", "--pairs", "pairs.csv").exit_code == 0
    ids = [line.split(",")[:2] for line in Path("pairs.csv").read_text().splitlines()[1:]]
    assert [each[0] for each in ids] == ["LiuQiuZhang"]
    assert run("match", "samples/refs.bib", "samples/listing.txt", "--explain", *ids[0]).stdout.startswith("same")


def test_different_records_are_not_versions_of_a_work(clone: Path) -> None:
    shown = run("match", "samples/refs.bib", "--explain", "neuflow", "LiuQiuZhang").stdout
    assert shown.startswith("different") and "version" not in shown


def test_undo_names_files_as_one_types_them(clone: Path) -> None:
    run("set", "samples/refs.bib", "knuth84", "note=x")
    assert run("undo", "samples/refs.bib").stderr == "samples/refs.bib: as it was before\n"


def test_an_interruption_is_no_finding(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import bibtools.api as api\n"
        "def stopped(*words, **options): raise KeyboardInterrupt\n"
        "api.read_inputs = stopped\n"
        "from bibtools.cli import main\n"
        "main(['convert', 'samples/refs.bib'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (130, "bibtools: interrupted")


@pytest.mark.parametrize("target", ["samples/paper.tex", "samples/demo.sh"])
def test_entries_are_not_merged_into_another_file(clone: Path, target: str) -> None:
    before = Path(target).read_bytes()
    result = run("merge", target, "samples/refs.bib")
    assert result.exit_code == 2
    assert "no entries; is it a .bib?" in result.stderr
    assert Path(target).read_bytes() == before


@pytest.mark.parametrize(("name", "text"), [("new.bib", ""), ("new.bib", "% mine\n"), ("new", ""), ("new.txt", "\n")])
def test_a_new_bibliography_may_be_begun(clone: Path, name: str, text: str) -> None:
    Path(name).write_text(text)
    assert run("merge", name, "samples/refs.bib").exit_code == 0
    assert "@book{knuth84" in Path(name).read_text()


def test_names_in_the_configuration_that_mean_nothing_are_told(clone: Path) -> None:
    Path(".bibtools.toml").write_text(
        'key-style = "acl"\nkey-styl = "acl"\n[merge]\nversons = "link"\n[murge]\n[zotero]\n'
    )
    told = run("config", "samples/refs.bib").stderr
    assert re.findall(r"unknown option or command table '(.*)'", told) == ["key-styl", "merge.versons", "murge"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "6 records\n"),
        (["-o", "x.bib"], "6 records\n"),
        (["-o", "x.txt"], "6 records as bibtex\n"),
        (["-o", "x.txt", "--to", "ris"], "6 records\n"),
    ],
)
def test_the_format_is_told_where_the_name_does_not_tell_it(clone: Path, words: list[str], told: str) -> None:
    assert run("convert", "samples/refs.bib", *words).stderr == told
