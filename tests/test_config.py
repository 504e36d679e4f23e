"""Options kept in a file: found upwards, told apart by command, never able to run code."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bibtools import config
from bibtools.cli import main


def test_the_nearest_file_upwards_holds(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.bibtools]\nkey-style = "acl"\n[tool.bibtools.merge]\nversions = "link"\n'
    )
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    found = config.load(deep / "refs.bib")
    assert found.path == tmp_path / "pyproject.toml"
    assert found.options("merge") == {"key-style": "acl", "versions": "link"}
    assert found.options("convert") == {"key-style": "acl"}
    (deep / ".bibtools.toml").write_text('key-style = "bbt"\n')
    assert config.load(deep / "refs.bib").options("merge") == {"key-style": "bbt"}


def test_a_pyproject_of_another_tool_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n")
    assert config.load(tmp_path).path is None or config.load(tmp_path).path.parent != tmp_path


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".bibtools.toml").write_text("key-style = \n")
    with pytest.raises(config.ConfigError, match=r"bibtools\.toml"):
        config.load(tmp_path)


@pytest.mark.parametrize("option", sorted(config.PRIVATE))
def test_what_runs_code_or_writes_cannot_be_configured(tmp_path: Path, option: str) -> None:
    (tmp_path / ".bibtools.toml").write_text(f'[format]\n{option} = "x"\n')
    with pytest.raises(config.ConfigError, match=option):
        config.load(tmp_path)


def test_the_command_line_uses_it_and_overrules_it(tmp_path: Path) -> None:
    refs = tmp_path / "refs.bib"
    refs.write_text("@misc{k,\n  author = {Ada Lovelace},\n  title = {On Engines},\n  year = 1843\n}\n")
    (tmp_path / ".bibtools.toml").write_text('[convert]\nkey-style = "[auth][year]"\n')
    run = CliRunner().invoke(main, ["convert", str(refs)])
    assert "@misc{Lovelace1843," in run.stdout
    run = CliRunner().invoke(main, ["convert", str(refs), "--key-style", "arxiv"])
    assert "@misc{lovelace1843engines," in run.stdout


@pytest.mark.parametrize("omit", ['"note, x"', '["note", "x"]'])
def test_every_rule_of_format_can_be_configured(omit: str, tmp_path: Path) -> None:
    refs = tmp_path / "refs.bib"
    refs.write_text("@misc{k,\n  author = {Ada Lovelace and B C},\n  note = {n},\n  x = {x}\n}\n")
    (tmp_path / ".bibtools.toml").write_text(
        f'[format]\nomit = {omit}\nindent = "tab"\nmax-authors = 1\ntrailing-comma = true\nblank-lines = 1\nwrap = 80\n'
    )
    run = CliRunner().invoke(main, ["format", str(refs), "-o", "-"])
    assert run.stdout == "@misc{k,\n\tauthor = {Ada Lovelace and others},\n}\n"


def test_an_option_that_the_command_does_not_have_is_an_error(tmp_path: Path) -> None:
    refs = tmp_path / "refs.bib"
    refs.write_text("@misc{k, title={T}}\n")
    (tmp_path / ".bibtools.toml").write_text("[convert]\nno-such = 1\n")
    run = CliRunner().invoke(main, ["convert", str(refs)])
    assert run.exit_code == 2
    assert "no-such" in run.stderr


def test_config_shows_what_holds_and_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / ".bibtools.toml").write_text('[merge]\nversions = "link"\n')
    run = CliRunner().invoke(main, ["config", str(tmp_path)])
    assert str(tmp_path / ".bibtools.toml") in run.stdout
    assert "merge.versions = 'link'" in run.stdout
