"""An item as comparable values, the three-way merge of two versions of it, and the patch that carries the merge out.

A value is known by its meaning, wherever it stands: a native field and the Extra line that says the same are one value, so
that nothing is written when Zotero itself has moved a line into a field, hyphenated an ISBN or trimmed a tag. Creators are
compared by role, tags as a set, the free text of Extra by lines: what the user added stays when we change ours.

The merge is three-way twice over: we changed a value when the file differs from the file at the last sync, the user did when
the item differs from the item at the last sync. The two bases are kept apart because they may have differed already then (a
value that was left as it stood in Zotero). Without a base, an empty value is filled and a differing one is a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bibtools import dates, fold, identifiers
from zotero_bridge import creators
from zotero_bridge.children import ATTACHMENTS, NOTES
from zotero_bridge.extra import Line, assign, fold_label, join, parse
from zotero_bridge.fields import label_of, meaning, native_for
from zotero_bridge.schema import ALWAYS, ISO, LONGEST_NAME, Item, ItemType, Schema

__all__ = ["Conflict", "Merge", "View", "disputed", "equal", "merge", "patch", "same_words", "view"]

SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\ufeff]+")
TAG = re.compile(r"</?(?:i|b|sub|sup|span)(?: [^<>]*)?>")
EXACT = frozenset(
    {ATTACHMENTS, NOTES, "citationKey", "itemType", "url", "doi", "arxiv", "note", "tags"}
)  # where case and signs matter
DATE_FIELDS = frozenset({"issued", "submitted", "accessed", "original_date", "event_date"})
Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """An item's values by meaning, and the labels under which they stand in Extra."""

    values: Mapping[str, Values]
    labels: Mapping[str, str]

    def get(self, name: str) -> Values:
        return self.values.get(name, ())


@dataclass(frozen=True, slots=True)
class Conflict:
    field: str
    ours: Values
    theirs: Values


@dataclass(frozen=True, slots=True)
class Merge:
    changes: Mapping[str, Values]
    conflicts: tuple[Conflict, ...] = ()  # both sides changed it, or differ and nobody knows who changed what
    kept: tuple[Conflict, ...] = ()  # of these: settled for Zotero's value
    alike: frozenset[str] = (
        frozenset()
    )  # differ in case and markup only, and nobody has edited them: each side keeps its own


# --- an item as values -------------------------------------------------------------------------------------------------


def view(item: Item, schema: Schema) -> View:
    """The values of an item."""
    kind = schema.types.get(str(item.get("itemType", ""))) or ItemType("", ())
    values: dict[str, Values] = {"itemType": (kind.name,)}
    labels: dict[str, str] = {}
    for name, value in item.items():
        if name not in ALWAYS and name != "extra" and isinstance(value, str) and value.strip():
            values[_native_meaning(schema, kind, name)] = (value,)
    for each in item.get("creators") or ():
        role = f"role:{_role(each, kind, schema)}"
        values[role] = (*values.get(role, ()), _name(each))
    if item.get("tags"):
        values["tags"] = tuple(str(each.get("tag", "")).strip() for each in item["tags"])
    if item.get("collections"):
        values["collections"] = tuple(item["collections"])
    _view_extra(parse(str(item.get("extra") or "")), kind, schema, values, labels)
    return View(values, labels)


def _native_meaning(schema: Schema, kind: ItemType, name: str) -> str:
    """What a native field says; a field that is not the type's first choice for a meaning stands for itself."""
    base = schema.base(kind.name, name)
    found = "genre" if base == "type" else meaning(base)  # the label "type" is CSL's
    return found if found and native_for(found, schema, kind.name) == name else f"field:{name}"


def _role(creator: Mapping[str, Any], kind: ItemType, schema: Schema) -> str:
    creator_type = str(creator.get("creatorType", ""))
    if kind.creators and creator_type == kind.creators[0] and creator_type != "contributor":
        return "author"
    return schema.csl_roles.get(creator_type, creator_type)


