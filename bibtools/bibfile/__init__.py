"""A .bib file kept whole; an edit replaces one slice.

``parse(data)`` gives a `Document`, ``to_bytes()`` the same bytes back. `scanner` finds where things begin and end,
`document` holds them, `values` says what BibTeX reads in a value, `style` how the file is written. `edits` are what can be
changed, `draft` changes one entry, `applying` the file. `problems` tells what is wrong with it,
`library` is the adapter to bibtexparser's object model, `companions` are files that are read with it,
`references` fields that hold keys.
"""

from __future__ import annotations

from bibtools.bibfile.companions import Companions, companions
from bibtools.bibfile.document import Block, Document, Entry, Field, parse
from bibtools.bibfile.edits import (
    AddEntry,
    Edit,
    EditError,
    RemoveEntry,
    RemoveField,
    RenameField,
    SetField,
    SetKey,
    SetString,
    SetType,
)
from bibtools.bibfile.style import Style

__all__ = [
    "AddEntry",
    "Block",
    "Companions",
    "Document",
    "Edit",
    "EditError",
    "Entry",
    "Field",
    "RemoveEntry",
    "RemoveField",
    "RenameField",
    "SetField",
    "SetKey",
    "SetString",
    "SetType",
    "Style",
    "companions",
    "parse",
]
