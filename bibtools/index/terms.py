"""What a record can be found by: the words of its title and of its people's surnames, and keys for exact questions.

Words are those of the comparison form (`fold`), so a question and a record that differ in case, accents, punctuation or
markup have the same words. Chinese and Japanese titles have no spaces: two neighbouring characters make a word there.

Identifiers and whole titles are asked as numbers of 40 bits, a hash of their normal form: a term dictionary of three million
titles written out takes 120 MB, of such numbers 20 MB. Two values with one number are rare (four in a million questions),
and the caller compares the values, so they do no harm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from bibtools import fold, identifiers
from bibtools.record import Name, Record

__all__ = [
    "fingerprint",
    "head",
    "head_words",
    "identifier_values",
    "key",
    "notice_key",
    "surname_words",
    "surnames",
    "title_keys",
    "title_words",
]

VERSION = 1  # of the rules below; an index of another version has to be built anew
MOST_PEOPLE = 60  # surnames that are indexed; a collaboration of 3,000 is found by its title and any of the first
MOST_WORDS = 80  # words of a title; what is longer is an abstract in the wrong field
LONGEST_WORD = 40
_PROBE = "ẞtraße & <i>naïve</i> CO$_2$ «Über» α-Fe 深層学習の基礎 don’t Łódź N\\'eel 10.1000/ABC"  # folded, it shows every rule

_SUBTITLE = re.compile(r"(?<=\w\w)[)\]»”\"'’]*(?:[:?!.](?=\s)|\s+[-–—](?=\s))\s*(?=\S)")
_SCRIPT_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def title_words(title: str) -> list[str]:
    """The words of a title, in order, as they are indexed."""
    folded = fold.text(title)
    words = folded.split()[:MOST_WORDS]
    if folded.isascii():
        return [word[:LONGEST_WORD] for word in words]
    return [part[:LONGEST_WORD] for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """Pairs of neighbouring characters where a script has no spaces, else the word itself."""
    if not _SCRIPT_WITHOUT_SPACES.search(word):
        return [word]
    parts: list[str] = []
    at = 0
    for run in _SCRIPT_WITHOUT_SPACES.finditer(word):
        parts += [word[at : run.start()]] if run.start() > at else []
        text = run[0]
        parts += [text[place : place + 2] for place in range(len(text) - 1)] or [text]
        at = run.end()
    return parts + ([word[at:]] if at < len(word) else [])


def head(title: str) -> str:
    """A title up to its subtitle, without spaces; ``""`` where it has none."""
    return "".join(head_words(title))[:400]


def head_words(title: str) -> list[str]:
    """The words of a title up to its subtitle; none where it has no subtitle."""
    found = _SUBTITLE.search(title)
    return title_words(title[: found.start()]) if found else []


def title_keys(title: str, words: Iterable[str]) -> list[int]:
    """The numbers of a whole title, given with its words, and of the title without its subtitle."""
    whole = "".join(words)
    if not whole:
        return []
    short = head(title)
    return [key("title", whole), key("head", short)] if short and short != whole else [key("title", whole)]


def surnames(people: Iterable[Name]) -> list[str]:
    """The words of the people's surnames, without particles."""
    found: list[str] = []
    for place, name in enumerate(people):
        if place == MOST_PEOPLE:
            break
        found += surname_words(name.family or name.literal)
    return found


@lru_cache(maxsize=1 << 17)
def surname_words(family: str) -> tuple[str, ...]:
    return tuple(part[:LONGEST_WORD] for word in fold.surname(Name(family=family)).split() for part in _parts(word))


def key(kind: str, value: str) -> int:
    """The number under which a value is asked for."""
    digest = hashlib.blake2b(f"{kind}:{value}".encode("utf-8", "surrogatepass"), digest_size=5).digest()
    return int.from_bytes(digest, "big")


def notice_key(kind: str, value: str) -> int:
    """The number under which notices about a work are asked for, by an identifier of the work."""
    return key(f"notice:{kind}", value)


def identifier_values(record: Record) -> list[tuple[str, str]]:
    """Kind and normal form of each identifier: ``("doi", "10.1000/xyz")``. A DOI of arXiv is its arXiv number too."""
    found: list[tuple[str, str]] = []
    arxiv = record.arxiv_id.lower()
    doi = record.doi or (record.url if "10." in record.url else "")
    if doi and (normal := identifiers.doi(doi)):
        if identifiers.is_arxiv_doi(normal):
            arxiv = arxiv or identifiers.arxiv_id(normal)
        else:
            found.append(("doi", normal))
    if arxiv:
        found.append(("arxiv", arxiv))
    if record.isbn:
        found += (("isbn", isbn) for isbn in identifiers.isbns(record.isbn))
    if record.pmid:
        found.append(("pmid", record.pmid))
    if record.pmcid:
        found.append(("pmcid", record.pmcid.upper()))
    return found


def fingerprint() -> str:
    """Changes when the rules by which records are found change, those of `fold` included."""
    shown = repr((VERSION, title_words(_PROBE), surnames([Name(family="von der Öhe-Łukasz")]), head("Ab: cd")))
    return hashlib.blake2b(shown.encode(), digest_size=6).hexdigest()
