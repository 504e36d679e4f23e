"""Where the API key comes from: the environment or a file, never the command line, where any user of the machine sees it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from zotero_bridge.client import ZoteroError

__all__ = ["VARIABLE", "keep", "read"]

VARIABLE = "ZOTERO_API_KEY"


def read(file: Path | None, environment: Mapping[str, str]) -> str:
    """The key, or ``""`` when there is none. Raises ZoteroError when a file may be read by others."""
    if file is None:
        return _checked(environment.get(VARIABLE, "").strip(), VARIABLE)
    try:
        with file.open(encoding="ascii") as opened:
            mode = os.fstat(opened.fileno())
            if os.name == "posix" and (mode.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or mode.st_uid != os.geteuid()):
                raise ZoteroError(f"{file}: others can read the key; run: chmod 600 {file}")
            key = opened.read(1000).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a key"
        raise ZoteroError(f"{file}: {reason}") from None
    if not key:
        raise ZoteroError(f"{file}: is empty; it should hold the key")
    return _checked(key, str(file))


def _checked(key: str, where: str) -> str:
    """A key that can be sent. The message does not show it."""
    if key and not (key.isascii() and key.isalnum()):
        raise ZoteroError(f"{where}: not an API key; a key is letters and digits only, without spaces or line breaks")
    return key


def keep(file: Path, key: str) -> None:
    """Save a local key that Zotero said may be kept."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        os.fchmod(descriptor, 0o600) if hasattr(os, "fchmod") else None
        opened.write(key + "\n")