def _name(creator: Mapping[str, Any]) -> str:
    last, first = str(creator.get("lastName", "")), str(creator.get("firstName", ""))
    return str(creator.get("name") or "") or (f"{last} || {first}" if last else first)


def _view_extra(
    lines: tuple[Line, ...], kind: ItemType, schema: Schema, values: dict[str, Values], labels: dict[str, str]
) -> None:
    free: list[str] = []
    said: dict[str, Values] = {}
    for line in lines:
        what = _line_meaning(line)
        if not what:
            free.append(line.raw)
            continue
        said[what] = (*said.get(what, ()), line.value)
        labels.setdefault(what, line.label)
    for what, found in said.items():
        native = values.get(what, ())
        if what.startswith("role:"):
            values[what] = (*native, *found)
        elif what == "citationKey" or not native:
            values[what] = found  # Zotero's exports believe the line
        elif not all(equal(what, native, (each,)) for each in found):
            other = f"x:{fold_label(labels[what])}"
            values[other] = found
            labels[other] = labels[what]
    if text := "\n".join(free).strip("\n"):
        values["note"] = tuple(text.split("\n"))


def _line_meaning(line: Line) -> str:
    if not line.label:
        return ""
    label = fold_label(line.label)
    return f"x:{label}" if label.startswith("tex.") else meaning(line.label)


# --- equality ----------------------------------------------------------------------------------------------------------


def equal(name: str, left: Values, right: Values) -> bool:
    """Whether two values are the same after all that Zotero tidies."""
    if left == right:
        return True
    if name in DATE_FIELDS and len(left) == len(right) == 1:
        return _plain(left[0]) == _plain(right[0]) or _date(left[0]) == _date(right[0])
    return _normal(name, left) == _normal(name, right)


def _date(text: str) -> object:
    return dates.parse(_plain(text).removesuffix("Z").split("T")[0])


def _plain(text: str) -> str:
    return SPACE.sub(" ", fold.composed(text)).strip()


def _normal(name: str, values: Values) -> object:
    plain = tuple(each for each in map(_plain, values) if each)
    if name in ("tags", ATTACHMENTS):
        return frozenset(plain)
    if name == "isbn":
        return frozenset(re.sub(r"[^0-9Xx]", "", part).upper() for each in plain for part in re.split(r"[\s,;]+", each))
    if name == "doi":
        return tuple(identifiers.doi(each) or each.lower() for each in plain)
    if name == "page":
        return tuple(re.sub(r"\s*[-‐-―−]+\s*", "-", each) for each in plain)
    if name.startswith("role:"):
        return tuple(map(_one_spelling, plain))
    return plain


def same_words(name: str, left: Values, right: Values) -> bool:
    """Whether two texts differ in case, punctuation and markup only."""
    if name in EXACT or len(left) != len(right):
        return False
    words = [[fold.text(TAG.sub("", value)) for value in values] for values in (left, right)]
    return words[0] == words[1] and all(words[0])


def _one_spelling(person: str) -> str:
    """A name with its particles before the last name, where Zotero and most programs write them."""
    last, _, first = person.partition("||")
    given = first.split()
    end = len(given)
    while end > 1 and given[end - 1] in fold.PARTICLES:
        end -= 1
    return "|".join(filter(None, (" ".join((*given[end:], *last.split())), " ".join(given[:end]))))


# --- merge -------------------------------------------------------------------------------------------------------------


