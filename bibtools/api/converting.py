"""Records of any source to one bibliography, with keys that do not collide."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import IO

from bibtools import fold, formats, keys
from bibtools.api.choosing import choice_for, selected
from bibtools.api.reading import InputError
from bibtools.api.sources import Source, as_inputs
from bibtools.format import BytesWriter, ReadOptions, WriteOptions
from bibtools.formats import bibtex, outsiders, records
from bibtools.progress import watched
from bibtools.record import Origin, Problem, Record, incomplete

__all__ = ["Conversion", "assign_keys", "convert", "write_records"]


def write_records(records: Iterable[Record], to: str = "bibtex", *, ascii: bool = False) -> Iterator[str]:  # noqa: A002
    """Pieces of text that joined are a file in the format; the records keep the ids they have."""
    known = formats.table()
    if to not in known or known[to].write is None:
        if reason := outsiders.failures().get(to):
            raise InputError(f"format '{to}' cannot be loaded: {reason}")
        writable = ", ".join(name for name, each in known.items() if each.writable)
        raise InputError(f"cannot write format '{to}'; writable are: {writable}")
    write = known[to].write
    assert write is not None
    return _pieces(write(records, WriteOptions(ascii=ascii)))


def _pieces(written: Iterator[str]) -> Iterator[str]:
    try:
        yield from written
    except outsiders.FormatFailedError as error:
        raise InputError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `convert` gives: `text` in pieces (to be consumed once), and what the person should know.

    Of a format that is not text, `text` is the same records as JSON Lines; `data` is the file of either.
    """

    text: Iterator[str]  # pieces of the output, to be consumed once
    keys: tuple[str, ...]  # the citation key of every record written, in their order
    incomplete: tuple[Record, ...]  # records that say nothing to cite them by; they are not written
    problems: tuple[Problem, ...]  # of reading and of writing
    losses: tuple[
        tuple[str, tuple[str, ...]], ...
    ]  # key, fields that the format cannot carry; when they were asked for
    to: str = "bibtex"  # the format

    def data(self) -> Iterator[bytes]:
        """Pieces of the file that joined are the whole, instead of `text`. Raises InputError where a package is missing."""
        write = formats.table()[self.to].write_bytes
        if write is None:
            return (piece.encode("utf-8", "replace") for piece in self.text)
        lines = chain.from_iterable(piece.splitlines(keepends=True) for piece in self.text)
        return _written(
            write, (each for each in records.read_lines(lines, ReadOptions()) if isinstance(each, Record)), self.to
        )


def _written(write: BytesWriter, each: Iterator[Record], to: str) -> Iterator[bytes]:
    try:
        yield from write(each)
    except ModuleNotFoundError as error:
        raise InputError(f"'{to}' is not written without {error.name}: pip install 'bibtools-cm[spark]'") from error


def convert(
    inputs: Source | Iterable[Source],
    to: str = "bibtex",
    *,
    key_style: str | None = None,
    ascii: bool = False,  # noqa: A002
    losses: bool = False,
    omit: Sequence[str] = (),
    fields: Sequence[str] = (),
    keep_extra: bool = False,
) -> Conversion:
    """Records to one bibliography. `inputs` is one source or several: a text in any format, a `Path`, records, a batch of them.

    Records that came with a usable key keep it unless a key style is asked for.

    `omit` are fields that are not written, `fields` the only ones that are, by BibTeX's names (``year`` is ``date`` too).
    `keep_extra` writes into a .bib even what only pages and arXiv say of a paper (a score, the day of an update).

    A record that says nothing to cite it by is not written but handed back in `incomplete` (`records` carries even those).

    The keys are known only when all records have been seen, and the records may be too many to hold: so each is written
    under a stand-in for its key into a spool (on disk when it is large), and the spool is read with the keys put in.
    """
    source = as_inputs(inputs)
    carried = formats.table()[to].losses if losses and to in formats.table() else None
    wanted = selected(omit, fields)
    naming = _naming(key_style)
    stand_in = f"bibtools-{secrets.token_hex(8)}-"
    problems: list[Problem] = []
    apart: list[Record] = []
    known = formats.table().get(to)
    through = "records" if known is not None and known.write_bytes is not None else to  # written line by line at first
    twice = _Twice() if len(source.parts) > 1 and through != "records" else None
    lost: list[tuple[int, tuple[str, ...]]] = []

    def named() -> Iterator[Record]:
        for each in watched(source, "Converting"):
            if isinstance(each, Problem):
                problems.append(each)
            elif through != "records" and incomplete(each):
                apart.append(each)
                problems.append(Problem("no title and no author: not written", each.origin, "warning"))
            elif twice is None or not twice.has(each):
                place = naming.see(each)
                choice = choice_for(each, to, wanted, keep_extra=keep_extra)
                record = choice.record.replace(id=f"{stand_in}{place:x}z")
                if carried and (told := _lost(record, choice, carried(record), to)):
                    lost.append((place, told))
                yield record

    spool = _Spool(8 << 20, "w+", encoding="utf-8", errors="surrogatepass", newline="")
    unwritten: dict[str, None] = {}  # what --ascii could not say in ASCII
    pieces = write_records(named(), through, ascii=ascii)
    spool.writelines(_watched(pieces, unwritten) if ascii and to in LATEX else pieces)
    if unwritten:
        shown = " ".join(list(unwritten)[:20]) + (" ..." if len(unwritten) > 20 else "")
        message = f"{len(unwritten):,} characters have no LaTeX command that we know and stay as they are: {shown}"
        problems.append(Problem(message, severity="warning"))
    problems += twice.told() if twice else ()
    given = naming.settled()
    told = tuple((given[place], fields) for place, fields in lost)
    return Conversion(_Text(spool, stand_in, given), given, tuple(apart), tuple(problems), told, to)


