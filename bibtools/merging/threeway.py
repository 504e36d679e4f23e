"""Three versions of a .bib into one, entry by entry and field by field: what git's line merge cannot know.

A file is a sequence of blocks (entries, macros, preambles, comments), each with the text that leads to it. Blocks are the same
by citation key or macro name, an entry also when only its key was changed. The result is our file with what they changed: a block
that only one side changed is taken as that side wrote it, byte for byte; where both changed an entry its fields are merged one
by one. Only a field that both gave another value is a conflict, and its lines alone carry git's markers (the whole entry where
it does not stand on lines of its own). Order is ours; their new blocks stand behind the block that they stand behind there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bibtools.bibfile import Document, Edit, Entry, RemoveField, SetField, SetKey, SetType
from bibtools.bibfile.document import parse

__all__ = ["ThreeWay", "three_way"]

Id = tuple[str, str, int]
TAIL: Id = ("tail", "", 0)


@dataclass(frozen=True, slots=True)
class ThreeWay:
    text: str
    conflicts: tuple[str, ...] = ()  # what collides, for a person: "smith2020: year"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block and the text that leads to it from the block before."""

    id: Id
    lead: str
    raw: str
    entry: Entry | None = None


@dataclass(slots=True)
class _Merge:
    base: dict[Id, Piece]
    ours: dict[Id, Piece]
    theirs: dict[Id, Piece]
    labels: tuple[str, str]
    size: int
    eol: str
    edits: list[Edit] = field(default_factory=list)
    taken: dict[Id, str] = field(default_factory=dict)  # their source instead of ours
    fields: dict[Id, list[str]] = field(default_factory=dict)  # fields that collide
    whole: set[Id] = field(default_factory=set)  # blocks that collide as a whole
    conflicts: list[str] = field(default_factory=list)


def three_way(
    base: Document, ours: Document, theirs: Document, labels: tuple[str, str] = ("ours", "theirs"), size: int = 7
) -> ThreeWay:
    """Our file with their changes since the base. Conflicts are marked as git marks them, with markers of `size`."""
    if ours.text == theirs.text or theirs.text == base.text:
        return ThreeWay(ours.text)
    if ours.text == base.text:
        return ThreeWay(theirs.text)
    pieces = (_pieces(base, {}), _pieces(ours, _renamed(base, ours)), _pieces(theirs, _renamed(base, theirs)))
    eol = "\r\n" if "\r\n" in ours.text else "\n"
    merge = _Merge(*pieces, labels, size, eol)
    for each in merge.ours:
        _decide(merge, each)
    return ThreeWay("".join(_text(merge, ours)), tuple(merge.conflicts))


def _pieces(document: Document, names: Mapping[int, str]) -> dict[Id, Piece]:
    """The blocks of a file by what makes them the same in another version; `names`: old keys of renamed entries."""
    found: dict[Id, Piece] = {}
    seen: Counter[tuple[str, str]] = Counter()
    entries = iter(document.entries)
    lead = ""
    for block in document.blocks:
        raw = document.text[block.start : block.end]
        if block.kind == "text":
            lead += raw
            continue
        entry = next(entries) if block.kind == "entry" else None
        name = names.get(entry.index, entry.key).lower() if entry else _name(block.kind, raw)
        number = seen[block.kind, name]
        seen[block.kind, name] += 1
        identity = (block.kind, name, number)
        found[identity] = Piece(identity, lead, raw, entry)
        lead = ""
    found[TAIL] = Piece(TAIL, lead, "")
    return found


def _name(kind: str, raw: str) -> str:
    """A macro is its name; a preamble or comment is what it says."""
    if kind == "string":
        return raw[raw.find("{" if "{" in raw else "(") + 1 :].partition("=")[0].strip().lower()
    return raw


def _renamed(base: Document, changed: Document) -> dict[int, str]:
    """Entries that stand in the base under another key, and with the same content: index, old key."""
    staying = {each.key.lower() for each in changed.entries}
    gone = {_content(each): each.key for each in base.entries if each.key.lower() not in staying}
    known = {each.key.lower() for each in base.entries}
    return {
        each.index: gone.pop(content)
        for each in changed.entries
        if each.key.lower() not in known and (content := _content(each)) in gone
    }