def merge(ours: View, theirs: View, base: tuple[View, View], prefer: str = "") -> Merge:
    """What to change in Zotero's item.

    `base` is both sides as far as they were settled; `prefer` ("file" or "zotero") settles what conflicts.
    """
    changes: dict[str, Values] = {}
    conflicts: list[Conflict] = []
    kept: list[Conflict] = []
    alike: set[str] = set()
    for name in dict.fromkeys((*ours.values, *base[0].values)):
        new, old, now = ours.get(name), base[0].get(name), theirs.get(name)
        if equal(name, new, old) or equal(name, new, now):
            continue
        if name == "collections":  # an item that someone took out of a collection stays out
            if wanted := tuple(each for each in new if each not in old and each not in now):
                changes[name] = (*now, *wanted)
        elif name == "tags":
            changes[name] = _merge_tags(new, old, now)
        elif name == ATTACHMENTS:  # by name; none is taken away
            if added := tuple(each for each in new if each not in old and each not in now):
                changes[name] = (*now, *added)
        elif name in ("note", NOTES) and (lines := _merge_lines(new, old, now, prefer == "file")) is not None:
            changes[name] = lines
        elif name not in ("note", NOTES) and (equal(name, now, base[1].get(name)) or prefer == "file"):
            changes[name] = new
        elif not old and not base[1].get(name) and same_words(name, new, now):
            alike.add(name)
        else:
            (kept if prefer == "zotero" else conflicts).append(Conflict(name, new, now))
    # a private line says what *our* value lost on the way; beside Zotero's value it would be noise
    noise = {_private(conflict.field) for conflict in (*conflicts, *kept)}
    changes = {n: v for n, v in changes.items() if n not in noise and not equal(n, v, theirs.get(n))}
    return Merge(changes, tuple(conflicts), tuple(kept), frozenset(alike))


def _private(name: str) -> str:
    return f"x:tex.bibtools-{name.removeprefix('role:').replace('-', '_')}"


def disputed(conflicts: Iterable[Conflict]) -> frozenset[str]:
    """The names of values that conflict, and of the private lines that go with them."""
    return frozenset(name for conflict in conflicts for name in (conflict.field, _private(conflict.field)))


def _merge_tags(new: Values, old: Values, now: Values) -> Values:
    gone = {_plain(each) for each in old} - {_plain(each) for each in new}
    stay = [each for each in now if _plain(each) not in gone]
    have = {_plain(each) for each in stay} | {_plain(each) for each in old}
    return (*stay, *(each for each in new if _plain(each) not in have))


def _merge_lines(new: Values, old: Values, now: Values, ours_win: bool) -> Values | None:
    """Lines we removed go, lines we added come in their place; ``None`` when the user has rewritten a line of ours."""
    gone = [each for each in old if each.strip() and each not in new]
    added = [each for each in new if each not in old and each not in now]
    if not ours_win and any(each not in now for each in gone):
        return None
    at = min((now.index(each) for each in gone if each in now), default=len(now))
    stay = [each for each in now if each not in gone]
    return (*stay[:at], *added, *stay[at:])


# --- the patch ---------------------------------------------------------------------------------------------------------


def patch(theirs: Item, changes: Mapping[str, Values], labels: Mapping[str, str], schema: Schema) -> Item:
    """The JSON fields to send so that an item has the changed values; ``{}`` for none. `labels` are those of our side."""
    if "itemType" in changes:
        return _retype(theirs, changes, labels, schema)
    kind = schema.types[str(theirs["itemType"])]
    found: Item = {}
    lines = parse(str(theirs.get("extra") or ""))
    people: list[dict[str, Any]] = list(theirs.get("creators") or [])
    for name, values in changes.items():
        if name in (ATTACHMENTS, NOTES):
            continue  # items of their own
        if name == "tags":
            found["tags"] = _tags(theirs, values)
        elif name == "collections":
            found["collections"] = list(values)
        elif name == "note":
            lines = _free(lines, values)
        elif name.startswith("role:"):
            people, lines = _people(people, lines, name[5:], values, kind, schema)
        else:
            lines = _put(found, lines, name, values, labels.get(name, ""), kind, schema)
    if any(name.startswith("role:") for name in changes) and people != list(theirs.get("creators") or []):
        found["creators"] = people
    if (text := join(lines)) != str(theirs.get("extra") or ""):
        found["extra"] = text
    return found


