"""Records as columns: every value folded once, however often it stands in the file, and numbered.

Comparing is then done on numbers for whole columns of pairs; only values that differ are compared as text. All caches are by
value: venues, names and volumes repeat, and folding is most of what preparing costs. Number 0 is "says nothing".
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bibtools import fold, identifiers
from bibtools.dates import MONTH_MACROS
from bibtools.match.authors import EMPTY, AuthorList, author_list
from bibtools.match.titles import SILENT, Title, WordWeights, title
from bibtools.numerals import roman
from bibtools.publication import is_preprint, is_published, is_server_doi
from bibtools.record import FIELDS, Record
from bibtools.venues import NO_VENUE, Venue, venue

__all__ = ["COLUMNS", "FLAGS", "Features", "Folded", "Progress", "fold_all", "full_digests", "is_known", "prepare"]

Progress = Callable[[int, int], None]  # how much is done, how much there is
Ints = NDArray[np.int32]
V = TypeVar("V")

ABSTRACT_LENGTH = 400  # characters of an abstract that are compared: sources cut them at every length above


class Numbered(Generic[V]):
    """Values by number, each kept once; number 0 is the empty value."""

    def __init__(self, empty: V) -> None:
        self.values: list[V] = [empty]
        self.numbers: dict[object, int] = {}

    def add(self, key: object, value: V) -> int:
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.values)
            self.values.append(value)
        return number


@dataclass(frozen=True, slots=True)
class Features:
    """The columns. Arrays have one row a record; lists are the distinct values the arrays' numbers point to."""

    count: int
    titles: list[Title]
    author_lists: list[AuthorList]
    venues: list[Venue]
    abstracts: list[str]
    weights: WordWeights
    title: Ints
    author: Ints
    venue: Ints
    abstract: Ints
    doi: Ints
    arxiv: Ints
    pmid: Ints
    isbn: Ints
    year: Ints
    volume: Ints
    issue: Ints
    first_page: Ints
    last_page: Ints
    first_number: Ints
    last_number: Ints
    edition: Ints
    volume_title: Ints
    kind: Ints
    whole: NDArray[np.bool_]  # a work in several volumes, as a whole
    preprint: NDArray[np.bool_]
    published: NDArray[np.bool_]
    server_doi: NDArray[np.bool_]
    article_number: NDArray[np.bool_]  # the first page is the number of an article: CD006828, 012003
    repository: NDArray[np.bool_]  # of a program's source, or a program, or data
    located: NDArray[np.bool_]  # has an address
    unresolved: NDArray[np.bool_]  # rests on a macro or parent that is missing, or on an entry that is cut off
    keys: list[str]  # citation keys
    content: NDArray[np.uint64]  # a hash of what the record says, without its key
    rank: Ints  # a place in an order that depends on what the records say, not on where they stand


BOOK, PART, THESIS, REPORT, ARTICLE, PAPER = 1, 2, 3, 4, 5, 6
_KINDS = {
    "book": BOOK, "collection": BOOK, "chapter": PART, "entry-encyclopedia": PART, "entry-dictionary": PART, "entry": PART,
    "thesis": THESIS, "report": REPORT, "article-journal": ARTICLE, "article-magazine": ARTICLE, "article-newspaper": ARTICLE,
    "review": ARTICLE, "review-book": ARTICLE, "paper-conference": PAPER, "standard": REPORT,
}  # fmt: skip
_ARXIV_DRESS = re.compile(r"v\d+$|(?<=[a-z])\.[a-z]{2}(?=/)")  # version, subject class
_ARTICLE_NUMBER = re.compile(r"[A-Za-z]{0,3}\d{5,}")
_REPOSITORY = re.compile(r"//(?:www\.)?(?:github|gitlab|bitbucket|codeberg|sourceforge|huggingface|sr\.ht|git)\b", re.I)
_NUMBER = re.compile(r"\d+")
_RELEASE = re.compile(r"\d+(?:\.\d+)+")
_LEADING_NUMBER = re.compile(r"(?:v|vol|volume|no|nr|number|band|bd|tome?|t)?\W*0*(\d+)")
_VOLUME_AND_ISSUE = re.compile(r"[a-z. ]*\d+ *(?:\(|,? *(?:no|nr|number|issue)\b\.? *)(\d{1,3})\b", re.I)
_PAGE = re.compile(r"([a-z]{0,3})(\d+(?:[.:]\d+)?)([a-z]?)$")
_SPREADSHEET_DATE = re.compile(rf"(\d+|{'|'.join(MONTH_MACROS)})-0*(\d+|{'|'.join(MONTH_MACROS)})$")
PAGE_RANGE = 10_000_000
_COUNT_OF_BOOK = re.compile(r"[ivxlc]+ *[+,] *\d|\d+ *[+] *\d|\?")
_COUNT = re.compile(r"^[\divxlc, +]*\d+ ?(?:p|pp|pages|leaves|s|seiten)\.?$")
_PAGES_WORD = re.compile(r"^(?:pages?|pp?|s|seiten)\b[. ]*")
_DASH = re.compile(r"\s*(?:-+|–|—|−|\bto\b)\s*")
_DEGREE = re.compile(
    r"\b(?:(ph\.? ?d|d\.? ?phil|doct|dissertation|habil)|(master|m\.? ?sc|m\.? ?phil|diplom|magister)|(bachelor|b\.? ?sc))",
    re.I,
)
_ORDINALS = {
    word: str(number)
    for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
}


