"""Names and creators: two models of a person.

Zotero has first and last name, or one name. As Zotero's own importer and Better BibTeX write it, a particle leads the last
name (``van der Tak | Floris``), and a suffix follows the first name after a comma (``Martin Luther, Jr.``); where a
particle ends the first name (``Beethoven | Ludwig van``, citeproc's other way) it is read the same.

A role that a type has no creator for goes to Extra as ``editor: Family || Given``, Zotero's own convention, one line a name.
"""

from __future__ import annotations

from typing import Any

from bibtools import fold
from bibtools.record import Name, Record
from zotero_bridge.fields import CREATORS, CSL_ROLES
from zotero_bridge.schema import LONGEST_NAME, ItemType, Schema

__all__ = ["creator", "creator_type", "from_creators", "from_line", "name", "roles", "to_creators", "to_line"]

Creator = dict[str, Any]


def _halves(name: Name) -> tuple[str, str]:
    particle, given = name.dropping_particle, name.given
    if not given and not all(word in fold.PARTICLES for word in particle.split()):
        particle, given = "", particle  # a name all in small letters: BibTeX takes its first name for a particle
    last = " ".join(part for part in (particle, name.non_dropping_particle, name.family) if part)
    return last, f"{given}, {name.suffix}" if name.suffix else given


def creator(name: Name, creator_type: str) -> Creator:
    """A name as Zotero writes it; a name without a family name is one name."""
    last, first = _halves(name)
    if name.literal or not last:
        return {"creatorType": creator_type, "name": name.literal or first}
    return {"creatorType": creator_type, "firstName": first, "lastName": last}


def _name(last: str, first: str) -> Name:
    words = last.split()
    cut = next((i for i, word in enumerate(words) if not word[0].islower()), 0)
    given, _, suffix = first.rpartition(", ") if ", " in first else (first, "", "")
    parts = given.split()
    end = len(parts)
    while end > 1 and parts[end - 1] in fold.PARTICLES:
        end -= 1
    return Name(
        family=" ".join(words[cut:]),
        given=" ".join(parts[:end]),
        dropping_particle=" ".join((*parts[end:], *words[:cut])),  # as names of a .bib are read
        suffix=suffix.strip(),
    )


def name(creator: Creator) -> Name:
    last, first = str(creator.get("lastName", "")).strip(), str(creator.get("firstName", "")).strip()
    if creator.get("name") or not (last and first):
        one = " ".join(str(creator.get("name") or f"{first} {last}").split())
        return Name(family=one) if last and " " not in one and "name" not in creator else Name(literal=one)
    return _name(last, first)


def to_line(name: Name) -> str:
    if name.literal:
        return name.literal
    last, first = _halves(name)
    return f"{last} || {first}"


def from_line(value: str) -> Name:
    last, bars, first = value.partition("||")
    return _name(last.strip(), first.strip()) if bars and last.strip() else Name(literal=value.strip())


def roles(record: Record) -> list[tuple[str, tuple[Name, ...]]]:
    """CSL role and names, in the order in which Zotero shows them."""
    fixed = [(role, getattr(record, field)) for field, role in CREATORS if getattr(record, field)]
    return [*fixed, *((role, names) for role, names in record.other_creators if names)]


def creator_type(role: str, kind: ItemType, schema: Schema) -> str:
    """The type's creator type for a CSL role, or ``""``."""
    if role == "author":
        return kind.creators[0] if kind.creators and _is_author(kind, schema) else ""
    named = [each for each in kind.creators[_is_author(kind, schema) :] if schema.csl_roles.get(each, each) == role]
    return named[0] if named else ""


def _is_author(kind: ItemType, schema: Schema) -> bool:
    """Whether the primary creator is CSL's author; a hearing's is a mere contributor."""
    return bool(kind.creators) and kind.creators[0] != "contributor"


def to_creators(record: Record, kind: ItemType, schema: Schema) -> tuple[list[Creator], list[tuple[str, str]]]:
    """Zotero's creators, and for Extra the label and value of those that the type has no place for."""
    found: list[Creator] = []
    lines: list[tuple[str, str]] = []
    for role, names in roles(record):
        made_as = creator_type(role, kind, schema)
        for each in names:
            made = creator(each, made_as)
            fits = all(len(str(made.get(part, ""))) <= LONGEST_NAME for part in ("name", "firstName", "lastName"))
            if made_as and fits:
                found.append(made)
            elif role in CSL_ROLES and any(text.strip() for part, text in made.items() if part != "creatorType"):
                lines.append((role, to_line(each)))
    return [each for each in found if each.get("name") or each.get("lastName")], lines


def from_creators(
    creators: list[Creator], lines: list[tuple[str, str]], kind: ItemType, schema: Schema
) -> dict[str, Any]:
    """Record fields from an item's creators and the creator lines of its Extra."""
    by_role: dict[str, list[Name]] = {}
    primary = kind.creators[0] if _is_author(kind, schema) else ""
    for each in creators:
        creator_type = str(each.get("creatorType", ""))
        role = "author" if creator_type == primary else schema.csl_roles.get(creator_type, creator_type)
        by_role.setdefault(role, []).append(name(each))
    for role, value in lines:
        by_role.setdefault(role, []).append(from_line(value))
    fixed = {field: tuple(by_role.pop(role)) for field, role in CREATORS if role in by_role}
    return {**fixed, "other_creators": tuple((role, tuple(names)) for role, names in by_role.items())}