def _tags(theirs: Item, values: Values) -> list[dict[str, Any]]:
    have = {str(each.get("tag", "")).strip(): each for each in theirs.get("tags") or ()}
    return [have.get(each, {"tag": each}) for each in values]


def _free(lines: tuple[Line, ...], values: Values) -> tuple[Line, ...]:
    """The lines with the free ones replaced, in order, at the places of the free ones."""
    left = list(values)
    kept: list[Line] = []
    for line in lines:
        if _line_meaning(line):
            kept.append(line)
        elif left:
            kept.append(Line(left.pop(0)))
    return (*kept, *(Line(each) for each in left))


def _put(
    found: Item, lines: tuple[Line, ...], name: str, values: Values, label: str, kind: ItemType, schema: Schema
) -> tuple[Line, ...]:
    """Set a value in the type's own field when it has one, and then in no Extra line; else in Extra."""
    if name.startswith("field:"):
        if name[6:] in kind.fields:
            found[name[6:]] = values[0] if values else ""
            return lines
        return assign(lines, f"tex.{name[6:]}".lower(), values, f"tex.{name[6:]}")
    own = "" if name.startswith("x:") else native_for(name, schema, kind.name)
    same = [line.label for line in lines if line.label and _line_meaning(line) == name]
    fits = own and not (own == "accessDate" and values and not ISO.fullmatch(values[0]))
    if fits:
        found[own] = values[0] if values else ""
        for each in same:
            lines = assign(lines, fold_label(each), (), each)
        return lines
    if own:
        found[own] = ""
    label = same[0] if same else label or label_of(name)
    return assign(lines, fold_label(label), values, label)


def _people(
    people: list[dict[str, Any]], lines: tuple[Line, ...], role: str, values: Values, kind: ItemType, schema: Schema
) -> tuple[list[dict[str, Any]], tuple[Line, ...]]:
    """Creators of one role replaced, the others where they were."""
    creator_type = creators.creator_type(role, kind, schema)
    at = next((i for i, each in enumerate(people) if _role(each, kind, schema) == role), len(people))
    have = {_normal("role:", (_name(each),)): each for each in people if _role(each, kind, schema) == role}
    new: list[dict[str, Any]] = []
    text: list[str] = []
    for each in values:
        made = have.get(_normal("role:", (each,))) or _creator(each, creator_type)
        fits = all(len(str(made.get(part, ""))) <= LONGEST_NAME for part in ("name", "firstName", "lastName"))
        if creator_type and fits:
            new.append(made)
        else:
            text.append(each)
    rest = [each for each in people if _role(each, kind, schema) != role]
    return [*rest[:at], *new, *rest[at:]], assign(lines, fold_label(role), tuple(text), role)


def _creator(value: str, creator_type: str) -> dict[str, Any]:
    last, bars, first = value.partition("||")
    if bars and last.strip():
        return {"creatorType": creator_type, "firstName": first.strip(), "lastName": last.strip()}
    return {"creatorType": creator_type, "name": value.strip(" |")}


def _retype(theirs: Item, changes: Mapping[str, Values], labels: Mapping[str, str], schema: Schema) -> Item:
    """An item of another type: every value finds its place anew, so nothing that the user has goes with the old type."""
    current = view(theirs, schema)
    wanted = {**{name: values for name, values in current.values.items() if name != "itemType"}, **changes}
    new_type = wanted.pop("itemType")[0]
    known = tuple(line for line in parse(str(theirs.get("extra") or "")) if not _native_now(line, new_type, schema))
    blank: Item = {"itemType": new_type, "extra": join(known), "creators": [], "tags": theirs.get("tags") or []}
    found = patch(blank, {n: v for n, v in wanted.items() if v or n in changes}, {**current.labels, **labels}, schema)
    return {"itemType": new_type, "creators": [], "extra": blank["extra"], **found}


def _native_now(line: Line, item_type: str, schema: Schema) -> bool:
    what = _line_meaning(line)
    return bool(what and (what.startswith("role:") or native_for(what, schema, item_type)))
