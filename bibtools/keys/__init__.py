"""Citation keys: one record gives one key by a style, and many records give keys that do not collide.

Styles: ``arxiv`` (what arXiv's own export gives), ``arxiv-2020`` (the same before June 2024, one title word),
``scholar`` (Google Scholar), ``acl`` (ACL Anthology), ``bbt`` (Better BibTeX's default), and patterns in JabRef's
language such as ``[auth][year][shorttitle]``.

arXiv does nothing about collisions; we append a, b ... z, aa. Which record keeps the plain key is decided by what the
records say, never by the order they came in, so that a bibliography gets the same keys from any order of its sources.
Keys are compared without regard to case, as BibTeX does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from bibtools.keys import jabref, styles
from bibtools.record import Record, filled

__all__ = ["STYLES", "Rank", "assign", "make", "maker", "rank", "settle"]

Rank = tuple[tuple[int, ...], str, str, int]

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
    of = maker(style)
    return settle([(of(each) or "unknown", rank(each)) for each in records], taken)


def settle(wanted: Sequence[tuple[str, Rank]], taken: Collection[str] = ()) -> tuple[str, ...]:
    """Keys without collision from plain keys and ranks: all that is needed of a stream of records too long to hold."""
    groups: dict[str, list[int]] = {}
    for place, (key, _) in enumerate(wanted):
        groups.setdefault(key.casefold(), []).append(place)
    used = {each.casefold() for each in taken}
    reserved = used | groups.keys()
    keys = [key for key, _ in wanted]
    for folded, places in sorted(groups.items()):
        if len(places) > 1:
            places.sort(key=lambda place: (wanted[place][1], wanted[place][0]))
        free = _suffixes(keys[places[0]], folded in used, reserved)
        for place in places:
            keys[place] += next(free)
            reserved.add(keys[place].casefold())
    return tuple(keys)


def rank(record: Record) -> Rank:
    """Older before newer, then by identifiers, then by a digest of the contents: an order that no input order changes."""
    said = (record.title, record.abstract) if record.arxiv_id else tuple(filled(record))
    digest = crc32(repr(said).encode("utf-8", "surrogatepass"))
    return (record.issued.parts or (9999,), record.arxiv_id, record.doi.lower(), digest)


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