def _content(entry: Entry) -> tuple[object, ...]:
    return (entry.type, tuple(sorted((each.name, each.value) for each in entry.fields)))


# --- what becomes of each block ----------------------------------------------------------------------------------------


def _decide(merge: _Merge, identity: Id) -> None:
    """A block of ours: what they did to it since the base."""
    base, ours, theirs = (each.get(identity) for each in (merge.base, merge.ours, merge.theirs))
    assert ours is not None
    if theirs is None:
        if base is not None and _says_same(ours, base):
            merge.taken[identity] = ""
        elif base is not None:
            merge.whole.add(identity)
            merge.conflicts.append(f"{_shown(merge, identity)}: changed here, removed there")
        return
    if ours.raw == theirs.raw or (base is not None and theirs.raw == base.raw):
        return
    if base is not None and ours.raw == base.raw:
        merge.taken[identity] = theirs.raw
    elif ours.entry is not None and theirs.entry is not None:
        _entry(merge, identity, base.entry if base is not None else None, ours.entry, theirs.entry)
    elif not _says_same(ours, theirs) and not (base is not None and _says_same(theirs, base)):
        merge.whole.add(identity)
        merge.conflicts.append(f"{_shown(merge, identity)}: both changed it")


def _entry(merge: _Merge, identity: Id, base: Entry | None, ours: Entry, theirs: Entry) -> None:
    """Both sides changed an entry, or both added it: its key and type, then its fields one by one."""
    was, key = (base.type, base.key) if base is not None else ("", "")
    if ours.key != theirs.key and theirs.key != key:
        if ours.key != key:
            merge.whole.add(identity)
            merge.conflicts.append(f"{_shown(merge, identity)}: key")
            return
        merge.edits.append(SetKey(ours.index, theirs.key))
    if ours.type != theirs.type and theirs.type != was:
        if ours.type != was:
            merge.whole.add(identity)
            merge.conflicts.append(f"{_shown(merge, identity)}: type")
            return
        merge.edits.append(SetType(ours.index, theirs.type))
    for name in dict.fromkeys(each.name for each in (*ours.fields, *theirs.fields)):
        old, mine, other = (_value(each, name) for each in (base, ours, theirs))
        if mine == other or other == old:
            continue
        if mine == old:
            found = theirs.field(name)
            merge.edits.append(
                RemoveField(ours.index, name) if found is None else SetField(ours.index, name, found.raw, raw=True)
            )
            continue
        merge.fields.setdefault(identity, []).append(name)
        merge.conflicts.append(f"{_shown(merge, identity)}: {name}")


def _value(entry: Entry | None, name: str) -> object:
    found = entry.field(name) if entry is not None else None
    return None if found is None else (found.value, found.undefined)


def _says_same(one: Piece, other: Piece) -> bool:
    if one.entry is not None and other.entry is not None:
        return one.entry.key == other.entry.key and _content(one.entry) == _content(other.entry)
    return one.raw.split() == other.raw.split()


def _shown(merge: _Merge, identity: Id) -> str:
    """A block for a person: a key as it is written in the file."""
    sides = (side.get(identity) for side in (merge.ours, merge.theirs, merge.base))
    entry = next((piece.entry for piece in sides if piece is not None and piece.entry is not None), None)
    if entry is not None:
        return entry.key[:60] or f"@{entry.type} without a key"
    return identity[1][:60] if identity[0] == "string" else f"@{identity[0]}"


# --- the text ----------------------------------------------------------------------------------------------------------


def _text(merge: _Merge, ours: Document) -> Iterator[str]:
    edited = ours.edit(merge.edits) if merge.edits else ours
    following = _added_behind(merge)
    yield from following.pop(None, ())
    for identity, piece in merge.ours.items():
        if merge.taken.get(identity) != "" or identity in merge.whole:
            yield _lead(merge, piece)
            entry = edited.entries[piece.entry.index] if piece.entry is not None else None
            yield _block(merge, piece, entry)
        yield from following.pop(identity, ())


