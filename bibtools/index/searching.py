"""Ask an index: which known works may be meant by a record or a text?

Identifiers and whole titles are asked first, each one term. Where nothing fits, the rarest words of title and surnames are
asked, a few at first, more where still nothing fits: common words cost most and tell least. The surnames have a budget of
their own, or a wrong list of rare names would leave the title no say. What is found is then compared and ordered.
"""

from __future__ import annotations

import atexit
import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import tantivy
from rapidfuzz import fuzz

from bibtools.index import coverage, generations, question, stored, terms
from bibtools.index.building import Feed, in_memory, open_engine
from bibtools.index.coverage import Cover
from bibtools.index.generations import IndexFolderError, Manifest, Source
from bibtools.index.question import Question
from bibtools.record import Record

__all__ = ["Hit", "Index", "hold", "open"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A known work that may be the one asked for.

    ``score`` is from 0 to 1 and orders the hits; it is no probability, and whether two records are one work is for `match`
    to say. ``how`` is what led to it: ``doi``, ``arxiv``, ``isbn``, ``pmid``, ``pmcid``, ``title`` (the same whole title),
    ``head`` (the same but for a subtitle that one of the two lacks) or ``words``; ``notice`` for a list of retractions,
    ``people`` for works by the same people, whatever their titles.
    """

    record: Record
    score: float
    how: str
    source: Source


class _Breadth(NamedTuple):
    """How many words are asked at most, of the title and of the people; how many postings together; how many answers."""

    title: int
    people: int
    postings: int
    answers: int


# Measured on 1,178 damaged questions to 3,022,462 works: see the table in tests/benchmarks/known_works.py.
BREADTHS = (_Breadth(8, 3, 50_000, 20), _Breadth(12, 4, 100_000, 30))
FITS = 0.86  # score from which no wider search is needed
HELD = "in memory"  # the name of an index that is nowhere on disk; no folder can have it
MOST_NAMES = 8  # surnames that are asked for together
MOST_OF_PEOPLE = (1000, 300)  # works of one or two people, and of more, that are looked at
EXACT = 50  # works of one identifier or title that are looked at


def open(folder: Path | str | Iterable[Path | str] | None = None) -> Index:  # noqa: A001 (as in `index.open`)
    """Every index in a folder, or in several; without one in the user's own place.

    Raises IndexFolderError where there is none, or one was built by another version of bibtools.
    """
    if folder is None:
        folders = [generations.default_folder()]
    elif isinstance(folder, Path | str):
        folders = [Path(folder)]
    else:
        folders = [Path(each) for each in folder]
    parts = []
    for each in folders:
        found = generations.names(each)
        if not found:
            raise IndexFolderError(f"{each}: no index there; make one with `bibtools index build SOURCE...`")
        parts += [_opened(each, name) for name in found]
    return Index(tuple(parts))


def hold(works: Iterable[tuple[Source, Iterable[Record]]], known: Index | None = None) -> Index:
    """An index in memory of works and where each comes from, asked as one with the ``known`` index where there is one.

    A source may come several times, with another date each: each work keeps its own. It declares nothing complete.
    """
    named: dict[str, Source] = {}
    feeds = []
    for source, records in works:
        feed = replace(source, name=f"{source.name}\t{source.date}")
        named[feed.name] = source
        feeds.append(Feed(feed, records))
    engine, manifest = in_memory(feeds)
    sources = tuple(replace(each, name=named[each.name].name) for each in manifest.sources)
    part = _Part(HELD, Path(), replace(manifest, sources=sources), engine)
    return Index((*(known._parts if known is not None else ()), part))


def _opened(folder: Path, name: str) -> _Part:
    """An index's current generation; read again when a build replaces it at this moment."""
    for attempt in range(3):
        generation = generations.current(folder, name)
        if generation is None:
            break
        try:
            manifest = generations.read_manifest(generation)
            return _Part(name, folder, manifest, _readable(generation))
        except BaseException as error:
            if not isinstance(error, FileNotFoundError | ValueError) and type(error).__name__ != "PanicException":
                raise
            if attempt == 2:
                again = "build it anew with `bibtools index build`"
                raise IndexFolderError(f"{generation}: the index is damaged ({error}); {again}") from error
    raise IndexFolderError(f"{folder / name}: the index was removed")


def _readable(generation: Path) -> Any:
    """The engine of a generation. tantivy makes a lock file before it reads; in a folder that cannot be written it is opened
    through a temporary folder of links to its files."""
    try:
        return open_engine(generation)
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise
    links = Path(tempfile.mkdtemp(prefix="bibtools-index-"))
    atexit.register(shutil.rmtree, links, ignore_errors=True)
    for each in generation.iterdir():
        if not each.name.endswith(".lock"):
            (links / each.name).symlink_to(each.absolute())
    return open_engine(links)


Asking = TypeVar("Asking", bound=Callable[..., Any])


def _undamaged(method: Asking) -> Asking:
    """What the engine and the stored records raise when bytes of an index have changed, as the error that says what to do. A
    panic of the engine is no Exception."""

    @wraps(method)
    def asking(self: Index, *given: Any, **more: Any) -> Any:
        try:
            return method(self, *given, **more)
        except BaseException as error:
            if isinstance(error, ValueError | LookupError) or type(error).__name__ == "PanicException":
                where = ", ".join(str(part.folder / part.name) for part in self._parts)
                again = "build it anew with `bibtools index build`"
                raise IndexFolderError(f"{where}: the index is damaged ({error}); {again}") from error
            raise

    return cast(Asking, asking)


class _Part:
    """One generation, opened."""

    def __init__(self, name: str, folder: Path, manifest: Manifest, engine: Any) -> None:
        self.name, self.folder, self.manifest = name, folder, manifest
        self.searcher = engine.searcher()
        self.schema = engine.schema

    def frequency(self, word: str) -> int:
        found: int = self.searcher.doc_freq("words", word)
        return found

    def exactly(self, how: str, kind: str, value: str, people: Sequence[str]) -> list[_Found]:
        """Works with this identifier or title; of many, those by these people first."""
        key = terms.key(kind, value)
        if not (count := self.searcher.doc_freq("key", key)):
            return []
        query = tantivy.Query.term_query(self.schema, "key", key)
        if count > EXACT and people:
            should = [(tantivy.Occur.Should, self._word(each)) for each in people[:5]]
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *should])
        return [each for each in self._answers(query, EXACT, how) if each.has(kind, value)]

    def noticed(self, kind: str, value: str) -> list[_Found]:
        """Notices about the work of this identifier."""
        key = terms.notice_key(kind, value)
        if not self.searcher.doc_freq("key", key):
            return []
        found = self._answers(tantivy.Query.term_query(self.schema, "key", key), EXACT, "notice")
        return [each for each in found if each.has(kind, value)]

    def by_words(self, words: Sequence[str], answers: int) -> list[_Found]:
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, self._word(word)) for word in words])
        return self._answers(query, answers, "words")

    def by_people(self, surnames: Sequence[str], answers: int) -> list[_Found]:
        """Works that have all of these surnames, whatever their titles."""
        if not all(map(self.frequency, surnames)):
            return []
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._word(each)) for each in surnames])
        return self._answers(query, answers, "people")

    def _word(self, word: str) -> Any:
        return tantivy.Query.term_query(self.schema, "words", word, "basic")

    def _answers(self, query: Any, limit: int, how: str) -> list[_Found]:
        hits = self.searcher.search(query, limit=limit, count=False).hits
        return [_Found(self, self.searcher.doc(address).get_first("record"), how) for _, address in hits]