def volume_or_issue(value: str) -> str:
    """``Vol. 07`` and ``VII`` give ``7``; ``73(3-B)`` and ``10 Suppl 2`` give ``73`` and ``10``.

    A lone word ("Ph.D.") gives ``""``; a lone letter and several words stay text.
    """
    folded = value.lower().strip()
    if folded.startswith("abs/"):
        return ""
    found = _LEADING_NUMBER.match(folded)
    if found:
        return found[1]
    if folded[:3] in MONTH_MACROS:
        return str(MONTH_MACROS.index(folded[:3]) + 1)
    words = [str(roman(word) or word) for word in fold.words(folded) if word not in ("vol", "volume", "no", "band")]
    return " ".join(words) if any(map(str.isdigit, words)) or len(words) > 1 or len(folded) == 1 else ""


def issue_in(volume: str) -> str:
    """The issue where a volume holds both: ``5(2)``, ``7, no. 4``."""
    found = _VOLUME_AND_ISSUE.match(volume) if len(volume) > 2 else None
    return found[1] if found else ""


def pages(value: str) -> tuple[str, str]:
    """First and last page, ``""`` for what is not said: ``123-9`` is 123 to 129; a number of pages says nothing.
    A spreadsheet has turned ``1-9`` into ``01-Sep``; it is turned back."""
    folded = _PAGES_WORD.sub("", value.lower().strip()).replace("\\", "")
    if not folded or _COUNT.match(value.lower().strip()) or _COUNT_OF_BOOK.match(folded):
        return "", ""
    if month := _SPREADSHEET_DATE.match(folded):
        folded = "-".join(
            str(MONTH_MACROS.index(part[:3]) + 1) if part[0].isalpha() else part for part in month.groups()
        )
    parts = _DASH.split(folded.split(",")[0].split(";")[0].strip(" ."))
    first = parts[0].replace(" ", "").replace("/", "")
    last = parts[-1].replace(" ", "").replace("/", "") if len(parts) > 1 else ""
    last = "" if "?" in last else last
    if not any(letter.isdigit() for letter in first):
        number = roman(first)
        return (first, last) if number else ("", "")
    if (
        first.isdigit()
        and not last
        and len(first) in (6, 8)
        and 0 < int(first[len(first) // 2 :]) - int(first[: len(first) // 2]) < 100
    ):
        first, last = first[: len(first) // 2], first[len(first) // 2 :]  # "285295": the dash was lost
    if first.isdigit() and last.isdigit():
        first, last = first.lstrip("0") or "0", last.lstrip("0") or "0"
        if len(last) < len(first):
            last = first[: len(first) - len(last)] + last
    return first, last


def page_number(page: str) -> int:
    """The number in a page, -1 when there is none; pages with a letter (``S123``) count in a range of their own."""
    found = _PAGE.match(page)
    if not found or len(found[2]) > 7:
        return -1
    return int(float(found[2].replace(":", "."))) + (PAGE_RANGE * (ord(found[1][0]) - 96) if found[1] else 0)


def report_number(value: str) -> str:
    """``STAN-CS-83-971`` and ``STAN-CS-TR-83-971`` are report 83 971; ``ISO 690:2010`` is not ``ISO 690:2021``."""
    numbers = [str(int(each)) for each in _NUMBER.findall(value[:100])]
    return " ".join(numbers or fold.words(value))


def edition(value: str) -> str:
    """``Second``, ``2nd ed.`` give ``2``; ``Version 2.4`` gives ``2.4``."""
    if release := _RELEASE.search(value):
        return release[0]
    words = [
        _ORDINALS.get(word, word)
        for word in fold.words(value)
        if word not in ("edition", "ed", "edn", "rev", "revised")
    ]
    found = _NUMBER.search(" ".join(words))
    return found[0] if found else " ".join(words)


def degree(genre: str) -> str:
    """``doctor`` or ``master`` of a thesis's genre; its edition, as it were."""
    found = _DEGREE.search(genre)
    return "" if not found else "doctor" if found[1] else "master" if found[2] else "bachelor"


def spelling_order(records: int, words: Sequence[str]) -> tuple[int, int, Sequence[str]]:
    """The order of the spellings of one title, of which so many records have this one: the first stands for all."""
    return -records, len(words), words


class Folded:
    """Takes records one by one; each distinct value is folded once.

    Titles that differ in blanks alone have one number, as most records have it (`choose_spellings`), and so have names of a venue
    that differ in signs: the one that sorts first stands for all. The order of the records does not matter.
    """

    def __init__(self) -> None:
        self.titles: Numbered[Title] = Numbered(SILENT)
        self.author_lists: Numbered[AuthorList] = Numbered(EMPTY)
        self.venues: Numbered[Venue] = Numbered(NO_VENUE)
        self.latest: Title = SILENT  # of the last record, with its own blanks
        self.respelled: dict[int, Counter[Title]] = {}  # how often a title stands with blanks elsewhere than at first
        self.venue_texts: list[str] = [""]
        self.abstracts: Numbered[str] = Numbered("")
        self.dois: Numbered[str] = Numbered("")
        self.identifiers: Numbered[str] = Numbered("")
        self.numbers: Numbered[str] = Numbered("")
        self.words: dict[str, str] = {}
        self.raw: dict[tuple[str, str], int] = {}
        self.raw_pages: dict[str, tuple[int, int, int, int]] = {}
        self.people: dict[object, int] = {}

    def cached(self, field: str, value: str, numbered: Numbered[str], normal: Callable[[str], str]) -> int:
        if not value:
            return 0
        key = (field, value)
        number = self.raw.get(key)
        if number is None:
            form = normal(value)
            number = self.raw[key] = numbered.add(form, form) if form else 0
        return number

    def title_number(self, record: Record) -> int:
        made = self.latest = title(record.title, self.words) if record.title else SILENT
        if not made.joined:
            return 0
        number = self.titles.add((made.joined, made.head), made)
        if made.words != self.titles.values[number].words:
            self.respelled.setdefault(number, Counter())[made] += 1
        return number

    def choose_spellings(self, title_numbers: NDArray[np.int32]) -> None:
        """Each title as most records have it; ``title_numbers`` are those of all records."""
        if not self.respelled:
            return
        counts = np.bincount(title_numbers)
        for number, others in self.respelled.items():
            others[self.titles.values[number]] = int(counts[number]) - others.total()
            self.titles.values[number] = min(others, key=lambda each: spelling_order(others[each], each.words))
        self.respelled.clear()

    def author_number(self, names: tuple[object, ...], truncated: bool) -> int:
        if not names:
            return 0
        made = author_list(names, truncated)  # type: ignore[arg-type]
        return self.author_lists.add(made, made) if made.people else 0

    def doi_number(self, record: Record) -> int:
        found = (
            identifiers.doi(record.doi) if record.doi else identifiers.doi(record.url) if "10." in record.url else ""
        )
        return self.dois.add(found, found) if found else 0

    def venue_number(self, record: Record) -> int:
        text = record.container_title or record.event_title or record.container_title_short
        if not text and record.type in ("thesis", "report", "book"):
            text = record.publisher
        key = ("venue", text)
        number = self.raw.get(key)
        if number is None:
            made = venue(text)
            number = self.raw[key] = self.venues.add(made.joined, made) if made.joined else 0
            if number == len(self.venue_texts):
                self.venue_texts.append(text)
            elif number and text < self.venue_texts[number]:
                self.venues.values[number], self.venue_texts[number] = made, text
        return number

    def issue_number(self, record: Record) -> int:
        issue = record.issue or record.number
        if _KINDS.get(record.type) == REPORT:
            return self.cached("report", issue, self.numbers, report_number)
        return self.cached("issue", issue or issue_in(record.volume), self.numbers, volume_or_issue)

    def _edition_number(self, record: Record) -> int:
        if record.type == "thesis":
            return self.cached("degree", record.genre, self.numbers, degree)
        return self.cached("edition", record.edition or _release(record), self.numbers, edition)

    def page_numbers(self, value: str) -> tuple[int, int, int, int]:
        found = self.raw_pages.get(value)
        if found is None:
            first, last = pages(value)
            found = self.raw_pages[value] = (
                self.numbers.add(first, first) if first else 0,
                self.numbers.add(last, last) if last else 0,
                page_number(first),
                page_number(last),
            )
        return found

    def row(self, record: Record) -> tuple[int, ...]:
        place = self.venue_number(record)
        people = (record.author, record.authors_truncated)
        if not record.author and record.type == "book":
            people = (record.editor, False)
        year = str(record.issued.year or "")
        said = record.volume[:4]  # "2016" or "2015-April" as a volume is the year again
        isbns = identifiers.isbns(record.isbn) if record.isbn else ()
        text = abstract(record.abstract) if record.abstract else ""
        return (
            self.title_number(record),
            self.author_number(*people),
            place,
            self.abstracts.add(text, text) if text else 0,
            self.doi_number(record),
            self.cached(
                "arxiv", record.arxiv_id, self.identifiers, lambda text: "arxiv:" + _ARXIV_DRESS.sub("", text.lower())
            ),
            self.cached("pmid", record.pmid, self.identifiers, lambda text: "pmid:" + text.strip()),
            self.identifiers.add(isbns[0], isbns[0]) if isbns else 0,
            (record.issued.year or 0) if not record.issued.inferred else 0,
            self.cached("volume", record.volume, self.numbers, volume_or_issue) if not said or said != year else 0,
            self.issue_number(record),
            *self.page_numbers(record.page if record.type != "book" or not record.page.isdigit() else ""),
            self._edition_number(record),
            self.cached("volume title", record.volume_title, self.identifiers, fold.text),
            _KINDS.get(record.type, 0),
            int(record.entry_type.startswith("mv") or bool(record.number_of_volumes)),
            int(is_preprint(record)),
            int(is_published(record)),
            int(bool(record.doi) and is_server_doi(record.doi)),
            int(len(record.page) > 4 and bool(_ARTICLE_NUMBER.match(record.page))),
            int(record.type in ("software", "dataset") or (bool(record.url) and bool(_REPOSITORY.search(record.url)))),
            int(bool(record.url)),
            int(bool(record.unresolved)),
        )


def _release(record: Record) -> str:
    """The version of a manual or a program; of an article it is a stage of the same text."""
    return record.version if record.type in ("book", "report", "standard", "software", "document", "webpage") else ""


def abstract(value: str) -> str:
    """The first words of an abstract in comparison form, without a heading such as "Abstract:"."""
    folded = fold.text(value[: 2 * ABSTRACT_LENGTH])
    for heading in ("abstract ", "summary "):
        folded = folded.removeprefix(heading)
    return folded[:ABSTRACT_LENGTH] if len(folded) >= 40 else ""


def _digests(record: Record) -> tuple[int, int]:
    """Two hashes of what identifies a record: without its key, and with it. Stable, so that no run depends on the last."""
    names = ";".join(f"{name.family},{name.given}{name.literal}" for name in record.author)
    said = (
        record.title, names, str(record.issued.parts), record.container_title, record.volume, record.issue, record.page,
        record.doi, record.arxiv_id, record.type, record.abstract, record.edition, record.publisher,
    )  # fmt: skip
    content = hashlib.blake2b("\x1f".join(said).encode("utf-8", "replace"), digest_size=8)
    without = int.from_bytes(content.digest(), "big")
    content.update(b"\x1f" + record.id.encode("utf-8", "replace"))
    return without, int.from_bytes(content.digest(), "big")


def full_digests(record: Record) -> tuple[int, int]:
    """Two hashes of all that a record says: with its key, and without it where the rest tells which work it is."""
    items = record.__dict__.items()
    said = sorted((name, value) for name, value in items if name in _COMPARED and value != getattr(Record, name))
    text = repr(said).encode("utf-8", "replace")
    key = record.id.encode("utf-8", "replace")
    made = (hashlib.blake2b(each + b"\x1f" + text, digest_size=8) for each in (key, b"" if is_known(record) else key))
    whole, known = (int.from_bytes(each.digest(), "big") for each in made)
    return whole, known


_COMPARED = frozenset(FIELDS) - {"id"}


def is_known(record: Record) -> bool:
    """Whether a record tells by more than its key which work it is."""
    placed = record.author and (record.page or record.volume)
    return bool(record.title or record.abstract or record.doi or placed)


def _ranks(records: Sequence[Record], hashes: NDArray[np.uint64]) -> Ints:
    """The places of the records in the order of their hashes; equal ones by all that they say."""
    order = np.argsort(hashes, kind="stable")
    equal = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    if len(equal):
        tied = np.zeros((2, len(records)), dtype=np.uint64)
        for place in {*order[equal].tolist(), *order[equal + 1].tolist()}:
            tied[:, place] = full_digests(records[place])[0], bool(records[place].unresolved)
        order = np.lexsort((tied[1], tied[0], hashes))
    rank = np.empty(len(records), dtype=np.int32)
    rank[order] = np.arange(len(records), dtype=np.int32)
    return rank


def fold_all(
    records: Sequence[Record], progress: Progress | None = None, spelled: list[Title] | None = None
) -> tuple[Folded, NDArray[np.int32], NDArray[np.uint64]]:
    """The distinct values, a row of `COLUMNS` a record, and the two hashes of each; ``spelled`` takes the titles with the blanks
    that they have in each."""
    folded = Folded()
    rows = np.zeros((len(records), len(COLUMNS)), dtype=np.int32)
    hashes = np.zeros((2, len(records)), dtype=np.uint64)
    for place, record in enumerate(records):
        if progress and place % 5000 == 0:
            progress(place, 2 * len(records))
        rows[place] = folded.row(record)
        if spelled is not None:
            spelled.append(folded.latest)
        hashes[:, place] = _digests(record)
    folded.choose_spellings(rows[:, COLUMNS.index("title")])
    return folded, rows, hashes


def prepare(records: Sequence[Record], progress: Progress | None = None) -> Features:
    """The columns of these records."""
    columns, rows, hashes = fold_all(records, progress)
    named: dict[str, Any] = {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(COLUMNS)}
    return Features(
        count=len(records),
        titles=columns.titles.values,
        author_lists=columns.author_lists.values,
        venues=columns.venues.values,
        abstracts=columns.abstracts.values,
        weights=WordWeights.of(columns.titles.values),
        **{name: named.pop(name).astype(np.bool_) for name in FLAGS},
        keys=[record.id for record in records],
        content=hashes[0],
        rank=_ranks(records, hashes[1]),
        **named,
    )


FLAGS = ("whole", "preprint", "published", "server_doi", "article_number", "repository", "located", "unresolved")
COLUMNS = (
    "title", "author", "venue", "abstract", "doi", "arxiv", "pmid", "isbn", "year", "volume", "issue",
    "first_page", "last_page", "first_number", "last_number", "edition", "volume_title", "kind", "whole", "preprint", "published",
    "server_doi", "article_number", "repository", "located", "unresolved",
)  # fmt: skip
