"""The key styles that have a name. Each is a function from a record to its key, without regard to other records."""

from __future__ import annotations

import re

from bibtools import arxiv as arxiv_rules
from bibtools.keys import words
from bibtools.record import Record

__all__ = ["acl", "arxiv", "arxiv_2020", "bbt", "scholar"]

_TAG = re.compile(r"</?(?:i|b|sub|sup|span)\b[^<>]*>")


def arxiv(record: Record) -> str:
    """``vaswani2023attentionneed``: arXiv's own, from the raw TeX of the title, four words (since June 2024)."""
    return _arxiv(record, 4)


def arxiv_2020(record: Record) -> str:
    """``vaswani2023attention``: as arXiv made them until June 2024, one word."""
    return _arxiv(record, 1)


def _arxiv(record: Record, count: int) -> str:
    title = arxiv_rules.raw_title(record)
    if "<" in title:
        title = _TAG.sub("", title)
    kept: list[str] = []
    for word in title.split(" "):  # two spaces make an empty word, and arXiv counts it
        if word.lower() not in words.ARXIV:
            kept.append(word)
            if len(kept) == count:
                break
    whole = arxiv_rules.key_name(record) + (words.year(record) or "unknown") + "".join(kept)
    return (whole if whole.isalnum() else "".join(filter(str.isalnum, whole))).lower()


def scholar(record: Record) -> str:
    """``vaswani2017attention``: surname, year, first word of the title that is no function word; all ASCII."""
    names = words.creators(record)
    surname = _letters(names[0].surname) if names else ""
    return (surname + words.year(record) + _first_word(record, words.SCHOLAR)).lower()


def acl(record: Record) -> str:
    """``vaswani-etal-2017-attention``; two authors are both named, no author is ``nn``."""
    names = [_letters(each.surname, "-").lower() for each in words.creators(record)]
    if len(names) > 2 or (record.authors_truncated and names):
        names = [names[0], "etal"]
    return "-".join(filter(None, [*(names or ["nn"]), words.year(record), _first_word(record, words.ACL).lower()]))


def bbt(record: Record) -> str:
    """``vaswaniAttentionAllYou2017``: Better BibTeX's ``auth.lower + shorttitle(3, 3) + year``."""
    names = words.creators(record)
    surname = _letters(names[0].surname).lower() if names else ""
    title = words.ascii_text(words.plain_title(record))
    found = [re.sub(r"[^A-Za-z0-9]", "", each) for each in re.split(r"[\s/—–]+", title)]
    found = [each for each in found if each and each.lower() not in words.BBT][:3]
    return surname + "".join(each[0].upper() + each[1:] for each in found) + words.year(record)


def _first_word(record: Record, skipped: frozenset[str]) -> str:
    found = re.findall(r"[A-Za-z0-9]+", re.sub(r"['’]", "", words.ascii_text(words.plain_title(record))))
    return next((each for each in found if each.lower() not in skipped), found[0] if found else "")


def _letters(name: str, between: str = "") -> str:
    """A name in ASCII letters and digits, its parts joined by ``between``."""
    return between.join(re.findall(r"[A-Za-z0-9]+", re.sub(r"['’]", "", words.ascii_text(name))))