class _Found:
    """A stored record with what is compared of it, each part worked out when it is needed."""

    def __init__(self, part: _Part, data: bytes, how: str) -> None:
        self.part, self.data, self.how = part, data, how
        self.stored = stored.parse(data)

    @cached_property
    def words(self) -> list[str]:
        return terms.title_words(self.stored.title)

    @cached_property
    def squashed(self) -> str:
        return "".join(self.words)

    @cached_property
    def people(self) -> set[str]:
        return {word for surname, _ in self.stored.people for word in terms.surname_words(surname)}

    @property
    def order(self) -> tuple[object, ...]:
        """Orders works of equal score, whatever order the index was built in."""
        return self.stored.content, self.source.name, self.stored.id

    @property
    def source(self) -> Source:
        return self.part.manifest.sources[self.stored.source]

    def has(self, kind: str, value: str) -> bool:
        """Whether it is found under this value and not under another of the same number."""
        if kind == "title":
            return self.squashed == value
        if kind == "head":
            return terms.head(self.stored.title) == value
        return (kind, value) in terms.identifier_values(stored.decode(self.stored))

    def hit(self, score: float) -> Hit:
        return Hit(stored.decode(self.stored), score, self.how, self.source)


class Index:
    """Open indexes, asked as one."""

    def __init__(self, parts: tuple[_Part, ...]) -> None:
        self._parts = parts

    @property
    def manifests(self) -> dict[str, Manifest]:
        """What each index was built from, by name."""
        return {part.name: part.manifest for part in self._parts}

    @property
    def sources(self) -> tuple[Source, ...]:
        """What knows works, of all indexes; lists of retractions are none."""
        return tuple(source for part in self._parts for source in part.manifest.sources if source.has_works)

    @_undamaged
    def notices(self, record: Record) -> tuple[Hit, ...]:
        """What lists of retractions say of the work of a record, found by its identifiers alone: the work as the list has it,
        with the notices (`bibtools.notices`) that it carries. Such a record does not say that the work is known."""
        found: dict[bytes, _Found] = {}
        for part in self._parts:
            if all(source.has_works for source in part.manifest.sources):
                continue
            for kind, value in terms.identifier_values(record):
                found |= {each.data: each for each in part.noticed(kind, value)}
        return tuple(each.hit(1.0) for each in sorted(found.values(), key=lambda each: each.order))

    @_undamaged
    def of_people(self, record: Record, limit: int = 50) -> tuple[Hit, ...]:
        """Works by all the people of a record, whatever their titles: those of people with the same initials, and of no
        others, first. Of a list that is long, the first of the people are asked for."""
        asked = list(dict.fromkeys(terms.surnames(record.author or record.editor)))[:MOST_NAMES]
        if not asked:
            return ()
        most = MOST_OF_PEOPLE[len(asked) > 2]
        found = {each.data: each for part in self._parts for each in part.by_people(asked, most)}
        year = record.issued.year or 0
        named = {_named(name.family or name.literal, name.given) for name in record.author or record.editor}

        def order(each: _Found) -> tuple[object, ...]:
            own = {_named(*name) for name in each.stored.people}
            return (len(own ^ named), abs((each.stored.year or 0) - year), each.order)

        return tuple(each.hit(0.0) for each in sorted(found.values(), key=order)[:limit])

    def covering(self, record: Record, same: coverage.SameVenue | None = None) -> tuple[Cover, ...]:
        """Each source that surely holds the work of a record, if there is such a work, and why (`coverage`)."""
        return tuple(coverage.covering((part.manifest for part in self._parts), record, same))

    def __len__(self) -> int:
        return sum(part.manifest.records for part in self._parts)

    @_undamaged
    def weigh(self, word: str) -> float:
        """How rare a word is among the known works: 0 for one that is in all, 15 for one of three million."""
        count = sum(part.frequency(word) for part in self._parts)
        return math.log((2 + len(self)) / (1 + count))

    @_undamaged
    def search(self, query: Record | str | Question, limit: int = 10, *, near: bool = False) -> tuple[Hit, ...]:
        """The known works that may be meant, best first: those of an identifier, then of the whole title, then the rest.

        Where one of them fits (title and a surname agree), nothing else is looked for, unless ``near``.
        """
        if isinstance(query, Question):
            asked = query
        else:
            asked = question.of_record(query) if isinstance(query, Record) else question.of_text(query)
        scoring = _scoring(asked, self)
        found: dict[bytes, tuple[float, _Found]] = {}

        def add(those: Iterable[_Found]) -> None:
            for each in those:
                if each.data not in found:
                    found[each.data] = (scoring(each), each)

        for part in self._parts:
            for kind, value in asked.identifiers:
                add(part.exactly(kind, kind, value, asked.people))
            for how, kind, title in asked.titles:
                add(part.exactly(how, kind, title, asked.people))
        enough = bool(found) and (
            not asked.words or _fits(found, but="head")
        )  # subtitles tell works of one beginning apart
        for breadth in BREADTHS:
            if enough and not (near and breadth is BREADTHS[0]):
                break
            for part in self._parts:
                add(part.by_words(words, breadth.answers) if (words := _rarest(part, asked, breadth)) else ())
            enough = _fits(found)
        ordered = sorted(found.values(), key=lambda each: (_RANK.get(each[1].how, 0), -each[0], each[1].order))
        return tuple(each.hit(round(score, 3)) for score, each in ordered[:limit])


