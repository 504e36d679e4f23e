"""Joins the rooms: everything the command line can do, a script can do with these functions.

Each part is loaded when it is first used: who converts a page does not wait for the matcher.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibtools.api.checking import check, check_fix, check_together
    from bibtools.api.citing import Citations, Excerpt, cited, read_citations
    from bibtools.api.companions import load_companions
    from bibtools.api.completing import Completion, complete_bibliography
    from bibtools.api.confirming import confirmed
    from bibtools.api.converting import Conversion, assign_keys, convert, write_records
    from bibtools.api.editing import Changed, format_bib, set_fields
    from bibtools.api.harvesting import harvest_arxiv
    from bibtools.api.indexing import build_index, update_index
    from bibtools.api.looking import Found, identified, keyed, look_up, notice_about, read_titles
    from bibtools.api.merging import (
        RECORD_FIELDS,
        Ask,
        Back,
        Branches,
        MergeResult,
        Question,
        Quit,
        Reply,
        dedupe,
        merge,
        merge_branches,
    )
    from bibtools.api.previewing import preview
    from bibtools.api.reading import (
        InputError,
        Inputs,
        choose_format,
        doubtful,
        has_references,
        read_bytes,
        read_inputs,
        read_records,
    )
    from bibtools.api.rekeying import Rekeyed, rekey
    from bibtools.api.services import (
        Status,
        ask_online,
        forget_answers,
        identified_online,
        look_up_online,
        online_options,
        online_session,
        online_status,
        read_titles_online,
        with_answers,
    )
    from bibtools.api.verifying import Verification, accept, answered, asking_services, verify, verify_files

__all__ = [
    "RECORD_FIELDS",
    "Ask",
    "Back",
    "Branches",
    "Changed",
    "Citations",
    "Completion",
    "Conversion",
    "Excerpt",
    "Found",
    "InputError",
    "Inputs",
    "MergeResult",
    "Question",
    "Quit",
    "Rekeyed",
    "Reply",
    "Status",
    "Verification",
    "accept",
    "answered",
    "ask_online",
    "asking_services",
    "assign_keys",
    "build_index",
    "check",
    "check_fix",
    "check_together",
    "choose_format",
    "cited",
    "complete_bibliography",
    "confirmed",
    "convert",
    "dedupe",
    "doubtful",
    "forget_answers",
    "format_bib",
    "harvest_arxiv",
    "has_references",
    "identified",
    "identified_online",
    "keyed",
    "load_companions",
    "look_up",
    "look_up_online",
    "merge",
    "merge_branches",
    "notice_about",
    "online_options",
    "online_session",
    "online_status",
    "preview",
    "read_bytes",
    "read_citations",
    "read_inputs",
    "read_records",
    "read_titles",
    "read_titles_online",
    "rekey",
    "set_fields",
    "update_index",
    "verify",
    "verify_files",
    "with_answers",
    "write_records",
]

_HOME = {
    "checking": ("check", "check_fix", "check_together"),
    "citing": ("Citations", "Excerpt", "cited", "read_citations"),
    "companions": ("load_companions",),
    "confirming": ("confirmed",),
    "completing": ("Completion", "complete_bibliography"),
    "converting": ("Conversion", "assign_keys", "convert", "write_records"),
    "editing": ("Changed", "format_bib", "set_fields"),
    "harvesting": ("harvest_arxiv",),
    "indexing": ("build_index", "update_index"),
    "merging": (
        "RECORD_FIELDS",
        "Ask",
        "Back",
        "Branches",
        "MergeResult",
        "Question",
        "Quit",
        "Reply",
        "dedupe",
        "merge",
        "merge_branches",
    ),
    "looking": ("Found", "identified", "keyed", "look_up", "notice_about", "read_titles"),
    "previewing": ("preview",),
    "reading": (
        "InputError",
        "Inputs",
        "choose_format",
        "doubtful",
        "has_references",
        "read_bytes",
        "read_inputs",
        "read_records",
    ),
    "rekeying": ("Rekeyed", "rekey"),
    "services": (
        "Status",
        "ask_online",
        "forget_answers",
        "identified_online",
        "look_up_online",
        "online_options",
        "online_session",
        "online_status",
        "read_titles_online",
        "with_answers",
    ),
    "verifying": ("Verification", "accept", "answered", "asking_services", "verify", "verify_files"),
}


def __getattr__(name: str) -> object:
    for room, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"bibtools.api.{room}"), name)
    raise AttributeError(f"module 'bibtools.api' has no attribute {name!r}")
