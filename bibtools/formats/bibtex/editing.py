"""Changes of a library as edits of its document: which BibTeX field of which entry has to say what.

A field of the Record is written where the entry carries it already (``journal`` or ``journaltitle``, ``year`` or ``date``),
else under the name of the entry's dialect, or the file's. Fields that carried the old value and do not carry the new one go.
Where a field reads already as it should (LaTeX for Unicode, another brace) it is not touched.

A change is refused with an `EditError` when the entry does not hold the value that the change was planned on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bibtools import identifiers, latex
from bibtools.bibfile import AddEntry, Document, Edit, EditError, Entry, RemoveEntry, RemoveField, SetField, SetType
from bibtools.change import Add, Alias, Change, Remove
from bibtools.change import SetField as Setting
from bibtools.format import WriteOptions
from bibtools.formats.bibtex import carrying, reading, writing
from bibtools.formats.bibtex.inheritance import inherited
from bibtools.formats.bibtex.tables import SLOTS, Slot, number_field, slot_of
from bibtools.record import FIELDS, Date, Name, Record

__all__ = ["dialect", "edits"]

BIBLATEX = frozenset(
    """journaltitle date location eprinttype eprintclass langid origdate eventtitle maintitle subtitle urldate
    online report thesis mvbook mvcollection mvproceedings collection reference inreference dataset software""".split()
)
CLASSIC = frozenset(
    "journal year month address archiveprefix primaryclass school techreport phdthesis mastersthesis".split()
)
SAMPLE = 2000  # entries that are enough to know a file's dialect
BY_TYPE = (
    "container_title",
    "issue",
    "number",
    "collection_number",
    "publisher",
    "genre",
)  # their carrier depends on the type
TITLES = frozenset(
    ("title", "container_title", "volume_title")
)  # the title of a volume moves between the fields of the others


def edits(document: Document, changes: Iterable[Change], options: WriteOptions = writing.UNICODE) -> tuple[Edit, ...]:
    """The edits that make the document say what the changes want."""
    changes = tuple(changes)
    home = dialect(document)
    settings: dict[int, list[Setting]] = {}
    aliases: dict[int, list[str]] = {}
    found: list[Edit] = []
    for change in changes:
        if isinstance(change, Setting):
            settings.setdefault(change.target.index, []).append(change)
        elif isinstance(change, Alias):
            aliases.setdefault(change.target.index, []).append(change.old)
    for index, wanted in settings.items():
        found += of_entry(document, document.entries[index], wanted, home, options)
    for index, keys in aliases.items():
        found += with_aliases(document.entries[index], keys)
    for change in changes:
        if isinstance(change, Remove):
            found.append(RemoveEntry(change.target.index))
        elif isinstance(change, Add):
            found.append(AddEntry(*writing.entry(change.record, home, options)))
    return tuple(found)


def dialect(document: Document) -> str:
    """Whose words a file speaks, by its field names and entry types; classic BibTeX when it does not show."""
    count = sum(speaks(entry) for entry in document.entries[:SAMPLE])
    return "biblatex" if count > 0 else "bibtex"


def speaks(entry: Entry) -> int:
    """Positive for an entry in biblatex's words, negative for one in BibTeX's."""
    words = {entry.type, *(field.name for field in entry.fields)}
    return len(words & BIBLATEX) - len(words & CLASSIC)


def with_aliases(entry: Entry, keys: Iterable[str]) -> Iterator[Edit]:
    standing = [key for each in entry.get("ids").split(",") if (key := each.strip())]
    wanted = list(dict.fromkeys([*standing, *(key for key in keys if key != entry.key)]))
    if wanted != standing:
        yield SetField(entry.index, "ids", ", ".join(wanted))


def of_entry(
    document: Document, entry: Entry, wanted: list[Setting], home: str, options: WriteOptions
) -> Iterator[Edit]:
    """The edits of one entry for all that is to change in it."""
    values = entry.values()
    old = reading.record_of(entry.type, entry.key, inherited(document, entry, values))
    changed = {}
    for change in wanted:
        if change.field not in FIELDS:
            raise EditError(f"{document.source}:{entry.line}: a record has no field {change.field!r}")
        refuse_stale(document, entry, change, getattr(old, change.field))
        changed[change.field] = change.new
    new = replace(old, **changed)  # type: ignore[arg-type]
    saying = speaks(entry)
    biblatex = saying > 0 or (saying == 0 and home == "biblatex")
    retyped = (new.type, new.entry_type) != (old.type, old.entry_type)
    type_ = writing.entry_type(new, biblatex) if retyped else entry.type
    if type_ != entry.type:
        yield SetType(entry.index, type_)
    names = set(changed)
    if retyped:
        names |= {name for name in BY_TYPE if getattr(new, name) or getattr(old, name)}
    if (old.volume_title or new.volume_title) and names & TITLES:
        names |= TITLES
    if "authors_truncated" in names:
        names.add("author")
    target = carrying.Target(new, biblatex, type_, options.ascii)
    written, gone = carried(values, old, target, names)
    if retyped:
        subtype = writing.entrysubtype(new, type_)
        (written.update if subtype else gone.update)({"entrysubtype": (subtype, False)})
    if "extra" in changed:
        extra_changes(old, new, values, written, gone)
    yield from difference(entry.index, values, written, gone, new, type_)


def carried(
    values: Mapping[str, str], old: Record, target: carrying.Target, names: set[str]
) -> tuple[dict[str, tuple[str, bool]], dict[str, object]]:
    """What the carriers of some fields are to say, and which fields of the entry carried them until now."""
    written: dict[str, tuple[str, bool]] = {}
    gone: dict[str, object] = {}
    for slot in SLOTS:
        if slot.field not in names:
            continue
        standing = standing_names(slot, values, old)
        gone |= dict.fromkeys(standing)
        if getattr(target.record, slot.field):
            here = replace(target, biblatex=uses_biblatex(slot, standing, target.biblatex))
            for name, value, raw in carrying.carriers(slot, here):
                written.setdefault(renamed(name, slot, standing, values), (value, raw))
    if "other_creators" in names:
        gone |= {name: None for role in reading.ROLES for name in (role, role + "type")}
        written |= {name: (value, raw) for name, value, raw in carrying.roles(target)}
    return written, gone


def standing_names(slot: Slot, values: Mapping[str, str], old: Record) -> list[str]:
    """The fields of the entry that carry a field of the Record, the one that was read first."""
    if slot.field == "issued":
        return [name for name in ("date", "year", "month", "day") if name in values]
    if slot.field == "arxiv_id":
        if not old.arxiv_id:
            return []
        if (eprint := old.get_extra("eprint")) and identifiers.arxiv_id(eprint) != old.arxiv_id:
            return ["arxivid"]  # the eprint is another archive's
        return [name for name in ("eprint", "archiveprefix", "eprinttype", "arxivid") if name in values]
    if slot.field in ("issue", "number", "collection_number"):
        names = ["number"] if slot.field == number_field(old.type) else []
        return [name for name in (*names, *(["issue"] if slot.field == "issue" else [])) if name in values]
    if old.volume_title and slot.field == ("container_title" if old.container_title else "title"):
        return [name for name in ("maintitle", *slot.names) if name in values]
    found = [name for name in slot.names if name in values and slot_of()[name][1].field == slot.field]
    if slot.kind == "title":
        found += [more for name in tuple(found) for more, _ in reading.ADDITIONS.get(name, ()) if more in values]
    return found


def uses_biblatex(slot: Slot, standing: list[str], otherwise: bool) -> bool:
    """Whose words the entry uses for this field."""
    if slot.field == "issued" and standing:
        return standing[0] == "date" and "year" not in standing
    return otherwise


def renamed(name: str, slot: Slot, standing: list[str], values: Mapping[str, str]) -> str:
    """The name that the entry itself uses for what is to be written."""
    if name in values and name in standing:
        return name
    if slot.field == "arxiv_id":
        if name in ("archiveprefix", "eprinttype"):
            return next((each for each in ("archiveprefix", "eprinttype") if each in standing), name)
        if name == "eprint" and "eprint" in values and "eprint" not in standing:
            return "arxivid"  # the entry has an eprint of another archive
    alike = {"journal": "journaltitle", "journaltitle": "journal"}
    if slot.field == "container_title":
        return alike[name] if name in alike and alike[name] in standing else name
    same_kind = slot.field in ("publisher_place", "annote", "keyword", "categories", "language", "publisher")
    return standing[0] if same_kind and standing else name


def extra_changes(
    old: Record, new: Record, values: Mapping[str, str], written: dict[str, tuple[str, bool]], gone: dict[str, object]
) -> None:
    """What is new in `extra`, and what is no more; a name that carries something else is left alone."""
    known = reading.table_for(new.type, False)
    for name, value in new.extra:
        plain = name.lower()
        free = plain not in known or (plain, values.get(plain)) in old.extra
        if (
            (name, value) not in old.extra
            and free
            and writing.FIELD_NAME.fullmatch(plain)
            and not name.startswith("tex-")
        ):
            written.setdefault(plain, (writing.extra_value(plain, value), False))
    kept = {name for name, _ in new.extra}
    gone |= {name: None for name, _ in old.extra if name not in kept and name in values}


def difference(
    index: int,
    values: Mapping[str, str],
    written: Mapping[str, tuple[str, bool]],
    gone: Mapping[str, object],
    new: Record,
    type_: str,
) -> Iterator[Edit]:
    """The edits between what stands and what is to stand."""
    for name in gone:
        if name in values and name not in written:
            yield RemoveField(index, name)
    table = reading.table_for(new.type, type_ in reading.BOOKS)
    for name, (value, raw) in written.items():
        if name not in values or not reads_alike(table, name, values[name], value, raw):
            yield SetField(index, name, value, raw)


def reads_alike(table: Mapping[str, object], name: str, standing: str, value: str, raw: bool) -> bool:
    """Whether two values of a field mean the same to the reader."""
    if raw:
        value = carrying.evaluated(value)
    if standing == value:
        return True
    dated = name in ("year", "month", "day", "date")
    one, two = (
        reading.record_of(
            "misc" if dated else "article", "", {"year": "2000", name: each} if name == "month" else {name: each}
        )
        for each in (standing, value)
    )
    return one == two and (dated or name in table)


def refuse_stale(document: Document, entry: Entry, change: Setting, actual: object) -> None:
    """An entry that no longer holds what the plan was made on must not be edited by it."""
    if actual and (bool(change.old) != bool(actual) or folded(change.old) != folded(actual)):
        place = f"{document.source}:{entry.line}" if document.source else f"entry {entry.index + 1}"
        raise EditError(f"{place}: {entry.key}: {change.field} is not what the plan was made on; read the file again")


def folded(value: object) -> object:
    """A value as far as a clean-up between reading and planning does not change it."""
    if isinstance(value, str):
        return "".join(char for char in latex.plain(value).casefold() if char.isalnum())
    if isinstance(value, Name):
        return folded(value.surname)
    if isinstance(value, Date):
        return value.parts or folded(value.literal)
    if isinstance(value, tuple):
        return None  # lists are cleaned up, sorted and split: their presence is enough
    return value
