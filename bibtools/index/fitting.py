"""Does a known work surely answer a text that a person typed or pasted? The rule of `lookup`.

A text is no record: it names a work by title and somebody of its authors, among venue, pages and what else a reference has.
It is answered by a work whose title (or title up to its colon) stands in it whole, with a surname beside it, where little
else is left that would make it another title: "Deep learning for wheat, Wang" is not answered by Wang's "Deep Learning".
Titles of one author that begin alike are many; so what the work does not explain is weighed against what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bibtools.index import terms
from bibtools.index.question import Question
from bibtools.record import Record

__all__ = ["Fit", "fit"]

Weigh = Callable[[str], float]  # how rare a word is among the known works, 0 for one that is in all

UNEXPLAINED_SUBTITLE = 0.1  # the same where one of the two may have another subtitle
UNEXPLAINED = 0.6  # weight of the words left over, in weights of the title, up to which a text is answered
SPELLED = 5  # letters from which a word may be misspelt in one
TITLE_ALONE = 5  # words from which an equal title needs no surname
# Words of references that name no work.
FURNITURE = frozenset(
    """in proc proceedings conference conf symposium workshop workshops journal j trans transactions of the on for and a an
    international intl int annual advances adv lecture notes letters review reviews acm ieee springer elsevier press
    university vol volume no number nr issue pp p pages page ed eds editor editors edition et al and others doi org https http
    www url arxiv abs pdf preprint corr available online accessed retrieved published in press phd thesis dissertation
    technical report tech rep series chapter book isbn issn january february march april may june july august september
    october november december pmid pmcid pmc jan feb mar apr jun jul aug sep sept oct nov dec usa uk""".split()
)
INTRODUCING = frozenset(("in", "by"))
BESIDE = FURNITURE - set("in the of on for and a an to press series chapter book report notes letters".split())
ABBREVIATED = 3  # letters of a word of a venue from which a beginning stands for it
MANY = 10.0  # the rarest word's weight from which an index is large enough to tell a coined word: 22,000 works
COINED = 1.2  # weights below the rarest: a word of up to two other works
_NAME = re.compile(r"[^\W\d_].*[A-Z].*|.*\d")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Fit:
    """Why a work answers a text. ``years`` are the year asked for and the work's where they differ."""

    reason: str
    surname: str
    whole: bool  # the whole title stands in the text, not only the title without its subtitle
    years: tuple[int, int] | None = None


def fit(asked: Question, work: Record, weigh: Weigh) -> Fit | None:
    """Why a work answers the text, None where it does not surely."""
    kinds = _shared_identifier(asked, work)
    if kinds and FURNITURE.issuperset(asked.words):
        return Fit(f"same {_CALLED[kinds]}", "", True)
    title = terms.title_words(work.title)
    if not title or not asked.words:
        return None
    text = _respelled(list(asked.words), title, weigh)
    known = _Known(work)
    short = terms.head_words(work.title)
    run = _run(asked, text, title, short if _is_name(work.title, short, weigh) else [], known)
    if run is None:
        return None
    rest = [*text[: run.start], *text[run.stop :]]
    whole = len(run) == len(title)
    cut = not whole or run.stop in asked.colons  # one of the two has a subtitle
    people = terms.surnames(work.author or work.editor)
    surname = next((word for word in people if word in rest and len(word) > 1), "")
    if not surname and not kinds and not (whole and not rest and len(run) >= TITLE_ALONE):
        return None
    most = (UNEXPLAINED_SUBTITLE if cut else UNEXPLAINED) * sum(map(weigh, {text[place] for place in run}))
    stopped = {text[place - 1] for place in asked.breaks if 0 < place <= len(text)}
    left = {word for word in rest if not known.explains(word)}
    if sum(weigh(word) for word in left if word not in stopped or not known.shortens_venue(word)) > most:
        return None
    years = (asked.year, work.issued.year)
    differ = years if all(years) and years[0] != years[1] else None
    return Fit(_reason(kinds, whole, surname), surname, whole, differ)  # type: ignore[arg-type]


