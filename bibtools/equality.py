"""When two values of a field say the same thing, so that a merge has nothing to change and nothing to report.

LaTeX against Unicode, markup, punctuation, kinds of dashes, the order in which a name is written: no difference. Whether
two values are the same *work's* is another question, asked by `match`; here a first name and its initial differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache

from bibtools import fold, identifiers, latex
from bibtools.record import Date, Name, Record, filled

__all__ = ["covers", "holds", "same", "same_names", "same_text"]

EMPTY = Record()
FIELDS = tuple(each.name for each in fields(Record) if each.compare)


def same_text(left: str, right: str) -> bool:
    if left == right:
        return True
    one, two = _folded(left), _folded(right)
    return one == two and (bool(one) or left.split() == right.split())


@lru_cache(maxsize=1 << 14)
def _folded(value: str) -> str:
    """Values that came from outside a .bib may still be LaTeX (a CSL-JSON made by hand); what is not is left as it is."""
    if "\\" in value or "{" in value:
        value = latex.plain(latex.decode(value))
    return fold.text(value)


def _exactly(left: str, right: str) -> bool:
    """For what is a code and not prose: case and blanks do not count, everything else does."""
    return "".join(left.split()).casefold() == "".join(right.split()).casefold()


def _same_doi(left: str, right: str) -> bool:
    return (identifiers.doi(left) or left.strip().casefold()) == (identifiers.doi(right) or right.strip().casefold())


def _same_isbn(left: str, right: str) -> bool:
    return _exactly(left.replace("-", ""), right.replace("-", "")) or (
        bool(identifiers.isbns(left)) and identifiers.isbns(left) == identifiers.isbns(right)
    )


def _same_url(left: str, right: str) -> bool:
    def bare(url: str) -> str:
        return url.strip().replace("\\", "").removeprefix("https://").removeprefix("http://").rstrip("/")

    return bare(left) == bare(right)


def same_name(left: Name, right: Name) -> bool:
    return left == right or _words(left) == _words(right)


@lru_cache(maxsize=1 << 14)
def _words(name: Name) -> list[str]:
    parts = (name.given, name.dropping_particle, name.non_dropping_particle, name.family, name.suffix, name.literal)
    return sorted(_folded(" ".join(parts)).split())


def same_names(left: tuple[Name, ...], right: tuple[Name, ...]) -> bool:
    return left == right or (len(left) == len(right) and all(map(same_name, left, right)))


def same_date(left: Date, right: Date) -> bool:
    if left.parts or right.parts:
        return (left.parts, left.season, left.end) == (right.parts, right.season, right.end)
    return left.season == right.season and same_text(left.literal, right.literal)


def _same_terms(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return len(left) == len(right) and all(map(same_text, left, right))


def _same_extra(left: tuple[tuple[str, str], ...], right: tuple[tuple[str, str], ...]) -> bool:
    return sorted(left) == sorted(right)


_BY_FIELD: dict[str, Callable[..., bool]] = {
    "doi": _same_doi,
    "isbn": _same_isbn,
    "url": _same_url,
    "arxiv_id": _exactly,
    "issn": lambda left, right: _exactly(left.replace("-", ""), right.replace("-", "")),
    "extra": _same_extra,
    "categories": _same_terms,
    "keyword": _same_terms,
    "other_creators": lambda left, right: left == right,
}


def same(field: str, left: object, right: object) -> bool:
    """Whether two values of a field say the same. An empty value is the same as nothing but another empty one."""
    if left == right:
        return True
    if not left or not right:
        return not left and not right
    if field in _BY_FIELD:
        return _BY_FIELD[field](left, right)
    if isinstance(left, str) and isinstance(right, str):
        return same_text(left, right)
    if isinstance(left, Date) and isinstance(right, Date):
        return same_date(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return same_names(left, right)
    return False


def holds(field: str, whole: object, part: object) -> bool:
    """Whether a value is in another: the same, or for a collection each of its elements."""
    if same(field, whole, part) or (field == "type" and part == EMPTY.type):
        return True
    if not isinstance(whole, tuple) or not isinstance(part, tuple):
        return not part
    if field in ("keyword", "categories"):
        return all(any(same_text(each, other) for other in whole) for each in part)
    if field == "extra":
        return all(any(key == name and same_text(value, text) for name, text in whole) for key, value in part)
    if field == "other_creators":
        return all(each in whole for each in part)
    return False


def covers(whole: Record, part: Record) -> bool:
    """Whether a record says nothing, but for its key, that the other does not say."""
    return all(holds(name, getattr(whole, name), value) for name, value in filled(part) if name != "id")
