"""How a key that somebody wrote finds the entry that is meant: as it stands, else as BibTeX compares, without case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["lookup"]


def lookup(names: Mapping[str, str]) -> Callable[[str], str | None]:
    """How a cited key finds its new name."""
    folded: dict[str, set[str]] = {}
    for old, new in names.items():
        folded.setdefault(old.lower(), set()).add(new)

    def new_name(key: str) -> str | None:
        if key in names:
            return names[key]
        answers = folded.get(key.lower(), set())
        return next(iter(answers)) if len(answers) == 1 else None

    return new_name
