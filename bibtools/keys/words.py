"""The words that key styles take from titles and names, and those they leave out."""

from __future__ import annotations

import re
from functools import lru_cache

from bibtools.dates import month_number
from bibtools.record import Name, Record

__all__ = ["ACL", "ARXIV", "BBT", "JABREF", "SCHOLAR", "ascii_text", "creators", "plain_title", "year"]

# arXiv's list (arxiv-browse, browse/formatting/cite.py): Glasgow's, with its misspellings, and without "i".
ARXIV = frozenset(
    "a about above across after afterwards again against all almost alone along already also although always am among "
    "amongst amoungst amount an and another any anyhow anyone anything anyway anywhere are around as at back be became "
    "because become becomes becoming been before beforehand behind being below beside besides between beyond bill both "
    "bottom but by call can cannot cant co con could couldnt cry de describe detail do done down due during each eg "
    "eight either eleven else elsewhere empty enough etc even ever every everyone everything everywhere except few "
    "fifteen fify fill find fire first five for former formerly forty found four from front full further get give go "
    "had has hasnt have he hence her here hereafter hereby herein hereupon hers herself him himself his how however "
    "hundred ie if in inc indeed interest into is it its itself keep last latter latterly least less ltd made many may "
    "me meanwhile might mill mine more moreover most mostly move much must my myself name namely neither never "
    "nevertheless next nine no nobody none noone nor not nothing now nowhere of off often on once one only onto or "
    "other others otherwise our ours ourselves out over own part per perhaps please put rather re same see seem seemed "
    "seeming seems serious several she should show side since sincere six sixty so some somehow someone something "
    "sometime sometimes somewhere still such system take ten than that the their them themselves then thence there "
    "thereafter thereby therefore therein thereupon these they thickv thin third this those though three through "
    "throughout thru thus to together too top toward towards twelve twenty two un under until up upon us very via was "
    "we well were what whatever when whence whenever where whereafter whereas whereby wherein whereupon wherever "
    "whether which while whither who whoever whole whom whose why will with within without would yet you your yours "
    "yourself yourselves".split()
)
# Better BibTeX's default skipWords.
BBT = frozenset(
    "a ab aboard about above across after against al along amid among an and anti around as at before behind below "
    "beneath beside besides between beyond but by d da das de del dell dello dei degli della delle dem den der des "
    "despite die do down du during ein eine einem einen einer eines el en et except for from gli i il in inside into "
    "is l la las le les like lo los near nor of off on onto or over past per plus round save since so some sur than "
    "the through to toward towards un una unas under underneath une unlike uno unos until up upon versus via von while "
    "with within without yet zu zum".split()
)
# JabRef's function words (docs.jabref.org, citation key patterns).
JABREF = frozenset(
    "a an the above about across against along among around at before behind below beneath beside between beyond by "
    "down during except for from in inside into like near of off on onto since to toward through under until up upon "
    "with within without and but nor or so yet".split()
)
ACL = frozenset("a an and are as at by for from in into is of on or that the to toward towards via with".split())
SCHOLAR = frozenset("a an and are at by for from how in is of on the to what when where which who why with".split())

_TAG = re.compile(r"</?(?:i|b|sub|sup|span)\b[^<>]*>")
_MATH_COMMAND = re.compile(r"\\[A-Za-z]+\s*|[\\${}^_]")


def year(record: Record) -> str:
    """The year of publication; of one in words its letters (``inpress``); ``""`` when nothing is known."""
    found = record.issued.year
    if found is not None:
        return str(abs(found))
    said = record.issued.literal
    if stated := STATED_YEAR.search(said):
        return stated[0]
    words = re.findall(r"[^\W\d_]+", said)
    return "".join(words).lower() if 0 < len(words) <= 3 and not any(map(month_number, words)) else ""


STATED_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def creators(record: Record) -> tuple[Name, ...]:
    return record.author or record.editor or record.translator


def plain_title(record: Record) -> str:
    """The title without markup: tags away, mathematics as its letters."""
    title = _TAG.sub("", record.title)
    return _MATH_COMMAND.sub("", title) if "$" in title else title


@lru_cache(maxsize=20_000)
def ascii_text(text: str) -> str:
    """Accents off, other scripts transliterated."""
    if text.isascii():
        return text
    from anyascii import anyascii  # its tables cost time to import

    return anyascii(text)
