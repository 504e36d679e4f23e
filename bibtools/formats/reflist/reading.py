"""A pasted list of references as records, each with what is doubtful in it.

Of a record it is known whether it is *read* (every field of it is sure) or *doubtful*: then ``Record.unresolved`` says what is,
so that matching and merging leave it to a person. A field that is less than likely is left out, and told with its text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bibtools.format import ReadOptions
from bibtools.formats.reflist import model
from bibtools.formats.reflist.cutting import Piece, cut, cut_lines
from bibtools.formats.reflist.fields import CORE, Read, read, spans
from bibtools.formats.reflist.lines import parted
from bibtools.formats.reflist.refusing import LEAST, findable, passes, refusal, worth_a_look
from bibtools.formats.reflist.several import apart
from bibtools.formats.reflist.tokens import Tokens, tokenise
from bibtools.record import READ_OFF, Batch, Name, Origin, Problem, Record

__all__ = ["LIKELY", "SURE", "Piece", "calibrated", "is_list", "read_list", "read_pieces"]

SURE = 0.9  # from here a field is given without a word
LIKELY = 0.5  # below, it is left out
SHARE = 0.6  # of the pieces that have to be references
FINDABLE = 0.3  # of the pieces that have to say surely where a work can be found
MOST_TRIED = 50  # pieces by which a list is known
# From the probability of a field's least sure word and of its ends to how often such fields are right: measured on references
# that nothing was fitted to (GROBID's and rendered ones together).
RAW = (0.0, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.972, 0.985, 0.995, 1.0)
RIGHT = (0.0, 0.25, 0.45, 0.5, 0.66, 0.78, 0.84, 0.875, 0.9, 0.95, 0.99)


def read_list(text: str, options: ReadOptions) -> Batch:
    """The records of a list. Never raises on content."""
    known = model.shipped()
    found, left = parted(text)
    batch = read_pieces(cut_lines(found, known.classes, known.cutting), options.source)
    if not batch.records and not batch.problems:
        return Batch((), (Problem("no references found", Origin(options.source)),))
    told = (
        Problem("left out, taken for a page's head or number", Origin(options.source, line.number), "note", line.text)
        for line in left
    )
    return Batch(batch.records, (*batch.problems, *told))


def calibrated(probability: float) -> float:
    """The probability that a whole field is right, from that of its least sure word."""
    place = max(1, bisect_left(RAW, min(probability, 1.0)))
    low, high = RAW[place - 1], RAW[place]
    return RIGHT[place - 1] + (RIGHT[place] - RIGHT[place - 1]) * (probability - low) / (high - low)


def read_pieces(pieces: Sequence[Piece], source: str, origins: Sequence[Origin] = ()) -> Batch:
    """The records of pieces that are one reference each and make one list; ``origins`` are theirs where they are known."""
    known = model.shipped()
    rest: dict[int, str] = {}
    if not origins:
        pieces, rest = apart(pieces, known)
    places = origins or [Origin(source, piece.line) for piece in pieces]
    tokens = [tokenise(REVIEW_LAST.sub("", html.unescape(piece.text))) for piece in pieces]
    refused = [refusal(piece.text) for piece in pieces]
    labelled = known.label(
        [Tokens("", (), (), ("",)) if why else each for each, why in zip(tokens, refused, strict=True)]
    )
    records: list[Record] = []
    problems: list[Problem] = []
    before: tuple[Name, ...] = ()
    for number, (piece, each, labels, why, place) in enumerate(
        zip(pieces, tokens, labelled, refused, places, strict=True)
    ):
        origin = replace(place, index=len(records), format=READ_OFF)
        if why or not _is_reference(labels.labels):
            message = f"not read: {why}" if why else "not read as a reference"
            problems.append(Problem(message, origin, text=piece.text))
            continue
        result = read(each, labels, origin, piece.text)
        result.rest = rest.get(number, result.rest)
        result.sure = {name: calibrated(sure) for name, sure in result.sure.items()}
        result.unplaced = [(name, value, calibrated(sure)) for name, value, sure in result.unplaced]
        _same_authors(result, each.text, before)
        before = result.record.author or before
        record, told = doubted(result, origin)
        if not any(getattr(record, name) for name in SAYS_SOMETHING):
            problems.append(Problem("not read: hardly anything in it is sure", origin, text=piece.text))
            continue
        raw = f"{piece.text}; {rest[number]}" if number in rest else piece.text
        records.append(record.replace(extra=_with_raw(record, raw)))
        problems += told
    return Batch(tuple(records), tuple(problems))


SAYS_SOMETHING = (
    *("title", "author", "editor", "container_title", "issued", "volume", "page"),
    *("doi", "arxiv_id", "pmid", "isbn"),
)
REVIEW_LAST = re.compile(r"\s(?:MR|Zbl)\s?\d[\d.]{3,}(?:\s*\(\S+\))?[.\s]*\Z")  # a review's number, behind all fields


def _is_reference(labels: Sequence[str]) -> bool:
    """Whether anything of a piece could be cited."""
    return len(set(labels) & {"author", "editor", "title", "journal", "book", "date", "number", "doi"}) >= 2


def _with_raw(record: Record, raw: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, raw if name == "reference" else value) for name, value in record.extra)


# --- authors given by a dash ------------------------------------------------------------------------------------------

DASHES = re.compile(r"\s*(?:[-–—―_]{2,}|[—―])(?:[,;.:]?\s*(?:and\s+|&\s*)?(?:[-–—―_]{2,}|[—―]))*[,.:]?\s*")


def _same_authors(result: Read, text: str, before: Sequence[Name]) -> None:
    """``———. 2006. ...``: the authors are those of the reference before."""
    dashes = DASHES.match(text)
    if not dashes or not before:
        return
    own = tuple(
        name for name in result.record.author if (name.literal or name.family).lower() not in ("and", "und", "et")
    )
    count = len(re.findall(r"[-–—―_]+", dashes[0]))
    standing = tuple(before[:count]) if own or count > 1 else tuple(before)
    result.record = result.record.replace(author=(*standing, *own))
    result.sure.setdefault("author", 1.0)
    result.shown.setdefault("author", dashes[0].strip())


# --- doubt ------------------------------------------------------------------------------------------------------------

INSIDE = frozenset(
    ("chapter", "paper-conference", "entry-encyclopedia", "book")
)  # types that nothing says without a title
SHOWN = {
    "page": "pages",
    "issued": "year",
    "issue": "number",
    "publisher_place": "address",
    "collection_title": "series",
}


def _name(field: str, record: Record) -> str:
    """What the field is called where a person meets it."""
    if field == "container_title":
        return "journal" if record.type.startswith("article") else "booktitle"
    return SHOWN.get(field, field)


def _share(probability: float) -> str:
    return f".{min(int(100 * probability), 99):02}"


def doubted(result: Read, origin: Origin) -> tuple[Record, list[Problem]]:
    """The record without the fields that are less than likely, and a problem for each that is not sure."""
    record = result.record
    problems: list[Problem] = []
    doubts: list[str] = []
    for field, sure in result.sure.items():
        if sure >= SURE or not getattr(record, field):
            continue
        name, value = _name(field, record), " ".join(result.shown.get(field, "").split())
        if sure < LIKELY:
            record = record.replace(**{field: type(getattr(record, field))()})
            if field == "author":
                record = record.replace(authors_truncated=False)
            problems.append(
                Problem(f"{name} {value} is left out: it may be wrong, {_share(sure)}", origin, "warning", value)
            )
        else:
            problems.append(Problem(f"{name} {value} may be wrong, {_share(sure)}", origin, "warning", value))
        if field in CORE:
            doubts.append(f"{name} {value} may be wrong, {_share(sure)}")
    for field, value in result.unparted:
        problems.append(Problem(f"{field} {value} does not part into names", origin, "warning", value))
        if field in CORE:
            doubts.append(f"{field} {value} does not part into names")
    if result.rest:
        problems.append(Problem("a second publication in the reference is not read", origin, "warning", result.rest))
        doubts.append(f"a second publication: {result.rest}")
    gone = {name for name in ("title", "container_title") if getattr(result.record, name) and not getattr(record, name)}
    if ("title" in gone and record.type in INSIDE) or (
        "container_title" in gone and record.type != "webpage" and not (record.volume or record.page)
    ):
        record = record.replace(type="document")
    for field, value, _ in result.unplaced:
        problems.append(Problem(f"a second {_name(field, record)} has no place: {value}", origin, "warning", value))
        if field in CORE:
            doubts.append(f"a second {_name(field, record)}")
    if (
        not (record.author or record.editor)
        or (not record.title and not record.container_title)
        or (not record.issued and not record.status)
    ):
        missing = [
            name
            for name, there in (
                ("author", record.author or record.editor),
                ("title", record.title or record.container_title),
                ("year", record.issued or record.status),
            )
            if not there
        ]
        doubts.append(f"no {' and no '.join(missing)} found")
        problems.append(
            Problem(
                f"no {' and no '.join(missing)} found in the reference",
                origin,
                "warning",
                record.get_extra("reference"),
            )
        )
    return (record.replace(unresolved=tuple(doubts)) if doubts else record), problems


# --- recognition ------------------------------------------------------------------------------------------------------


def is_list(text: str) -> bool:
    """Whether a text is a list of references, by its content."""
    if not worth_a_look(text):
        return False
    known = model.shipped()
    pieces = cut(text, known.classes, known.cutting)
    pieces = pieces[:MOST_TRIED]
    if len(text) >= 65536 and len(pieces) > 1:
        pieces = pieces[:-1]  # cut by the end of what is looked at
    clearly = len(pieces) < LEAST
    tokens = [tokenise(piece.text) for piece in pieces]
    good = size = read_at_all = told = 0
    for piece, each, labels in zip(pieces, tokens, known.label(tokens), strict=True):
        if refusal(piece.text):
            fine = bool(piece.label) and len(pieces) >= LEAST
        else:
            found = list(spans(each, labels))
            fine = passes(piece, found, len(each.words), clearly=clearly)
            told += findable(found)
            read_at_all += 1
        good += fine
        size += fine * len(piece.text)
    if not clearly and told < FINDABLE * read_at_all:
        return False
    least = 1.0 if clearly else SHARE
    return bool(pieces) and good >= least * len(pieces) and size >= least * sum(len(piece.text) for piece in pieces)


def states(records: Sequence[Record]) -> Iterator[str]:
    """``read`` or ``doubtful`` of each record."""
    return ("doubtful" if record.unresolved else "read" for record in records)