def _named(surname: str, given: str) -> str:
    """A surname with the first letter of the given name: enough to put works of namesakes last."""
    return "".join(terms.surname_words(surname)) + given.strip()[:1].lower()


_RANK = {"title": 1, "head": 2, "words": 2}  # identifiers come first


def _fits(found: dict[bytes, tuple[float, _Found]], but: str = "") -> bool:
    return any(score >= FITS and work.how != but for score, work in found.values())


def _rarest(part: _Part, asked: Question, breadth: _Breadth) -> list[str]:
    """The words to ask, rarest first, as far as the budget reaches; words that no work has are left out."""
    most = breadth.title + breadth.people if asked.free else breadth.title
    words, spent = _affordable(part, asked.words, most, breadth.postings)
    people = [each for each in asked.people if each not in asked.words]
    rest = max(breadth.postings - spent, breadth.postings // 5)
    return words + _affordable(part, people, breadth.people, rest)[0]


def _affordable(part: _Part, words: Iterable[str], most: int, postings: int) -> tuple[list[str], int]:
    known = sorted((count, word) for word in set(words) if (count := part.frequency(word)))
    chosen: list[str] = []
    spent = 0
    for count, word in known[:most]:
        if chosen and spent + count > postings:
            break
        chosen.append(word)
        spent += count
    return chosen, spent


def _scoring(asked: Question, index: Index) -> Callable[[_Found], float]:
    if not asked.words and not asked.people:
        return lambda found: 1.0  # it has the identifier, and nothing else was said
    return _FreeText(asked, index) if asked.free else _Fields(asked)


class _Fields:
    """The score of a work for a record: how alike the titles are, then the people, then the year."""

    def __init__(self, asked: Question) -> None:
        self.title = asked.title
        self.words = asked.words
        self.people = set(asked.people)
        self.year = asked.year

    def __call__(self, found: _Found) -> float:
        return 0.75 * self._title(found) + 0.2 * self._people(found.people) + 0.05 * self._year(found.stored.year)

    def _title(self, found: _Found) -> float:
        if not self.title or not found.squashed:
            return 0.5
        if self.title == found.squashed:
            return 1.0
        short, long = sorted((self.title, found.squashed), key=len)
        alike = fuzz.ratio(short, long) / 100
        if long.startswith(short) and (len(short) >= 12 or _is_head(short, found, self)):
            return max(alike, 0.9)
        return alike

    def _people(self, people: set[str]) -> float:
        if not self.people or not people:
            return 0.5
        return min(1.0, len(self.people & people) / min(len(self.people), len(people)))

    def _year(self, year: int | None) -> float:
        if self.year is None or year is None:
            return 0.5
        return max(0.0, 1 - abs(self.year - year) / 3)


def _is_head(short: str, found: _Found, asked: _Fields) -> bool:
    """Whether the short title is whole words of the long one."""
    words = found.words if found.squashed != short else asked.words
    joined = ""
    for word in words:
        joined += word
        if len(joined) >= len(short):
            break
    return joined == short


class _FreeText:
    """The score of a work for a text: how much of its title is in the text, and how much of the text it explains."""

    def __init__(self, asked: Question, index: Index) -> None:
        self.words = asked.words
        self.title = asked.title
        self.index = index
        self.weights: dict[str, float] = {}
        self.weight = sum(self.weigh(word) for word in set(self.words))

    def weigh(self, word: str) -> float:
        found = self.weights.get(word)
        if found is None:
            found = self.weights[word] = self.index.weigh(word)
        return found

    def __call__(self, found: _Found) -> float:
        title = set(found.words)
        asked = set(self.words)
        has = sum(self.weigh(word) for word in title)
        common = sum(self.weigh(word) for word in title & asked)
        covered = common / has if has else 0.0
        known = title | found.people | _others(found)
        explained = sum(self.weigh(word) for word in asked & known) / self.weight if self.weight else 0.0
        alike = fuzz.ratio(self.title, found.squashed) / 100 if self.title and found.squashed else 0.0
        return max(alike * 0.95, 2 * covered * explained / (covered + explained) if covered and explained else 0.0)


def _others(found: _Found) -> set[str]:
    """Words of venue, given names and year that a pasted reference has besides title and surnames."""
    record = found.stored
    venue, volume, page = (record.fields.get(code, "") for code in "cvp")
    given = [given for _, given in record.people]
    return set(terms.title_words(" ".join([venue, volume, page, str(record.year or ""), *given])))
