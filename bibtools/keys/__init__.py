"""Citation keys: one record gives one key by a style, and many records give keys that do not collide.

Styles: ``arxiv`` (what arXiv's own export gives), ``arxiv-2020`` (the same before June 2024, one title word),
``scholar`` (Google Scholar), ``acl`` (ACL Anthology), ``bbt`` (Better BibTeX's default), and patterns in JabRef's
language such as ``[auth][year][shorttitle]``.

arXiv does nothing about collisions; we append a, b ... z, aa. Which record keeps the plain key is decided by what the
records say, never by the order they came in, so that a bibliography gets the same keys from any order of its sources.
Keys are compared without regard to case, as BibTeX does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache

from bibtools.keys import jabref, styles
from bibtools.record import Record, filled

__all__ = ["STYLES", "assign", "make", "maker"]

STYLES: dict[str, Callable[[Record], str]] = {
    "arxiv": styles.arxiv,
    "arxiv-2020": styles.arxiv_2020,
    "scholar": styles.scholar,
    "acl": styles.acl,
    "bbt": styles.bbt,
}


def make(record: Record, style: str = "arxiv") -> str:
    """The key of one record. Raises `ValueError` for a style or a marker that does not exist."""
    return maker(style)(record) or "unknown"


@lru_cache(maxsize=32)
def maker(style: str) -> Callable[[Record], str]:
    """The function of a style; to be asked once before a long run, so that a wrong style is told at once."""
    if "[" in style or "]" in style:
        return jabref.compile_pattern(style)
    if style not in STYLES:
        raise ValueError(
            f"unknown key style {style!r}: use {', '.join(STYLES)} or a pattern such as [auth][year][shorttitle]"
        )
    return STYLES[style]


def assign(records: Iterable[Record], style: str = "arxiv", taken: Collection[str] = ()) -> tuple[str, ...]:
    """A key for each record, in their order; none equals another or one of ``taken``."""
    records = tuple(records)
    of = maker(style)
    plain = [of(each) or "unknown" for each in records]
    groups: dict[str, list[int]] = {}
    for place, key in enumerate(plain):
        groups.setdefault(key.casefold(), []).append(place)
    used = {each.casefold() for each in taken}
    reserved = used | groups.keys()
    keys = [""] * len(records)
    for folded, places in sorted(groups.items()):
        if len(places) > 1:
            places.sort(key=lambda place: _rank(records[place], plain[place]))
        free = _suffixes(plain[places[0]], folded in used, reserved)
        for place in places:
            keys[place] = plain[place] + next(free)
            reserved.add(keys[place].casefold())
    return tuple(keys)


def _suffixes(key: str, is_taken: bool, reserved: set[str]) -> Iterator[str]:
    if not is_taken:
        yield ""
    number = 0
    while True:
        number += 1
        suffix = _letters(number)
        if (key + suffix).casefold() not in reserved:
            yield suffix


def _letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return letters


def _rank(record: Record, key: str) -> tuple[object, ...]:
    """Older before newer, then by identifiers, then by everything the record says: a total order over contents."""
    date = record.issued.parts or (9999,)
    return (date, record.arxiv_id, record.doi.lower(), record.title, key, repr(tuple(filled(record))))
