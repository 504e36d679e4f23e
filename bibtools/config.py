"""Options that one types each time, kept in a file: `[tool.bibtools]` in pyproject.toml, or `.bibtools.toml`.

The nearest file upwards from the file that is worked on holds, one file only, as with ruff and black: then `bibtools config`
can name the line's origin. Keys directly in the table hold for every command that has the option; a sub-table is a command's own:

    [tool.bibtools]          # in .bibtools.toml the tables stand at the top level
    key-style = "arxiv"
    [tool.bibtools.merge]
    versions = "link"

A repository that one only looks at must not run code or write elsewhere through its configuration, so options in `PRIVATE`
are refused there.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["PRIVATE", "Config", "ConfigError", "find", "load"]

NAMES = (".bibtools.toml", "pyproject.toml")

# These run code, write files or send to a server that they name: only the person at the keyboard gives them. Services of
# `online` are a closed list, each asked for what a person would ask, and the command says so before it sends anything.
PRIVATE = frozenset(
    {
        "middleware",
        "output",
        "write",
        "api-base",
        "key-file",
        "state",
        "delete",
        "install",
        "accept",
        "incomplete",
        "map",
        "report",
        "review",
        "answers",
    }
)


class ConfigError(ValueError):
    """A configuration file that cannot be used; the message names the file."""


# Names of files that belong together, and of indexes: they are meant from the folder of the configuration file.
PATHS = frozenset({"with", "tex", "index"})


@dataclass(frozen=True, slots=True)
class Config:
    """`common` and `commands` hold option names as typed without dashes in front (`key-style`), with TOML values."""

    path: Path | None = None
    common: Mapping[str, object] = field(default_factory=dict)
    commands: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def options(self, command: str) -> dict[str, object]:
        """What holds for a command: its own table over the common one."""
        return {**self.common, **self.commands.get(command, {})}


def find(start: Path) -> Path | None:
    """The nearest configuration file upwards from a file or folder."""
    start = Path(os.path.realpath(start))  # Path.resolve raises for links in a circle
    for folder in (start, *start.parents) if os.path.isdir(start) else start.parents:  # noqa: PTH112
        for name in NAMES:
            path = folder / name
            if path.is_file() and (name != "pyproject.toml" or _table(path) is not None):
                return path
    return None


def load(start: Path) -> Config:
    """The configuration that holds for a file. Raises ConfigError naming the file and the fault."""
    path = find(start)
    if path is None:
        return Config()
    table = _table(path) or {}
    common = {key: _from_here(path, key, value) for key, value in table.items() if not isinstance(value, dict)}
    commands = {
        name: {key: _from_here(path, key, value) for key, value in options.items()}
        for name, options in table.items()
        if isinstance(options, dict)
    }
    for options in (common, *commands.values()):
        if private := PRIVATE & options.keys():
            raise ConfigError(
                f"{path}: '{min(private)}' cannot be set in a configuration file, only on the command line"
            )
    return Config(path, common, commands)


def _from_here(path: Path, option: str, value: object) -> object:
    """Paths in a configuration file begin in its folder, wherever the command runs."""
    if option not in PATHS:
        return value
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and "\0" not in name for name in names):
        raise ConfigError(f"{path}: '{option}' is a list of file names")
    return [str(path.parent / os.path.expanduser(name)) for name in names]  # noqa: PTH111 (never raises)


def _table(path: Path) -> dict[str, object] | None:
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        if path.name == "pyproject.toml":
            return None  # somebody else's file: its own tool will complain
        raise ConfigError(f"{path}: {error}") from error
    if path.name != "pyproject.toml":
        return whole
    tool = whole.get("tool")
    table = tool.get("bibtools") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None
