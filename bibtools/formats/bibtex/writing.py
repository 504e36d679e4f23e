"""From Records to entries, in BibTeX's words or biblatex's.

Classic BibTeX gets the entry types that its styles define (anything else is @misc, its CSL type in ``entrysubtype``), and
biblatex's field names where BibTeX has none of its own: a style ignores what it does not know, and nothing is lost. A date that
year, month and day cannot say (a range, a season, about a year) stands in ``date`` beside the year.

What a dialect cannot carry is not guessed at: `losses` writes the entry, reads it again and names the fields that differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from bibtools import latex
from bibtools.format import WriteOptions
from bibtools.formats.bibtex import reading
from bibtools.formats.bibtex.carrying import Field, Target, carriers, evaluated, roles, shows_class, source_of
from bibtools.formats.bibtex.tables import (
    CLASSIC,
    CLASSIC_FORM,
    ENTRY_TYPES,
    FORM_OF,
    ORIGINALS,
    SLOTS,
    SUBTYPES,
    THESES,
    slot_of,
)
from bibtools.record import CSL_TYPES, Record, filled

__all__ = ["FIELD_NAME", "UNICODE", "again", "entry", "entry_type", "entrysubtype", "extra_value", "losses", "write"]

UNICODE = WriteOptions()
PLACES = {slot.field: place for place, slot in enumerate(SLOTS)}  # in the entry, by the field of the Record
TYPE_NAME = re.compile(r"[a-z][a-z0-9_+.:-]*")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_+./:-]*")
NOT_IN_KEYS = re.compile(r"[\s,{}\"#%\\~\x00-\x1f\x7f-\x9f]+")
NOT_TYPES = frozenset(("comment", "string", "preamble", "xdata"))
ORIGINAL_OF = {variable: name for name, variable in ORIGINALS.items()}
OURS = frozenset(("raw-doi",))  # with tex-*: what other readers keep for themselves, not for a .bib
PRINTED = frozenset("howpublished addendum subtitle titleaddon booksubtitle eid".split())
DOUBTFUL = re.compile(r"(?<!\\)((?:\\\\)*)([&%#])")


def entry(
    record: Record, dialect: str = "bibtex", options: WriteOptions = UNICODE
) -> tuple[str, str, tuple[Field, ...]]:
    """Type, key and fields of the entry for a record, as `bibfile.AddEntry` takes them."""
    biblatex = dialect == "biblatex"
    target = Target(record, biblatex, entry_type(record, biblatex), options.ascii, source_of(record))
    fields: list[Field] = []
    for place in sorted([PLACES[name] for name, value in vars(record).items() if value and name in PLACES]):
        fields += carriers(SLOTS[place], target)
    if record.other_creators:
        fields += roles(target)
    subtype = entrysubtype(record, target.type)
    if subtype:
        fields.append(("entrysubtype", subtype, False))
    return target.type, NOT_IN_KEYS.sub("", record.id) or "unnamed", tuple(with_extra(fields, target))


def entry_type(record: Record, biblatex: bool) -> str:
    """The type that was read where it still fits, else the form of the CSL type."""
    read = record.entry_type.lower()
    given = ENTRY_TYPES.get(read, "document")
    fits = given == record.type or (record.type == "article" and given in ("document", "webpage"))
    fits = fits and TYPE_NAME.fullmatch(read) is not None and read not in NOT_TYPES
    form = read if fits else FORM_OF.get(record.type, "misc")
    if form == "thesis" and not biblatex:
        form = next((name for name, genre in THESES.items() if genre == record.genre), "phdthesis")
    if not biblatex and form in ENTRY_TYPES and form not in CLASSIC:
        return CLASSIC_FORM.get(form, "misc")
    return form


def entrysubtype(record: Record, form: str) -> str:
    """The CSL type where the entry type does not give it back."""
    given = ENTRY_TYPES.get(form, "document")
    if given == "document" and (record.arxiv_id or (record.categories and shows_class(record))):
        given = "article"  # what is read back: arXiv's number or class makes it a preprint
    if record.type == given or (record.type == "article" and given == "document"):
        return ""
    word = next((word for word, kind in SUBTYPES.items() if kind == record.type), record.type)
    return word if record.type in CSL_TYPES else ""


def with_extra(fields: list[Field], target: Target) -> Iterator[Field]:
    """The fields, then what `extra` adds under names that are free."""
    taken: set[str] = set()
    for name, value, raw in fields:
        if value and name not in taken:
            taken.add(name)
            yield name, value, raw
    if not target.record.extra:
        return
    merged = {name for whole, additions in reading.ADDITIONS.items() if whole in taken for name, _ in additions}
    known = reading.table_for(target.record.type, target.type in reading.BOOKS)
    for name, value in target.record.extra:
        plain = ORIGINAL_OF.get(name, name.lower())
        if plain in taken and may_repeat(plain, known):
            yield plain, extra_value(plain, value), False  # as it stood: bibtex reads the first, biber the last
            continue
        if (
            plain in taken
            or plain in merged
            or plain.startswith("tex-")
            or plain in OURS
            or not FIELD_NAME.fullmatch(plain)
        ):
            continue
        dated = known.get(plain) is reading.ignored and plain not in reading.EPRINT
        if dated and "year" in taken and "date" not in taken:
            continue
        taken.add(plain)
        yield plain, latex.encode(value) if name in ORIGINAL_OF else extra_value(plain, value), False


def may_repeat(name: str, known: Mapping[str, object]) -> bool:
    """Whether a second value in `extra` is a field that stood twice, and not the lesser of two names for one thing."""
    _, slot = slot_of().get(name, (0, None))
    if slot is None:
        return name not in known and TYPE_NAME.fullmatch(name) is not None and not name.startswith("tex-")
    return len(slot.names) == 1 and slot.kind != "names"


def extra_value(name: str, value: str) -> str:
    """Raw TeX as it was read; what comes from elsewhere is made safe."""
    value = latex.clean(value)
    if not latex.balanced(value):
        return latex.encode(value)
    return DOUBTFUL.sub(r"\1\\\2", value) if name in PRINTED and "\\url" not in value and "$" not in value else value


def write(records: Iterable[Record], options: WriteOptions, dialect: str = "bibtex") -> Iterator[str]:
    """Entry after entry, a blank line between them."""
    between = ""
    for record in records:
        type_, key, fields = entry(record, dialect, options)
        lines = [f"  {name} = {value if raw else f'{{{value}}}'}" for name, value, raw in fields]
        yield f"{between}@{type_}{{{key},\n" + ",\n".join(lines) + ("\n}\n" if lines else "}\n")
        between = "\n"


def losses(record: Record, dialect: str = "bibtex") -> tuple[str, ...]:
    """The fields that reading the written entry would not give back; of ``extra`` the single names."""
    back = again(record, dialect)
    if back == record:
        return ()
    lost = []
    for name, value in filled(record):
        if name == "extra":
            lost += [f"extra.{key}" for key, text in record.extra if not kept_in(back, key, text)]
        elif getattr(back, name) != value:
            lost.append(name)
    return tuple(lost)


def kept_in(back: Record, name: str, value: str) -> bool:
    """Whether a pair of `extra` is there again, or, for a subtitle, in the title that it joined."""
    if (name.lower(), value) in back.extra:  # the case of a field's name says nothing
        return True
    addition = any(name == each for additions in reading.ADDITIONS.values() for each, _ in additions)
    wholes = (back.title, back.container_title, back.volume_title)
    return addition and any(whole.endswith(reading.title_of(value)) for whole in wholes)


def again(record: Record, dialect: str) -> Record:
    """The record as it would be read from the entry written for it."""
    type_, key, fields = entry(record, dialect)
    values: dict[str, str] = {}
    repeated = []
    for name, value, raw in fields:
        text = evaluated(value) if raw else latex.clean(value)
        if values.setdefault(name, text) is not text:
            repeated.append((name, text))
    return reading.record_of(type_, key, values, record.origin, repeated)
