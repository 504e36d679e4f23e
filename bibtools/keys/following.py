"""The pattern that the keys of a file share, so that new entries get keys like those that stand there.

Known are our own styles and what people and programs build from an author, a year and a word of the title: ``Knuth1984``,
``knuth84``, ``knuth:1984``, ``knuth1984literate``, ``knuth_literate_1984``, ``KnuthLamport1984``, ``Knu84``. A file follows a
pattern when it has enough entries and nearly all their keys come out of it, letters that part equal keys (``knuth1984b``) aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bibtools.keys import jabref, styles
from bibtools.keys.words import creators
from bibtools.record import Record

__all__ = ["FEWEST", "Followed", "followed"]

FEWEST = 5  # entries; fewer show no habit
SHARE = 0.8
TRIED = 12  # entries on which every pattern is tried; a pattern that fails on half of them is out
SUFFIX = re.compile(r"(?:[a-z]{1,2}|[-_:.][a-z0-9])?")
NAMED: dict[str, Callable[[Record], str]] = {
    "arxiv": styles.arxiv,
    "arxiv-2020": styles.arxiv_2020,
    "scholar": styles.scholar,
    "acl": styles.acl,
    "bbt": styles.bbt,
}
HEADS = (
    "auth",
    "auth:lower",
    "authEtAl",
    "authEtAl:lower",
    "authors",
    "authors:lower",
    "authorsAlpha",
    "authorsAlpha:lower",
)
TITLES = ("veryshorttitle", "veryshorttitle:lower", "shorttitle", "shorttitle:lower", "shorttitleINI")
SEPARATORS = ("", ":", "_", "-", ".", "/")


@dataclass(frozen=True, slots=True)
class Followed:
    """``style`` is a name or a pattern that `keys.maker` takes; ``share`` says which part of the entries follows it."""

    style: str
    share: float


def followed(entries: Sequence[Record]) -> Followed | None:
    """What the keys of some entries follow, `None` where they follow nothing that we know."""
    entries = [each for each in entries if each.id and creators(each)]
    if len(entries) < FEWEST:
        return None
    step = max(1, len(entries) // TRIED)
    tried = entries[::step][:TRIED]
    best: Followed | None = None
    for style, make in candidates(tried):
        if 2 * _count(tried, make) < len(tried):
            continue
        share = _count(entries, make) / len(entries)
        if share >= SHARE and (best is None or share > best.share):
            best = Followed(style, share)
    return best


def candidates(entries: Sequence[Record]) -> Iterator[tuple[str, Callable[[Record], str]]]:
    """The named styles, then patterns; of separators only those that the keys show."""
    yield from NAMED.items()
    for head in HEADS:
        begin = jabref.compile_pattern(f"[{head}]")
        rests = [each.id[len(made) :] for each in entries if (made := begin(each)) and each.id.startswith(made)]
        if 2 * len(rests) >= len(entries):  # else no pattern with this beginning fits
            seen = "".join(rests)
            separators = [each for each in SEPARATORS if not each or each in seen]
            for pattern in patterns(head, separators):
                yield pattern, jabref.compile_pattern(pattern)


def patterns(head: str, separators: Sequence[str]) -> Iterator[str]:
    for between in separators:
        for year in ("year", "shortyear"):
            yield f"[{head}]{between}[{year}]"
            for title in TITLES:
                yield f"[{head}]{between}[{year}]{between}[{title}]"
                yield f"[{head}]{between}[{title}]{between}[{year}]"
                if between:
                    yield f"[{head}][{year}]{between}[{title}]"
                    yield f"[{head}]{between}[{year}][{title}]"


def _count(entries: Sequence[Record], make: Callable[[Record], str]) -> int:
    return sum(_fits(each.id, make(each)) for each in entries)


def _fits(key: str, made: str) -> bool:
    return bool(made) and (key == made or (key.startswith(made) and SUFFIX.fullmatch(key, len(made)) is not None))
