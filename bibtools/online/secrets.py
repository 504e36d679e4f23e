"""Keys of services: from the environment or a file that only its owner can read, never from the command line, where any user
of the machine sees them, nor from a configuration file, which stands in a repository.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs

__all__ = ["SecretError", "key_of", "keys_file", "private_text"]

LONGEST = 10_000  # characters of a file of keys


class SecretError(ValueError):
    """A key, or a file of keys, that cannot be used; the message does not show the key."""


def private_text(file: Path) -> str:
    """The text of a file that nobody else can read. Raises SecretError where others can, or it cannot be read."""
    try:
        with file.open(encoding="ascii") as opened:
            mode = os.fstat(opened.fileno())
            if os.name == "posix" and (mode.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or mode.st_uid != os.geteuid()):
                raise SecretError(f"{file}: others can read the key; run: chmod 600 {file}")
            return opened.read(LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a key"
        raise SecretError(f"{file}: {reason}") from None


def keys_file(environment: Mapping[str, str]) -> Path:
    """The user's file of keys, one ``service = "key"`` a line; ``BIBTOOLS_ONLINE_KEYS`` names another."""
    given = environment.get("BIBTOOLS_ONLINE_KEYS")
    return Path(given) if given else Path(platformdirs.user_config_dir("bibtools", appauthor=False)) / "keys.toml"


def key_of(service: str, environment: Mapping[str, str]) -> str:
    """The key for a service, ``""`` where there is none: ``BIBTOOLS_ONLINE_<SERVICE>_KEY``, else from the file of keys."""
    variable = f"BIBTOOLS_ONLINE_{service.upper()}_KEY"
    if given := environment.get(variable, "").strip():
        return _checked(given, variable)
    file = keys_file(environment)
    if not file.exists() and "BIBTOOLS_ONLINE_KEYS" not in environment:
        return ""
    text = private_text(file)
    try:
        found = tomllib.loads(text).get(service, "")
    except (tomllib.TOMLDecodeError, RecursionError):
        raise SecretError(f'{file}: not a file of keys; a line of it is: {service} = "KEY"') from None
    if not isinstance(found, str):
        raise SecretError(f"{file}: the key of {service} is not in quotation marks")
    return _checked(found.strip(), str(file))


def _checked(key: str, where: str) -> str:
    """A key that can be sent in a header."""
    if key and not (key.isascii() and all(char.isalnum() or char in "-_." for char in key) and len(key) <= 200):
        raise SecretError(f"{where}: not a key; a key is letters, digits, '-', '_' and '.' only")
    return key