def _lost(record: Record, choice: bibtex.Choice, carried: Sequence[str], to: str) -> tuple[str, ...]:
    """What is not written, in the names of the source, and why where that is not the format's fault."""
    names = [*(f"{name} (omitted as asked)" for name in choice.omitted)]
    names += [f"{name} (withheld; --keep-extra writes it)" for name in choice.withheld]
    if record.origin.format == "bibtex":
        omitted = set(choice.omitted)
        names += [name for name in bibtex.lost_fields(record, set(carried), to) if name not in omitted]
    else:
        shown = (name.removeprefix("extra.") for name in carried if name != "type" or record.type != "article")
        names += [name.replace("_", "-") for name in shown if not name.startswith("tex-")]
    return tuple(dict.fromkeys(names))


class _Twice:
    """Records without a key that came before from another input: two pages list the same papers."""

    def __init__(self) -> None:
        self.seen: dict[object, Origin] = {}  # by what makes a record known
        self.equal = 0
        self.differing: list[Problem] = []

    def has(self, record: Record) -> bool:
        """Whether another input gave the record already, by its identifiers or by being equal; takes note of it if not."""
        if record.id:
            return False
        same = hash((record.title, record.author, record.authors_truncated, record.issued, record.abstract))
        known: list[tuple[object, ...]] = [("same", same)] if record.title else []
        if record.arxiv_id:
            known.append(("arxiv", record.arxiv_id))
        if record.doi:
            known.append(("doi", record.doi.lower(), fold.text(record.title)))
        found = [each for each in known if each in self.seen and _is_elsewhere(self.seen[each], record.origin)]
        if not found:
            for each in known:
                self.seen.setdefault(each, record.origin)
        elif ("same", same) in found:
            self.equal += 1
        else:
            message = f"came before from {self.seen[found[0]].source} under the same {found[0][0]} in other words; written once"
            self.differing.append(Problem(message, record.origin, "warning"))
        return bool(found)

    def told(self) -> tuple[Problem, ...]:
        if not self.equal:
            return tuple(self.differing)
        many = "1 record came" if self.equal == 1 else f"{self.equal:,} records came"
        return (*self.differing, Problem(f"{many} from several inputs and is written once", severity="note"))


def _is_elsewhere(one: Origin, other: Origin) -> bool:
    """Whether two records come from different inputs, or from one that was given twice."""
    return one.source != other.source or (one.line, one.index) == (other.line, other.index)


LATEX = ("bibtex", "biblatex", "arxiv")


def _watched(pieces: Iterable[str], found: dict[str, None]) -> Iterator[str]:
    """The pieces, taking note of every character beyond ASCII."""
    for piece in pieces:
        if not piece.isascii():
            found.update(dict.fromkeys(char for char in piece if not char.isascii()))
        yield piece


class _Spool(tempfile.SpooledTemporaryFile[str]):
    """Closed without a warning where nobody asks for the text: a script may want the keys only."""

    def __del__(self) -> None:
        self.close()


class _Text(Iterator[str]):
    """The spool with the keys put in, from its beginning to its end."""

    def __init__(self, spool: IO[str], stand_in: str, given: Sequence[str]) -> None:
        self.spool, self.given = spool, given
        self.pattern = re.compile(stand_in + "([0-9a-f]+)z")
        spool.seek(0)

    def __next__(self) -> str:
        if not self.spool.closed and (lines := self.spool.readlines(1 << 20)):
            return self.pattern.sub(lambda found: self.given[int(found[1], 16)], "".join(lines))
        self.spool.close()
        raise StopIteration


# What BibTeX, biber and \\cite take as a key; an address (the id of a CSL-JSON export) is not meant as one.
_KEY = re.compile(r"[^\s,{}\\\"#%~()=]+\Z")


@dataclass(slots=True)
class _Naming:
    """Keys for a stream of records: `see` each one, then ask for all."""

    make: Callable[[Record], str]
    keep: bool  # whether a record's own key stays
    used: set[str]  # folded
    own: list[str] = field(default_factory=list)  # "" where a key has to be made
    wanted: list[tuple[str, keys.Rank]] = field(default_factory=list)

    def see(self, record: Record) -> int:
        """Take note of a record; returns its place."""
        own = record.id if self.keep and _KEY.match(record.id) and "://" not in record.id else ""
        if own and own.casefold() not in self.used:
            self.used.add(own.casefold())
            self.own.append(own)
        else:
            self.own.append("")
            self.wanted.append((self.make(record) or "unknown", keys.rank(record)))
        return len(self.own) - 1

    def settled(self) -> tuple[str, ...]:
        made = iter(keys.settle(self.wanted, self.used))
        return tuple(own or next(made) for own in self.own)


def _naming(key_style: str | None, taken: Collection[str] = (), otherwise: str = "arxiv") -> _Naming:
    try:
        make = keys.maker(key_style or otherwise)
    except ValueError as error:
        raise InputError(str(error)) from error
    return _Naming(make, key_style is None, {each.casefold() for each in taken})


def assign_keys(
    records: Iterable[Record], key_style: str | None = None, taken: Collection[str] = (), otherwise: str = "arxiv"
) -> tuple[str, ...]:
    """A key for each record, in order, unlike one another and unlike the taken ones; a usable key that a record has stays.

    Records with the same key of their own (two files cite different papers as `smith`) keep the first and re-key the rest.
    `otherwise` is the style of the others where none is asked for. Raises InputError for a key style that does not exist.
    """
    naming = _naming(key_style, taken, otherwise)
    for record in records:
        naming.see(record)
    return naming.settled()