_CALLED = {"doi": "DOI", "arxiv": "arXiv number", "isbn": "ISBN", "pmid": "PMID", "pmcid": "PMCID"}


def _shared_identifier(asked: Question, work: Record) -> str:
    """The kind of the first identifier that the text shares with the work, "" where it shares none."""
    has = set(terms.identifier_values(work))
    return next((kind for kind, value in asked.identifiers if (kind, value) in has), "")


def _reason(kind: str, whole: bool, surname: str) -> str:
    said = [f"same {_CALLED[kind]}"] if kind else []
    said.append("same title" if whole else "same title without its subtitle")
    return ", ".join(said + ([f"by {surname.capitalize()}"] if surname else []))


def _run(asked: Question, text: Sequence[str], title: list[str], short: list[str], known: _Known) -> range | None:
    """Where the words of the title, else of the title without its subtitle, stand together in the text and no word of
    another title goes on before or behind them."""
    for wanted in (title, short):
        size = len(wanted)
        for at in range(len(text) - size + 1) if wanted else ():
            if text[at] == wanted[0] and list(text[at : at + size]) == wanted:
                end = at + size
                apart = end in asked.breaks or end in asked.colons
                if (at in asked.breaks or known.may_precede(text[:at])) and (apart or known.may_follow(text[end:])):
                    return range(at, end)
    return None


def _is_name(title: str, short: Sequence[str], weigh: Weigh) -> bool:
    """Whether a title without its subtitle is a name ("VLSlice", "GPT-4") or holds one that hardly any other work has.
    "Introduction", "Deep Learning" and whole phrases begin the titles of other works by the same people."""
    rarest = weigh("")
    if rarest > MANY and any(weigh(word) >= rarest - COINED for word in short if word.isalpha()):
        return True
    return 0 < len(short) <= 3 and any(_NAME.search(word) for word in title.split()[: len(short)])


def _respelled(text: list[str], title: Sequence[str], weigh: Weigh) -> list[str]:
    """The text with words that no known work has and that are a letter off a word of the title put right."""
    missing = [word for word in title if word not in text and len(word) >= SPELLED and not _NUMBER.search(word)]
    for wanted in missing:
        for place, word in enumerate(text):
            if word not in title and weigh(word) >= weigh("") and OSA.distance(word, wanted, score_cutoff=1) <= 1:
                text[place] = wanted
                break
    return text


class _Known:
    """What of a text a work, or the habit of references, explains besides the title."""

    def __init__(self, work: Record) -> None:
        people = work.author or work.editor
        self.people = {*terms.title_words(" ".join(f"{name.given} {name.surname}" for name in people))}
        venue = " ".join((work.container_title, work.container_title_short, work.event_title, work.publisher))
        self.venue = set(terms.title_words(venue))
        self.title = set(terms.title_words(work.title))
        self.initials = {word[0] for word in self.people}

    def may_precede(self, words: Sequence[str]) -> bool:
        return not words or self._beside(words[-1])

    def may_follow(self, words: Sequence[str]) -> bool:
        """Whether these words go on after the title without a stop: nothing, a name, a number, "in" and the venue."""
        if words and words[0] in INTRODUCING:
            return len(words) > 1 and self.explains(words[1])
        return not words or self._beside(words[0])

    def _beside(self, word: str) -> bool:
        return word in BESIDE or bool(_NUMBER.search(word)) or word in self.people or self._is_initial(word)

    def _is_initial(self, word: str) -> bool:
        return len(word) < 3 and word[0] in self.initials

    def explains(self, word: str) -> bool:
        return word in FURNITURE or word in self.title or word in self.venue or self._beside(word)

    def shortens_venue(self, word: str) -> bool:
        """Whether a word is the beginning of one of the venue's ("Proc. Comput. Vis. Pattern Recognit.")."""
        return len(word) >= ABBREVIATED and any(each.startswith(word) for each in self.venue)