def _lead(merge: _Merge, piece: Piece) -> str:
    """The text before a block: theirs where only they changed it in more than blanks."""
    base, theirs = merge.base.get(piece.id), merge.theirs.get(piece.id)
    if base is None or theirs is None or theirs.lead.split() == base.lead.split():
        return piece.lead
    if piece.lead.split() == base.lead.split():
        return theirs.lead
    if piece.lead.split() == theirs.lead.split():
        return piece.lead
    merge.conflicts.append(f"the text before {_shown(merge, piece.id) if piece.id != TAIL else 'the end'}")
    ours, other = piece.lead.strip("\r\n"), theirs.lead.strip("\r\n")
    return f"{merge.eol}{_marked(merge, ours + merge.eol, other + merge.eol)}{merge.eol}"


def _block(merge: _Merge, piece: Piece, entry: Entry | None) -> str:
    if piece.id in merge.whole:
        theirs = merge.theirs.get(piece.id)
        mine = entry.raw if entry is not None else piece.raw
        return _marked(merge, mine + merge.eol, theirs.raw + merge.eol if theirs is not None else "").rstrip("\r\n")
    if piece.id in merge.taken:
        return merge.taken[piece.id]
    if entry is None:
        return piece.raw
    collided = merge.fields.get(piece.id)
    if not collided:
        return entry.raw
    other = merge.theirs[piece.id].entry
    assert other is not None
    marked = _marked_fields(merge, entry, other, collided)
    return marked or _marked(merge, entry.raw + merge.eol, other.raw + merge.eol).rstrip("\r\n")


def _marked_fields(merge: _Merge, ours: Entry, theirs: Entry, names: Sequence[str]) -> str:
    """Our entry with the lines of the colliding fields marked; "" where one does not stand on lines of its own."""
    text, source = ours.raw, ours.document.text
    for name in sorted(names, key=lambda each: -(ours.field(each).span.start if ours.field(each) else 0)):  # type: ignore[union-attr]
        mine, other = ours.field(name), theirs.field(name)
        if mine is None:
            return ""
        start, end = mine.span.name_start - ours.start, mine.span.end - ours.start
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        if begin == 0 or stop < 0 or text[begin:start].strip() or text[end:stop].strip() not in ("", ","):
            return ""
        before, after = text[begin:start], text[end : stop + 1]
        written = source[mine.span.name_start : mine.span.start]
        line = f"{before}{written}{other.raw}{after}" if other is not None else ""
        text = text[:begin] + _marked(merge, text[begin : stop + 1], line) + text[stop + 1 :]
    return text


def _marked(merge: _Merge, ours: str, theirs: str) -> str:
    size, eol = merge.size, merge.eol
    one, two = merge.labels
    return f"{'<' * size} {one}{eol}{ours}{'=' * size}{eol}{theirs}{'>' * size} {two}{eol}"


def _added_behind(merge: _Merge) -> dict[Id | None, list[str]]:
    """Blocks that only they have, by the block of ours behind which they go; None is the beginning."""
    found: dict[Id | None, list[str]] = {}
    behind: Id | None = None
    for identity, piece in merge.theirs.items():
        if identity in merge.ours:
            behind = identity
            continue
        base = merge.base.get(identity)
        if base is not None and _says_same(base, piece):
            continue  # we removed it, they did not touch it
        lead = piece.lead
        raw = piece.raw
        if base is not None:
            merge.conflicts.append(f"{_shown(merge, identity)}: removed here, changed there")
            raw = _marked(merge, "", raw + merge.eol).rstrip("\r\n")
        place = found.setdefault(behind, [])
        if behind is None and not place and not lead:
            raw += merge.eol * 2
        elif behind is not None and not lead.startswith(("\n", "\r")):
            lead = merge.eol * 2 + lead
        place.append(lead + raw)
    if TAIL in found:  # nothing stands behind the tail
        found.setdefault(None, []).extend(found.pop(TAIL))
    return found


def verified(result: ThreeWay, ours: Document, theirs: Document) -> bool:
    """Whether a result without conflicts reads back as it should: no entry doubled that neither side has twice."""
    again = parse(result.text)
    counts = [Counter(each.key.lower() for each in document.entries) for document in (again, ours, theirs)]
    return all(count <= max(counts[1][key], counts[2][key]) for key, count in counts[0].items())
