"""What belongs to an item: files and notes of an entry on one side, attachments and child notes on the other. Pure.

A ``file`` field is JabRef's (``description:path:type;...``), Better BibTeX's and Zotero's (the same, with ``\\:`` for a colon)
or a bare path; a path is relative to the .bib. An attachment is known by the name of its file: the same paper lies in other
folders on other computers, and a copy that Zotero has stored need not be linked. Child items get keys made of their parent's
key and their name, so that an attachment cannot be made twice, whatever happens.
"""

from __future__ import annotations

import hashlib
import html
import mimetypes
import ntpath
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from bibtools.record import Record
from zotero_bridge.schema import Item

__all__ = [
    "ATTACHMENTS",
    "NONE",
    "NOTES",
    "Belongings",
    "File",
    "Split",
    "child_key",
    "field_of",
    "html_of",
    "linked_files",
    "name_of",
    "parse",
    "splitter",
    "text_of",
    "values",
    "with_files",
]

ATTACHMENTS, NOTES = "attachments", "child-notes"  # as `compare` names values
ALPHABET = "23456789ABCDEFGHIJKLMNPQRSTUVWXYZ"
DRIVE = re.compile(r"[A-Za-z]:[\\/]")
URL = re.compile(r"https?://", re.IGNORECASE)
ESCAPED = re.compile(r"\\([:;\\_&%#$~{}])")
PARTS = re.compile(r"(?<!\\);")
CELLS = re.compile(r"(?<!\\):")
BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/blockquote|/tr)\b[^>]*>", re.IGNORECASE)
TAGS = re.compile(r"<[^>]*>")
LONGEST = 65_000  # characters of a path or an address


@dataclass(frozen=True, slots=True)
class File:
    """One file of an entry. `path` is as the field says it, without escapes; `written` is its part of the field."""

    path: str
    title: str = ""
    written: str = ""

    @property
    def is_url(self) -> bool:
        return bool(URL.match(self.path))

    @property
    def name(self) -> str:
        return self.path if self.is_url else ntpath.basename(self.path) or self.path

    def absolute(self, folder: str) -> str:
        """The path on this computer; another system's path stays as it is."""
        if DRIVE.match(self.path) or self.path.startswith("\\\\"):
            return self.path if os.name != "nt" else ntpath.normpath(self.path)
        path = self.path if os.name == "nt" else self.path.replace("\\", "/")
        return os.path.normpath(os.path.join(folder, os.path.expanduser(path)))  # noqa: PTH111, PTH118

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


def parse(value: str) -> tuple[File, ...]:
    """The files of a ``file`` field."""
    return tuple(found for part in PARTS.split(value) if (found := _file(part.strip())))


def _file(part: str) -> File | None:
    if URL.match(part) or DRIVE.match(part):
        return File(_plain(part) if DRIVE.match(part) else part, written=part)
    cells = CELLS.split(part)
    path, title = part, ""
    if len(cells) >= 3 and not cells[-1].startswith(("/", "\\")):  # a drive's colon need not be escaped
        path, title = ":".join(cells[1:-1]), cells[0]
    elif len(cells) == 2:
        title, path = cells
    path = _plain(path).strip()
    if path.lower().startswith("file:"):
        path = unquote(urlsplit(path).path)
        path = path[1:] if DRIVE.match(path[1:]) else path
    return File(path, _plain(title).strip(), part) if path and len(path) < LONGEST else None


def _plain(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


def field_of(path: str, title: str = "") -> str:
    """A part of a ``file`` field, in JabRef's form."""
    kind = "PDF" if path.lower().endswith(".pdf") else ""
    return ":".join(re.sub(r"([\\:;])", r"\\\1", cell) for cell in (title, path, kind))


# --- of an entry -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Belongings:
    """Attachments and notes that a record is to have, as child items without key and parent, by the names of their values."""

    attachments: Mapping[str, Item]
    notes: tuple[str, ...] = ()
    uploads: Mapping[str, str] = field(default_factory=dict)  # name -> path on this computer
    missing: tuple[str, ...] = ()  # files that are not there
    unheld: tuple[str, ...] = ()  # files that a group cannot hold


NONE = Belongings({})
Split = Callable[[Record], tuple[Record, Belongings]]


def splitter(folder: str, *, linked: bool, upload: bool, note_fields: Sequence[str]) -> Split:
    """How a record is parted from its files and notes. `linked`: the library can hold links to files of this computer.

    What cannot be held stays in the record, and so goes to a line of Extra.
    """

    def split(record: Record) -> tuple[Record, Belongings]:
        files = [file for value in _extra(record, "file") for file in parse(value)]
        pdf = [File(record.url)] if _is_pdf(record.url) else []
        texts = [text_of(html_of(text)) for name in note_fields for text in _texts(record, name) if text.strip()]
        if not (files or pdf or texts):
            return record, NONE
        attachments: dict[str, Item] = {}
        uploads: dict[str, str] = {}
        missing: list[str] = []
        unheld: list[str] = []
        for file in (*files, *pdf):
            path = file.path if file.is_url else file.absolute(folder)
            there = file.is_url or os.path.isfile(path)  # noqa: PTH113 (raises nothing)
            if not there:
                missing.append(file.path)
            if file.is_url:
                attachments[file.name] = _attachment("linked_url", file, url=path)
            elif upload and there:
                attachments[file.name] = _attachment("imported_file", file, filename=file.name)
                uploads[file.name] = path
            elif linked:
                attachments[file.name] = _attachment("linked_file", file, path=path)
            else:
                unheld.append(file.path)
        names = {"file"} if files and not unheld else set()
        plain = _without(record, names | set(note_fields)) if names or texts else record
        return plain, Belongings(attachments, tuple(texts), uploads, tuple(missing), tuple(unheld))

    return split


def _attachment(mode: str, file: File, **more: str) -> Item:
    title = file.title or ("PDF" if file.is_url else file.name)
    return {"itemType": "attachment", "linkMode": mode, "title": title[:255], "contentType": file.content_type, **more}


def _is_pdf(url: str) -> bool:
    if not URL.match(url):
        return False
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    return found.path.lower().endswith(".pdf") or (found.hostname == "arxiv.org" and found.path.startswith("/pdf/"))


def _extra(record: Record, name: str) -> list[str]:
    return [value for own, value in record.extra if own == name]


def _texts(record: Record, name: str) -> list[str]:
    return [getattr(record, name), *_extra(record, name)] if name in ("annote", "note") else _extra(record, name)


def _without(record: Record, names: set[str]) -> Record:
    record = replace(record, extra=tuple(pair for pair in record.extra if pair[0] not in names))
    record = replace(record, annote="") if "annote" in names else record
    return replace(record, note="") if "note" in names else record


def with_files(record: Record, add: Iterable[str], gone: Iterable[str], folder: str) -> tuple[tuple[str, str], ...]:
    """The ``extra`` of a record whose ``file`` field has some files more and some less; the others stay as written."""
    dropped = set(gone)
    value = ";".join(_extra(record, "file"))
    parts = [file.written for file in parse(value) if file.name not in dropped]
    parts += [field_of(_relative(path, folder)) for path in add]
    pairs = [pair for pair in record.extra if pair[0] != "file"]
    place = next((index for index, pair in enumerate(record.extra) if pair[0] == "file"), len(pairs))
    if parts:
        pairs.insert(place, ("file", ";".join(parts)))
    return tuple(pairs)


def _relative(path: str, folder: str) -> str:
    """A path within the folder of the .bib is told from there."""
    if not os.path.isabs(path) or not path.startswith(folder + os.sep):  # noqa: PTH117
        return path
    return os.path.relpath(path, folder).replace(os.sep, posixpath.sep)


# --- of an item --------------------------------------------------------------------------------------------------------


def name_of(child: Item) -> str:
    """What an attachment is known by."""
    if child.get("linkMode") == "linked_url":
        return str(child.get("url") or "")
    path = str(child.get("path") or "").removeprefix("attachments:").removeprefix("storage:")
    return ntpath.basename(path) or str(child.get("filename") or child.get("title") or "")


def linked_files(children: Iterable[Item]) -> list[str]:
    """The paths of what an item links to on this computer."""
    alive = [child for child in children if not child.get("deleted") and child.get("linkMode") == "linked_file"]
    return [path.removeprefix("attachments:") for child in alive if (path := str(child.get("path") or ""))]


def values(children: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    """The children of an item as values."""
    alive = [child for child in children if not child.get("deleted")]
    names = tuple(name_of(child) for child in alive if child.get("itemType") == "attachment")
    texts = tuple(text_of(str(child.get("note") or "")) for child in alive if child.get("itemType") == "note")
    return {name: found for name, found in ((ATTACHMENTS, names), (NOTES, texts)) if found}


def child_key(parent: str, name: str) -> str:
    """The key of a child: always the same for the same name."""
    number = int.from_bytes(hashlib.sha256(f"{parent} {name}".encode("utf-8", "surrogatepass")).digest())
    letters = []
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def html_of(text: str) -> str:
    """A text as the note that Zotero keeps."""
    paragraphs = (part.strip() for part in re.split(r"\n\s*\n", text.strip()))
    return "".join(f"<p>{html.escape(part, quote=False).replace(chr(10), '<br/>')}</p>" for part in paragraphs if part)


def text_of(note: str) -> str:
    """What a note says, without its layout; paragraphs are parted by an empty line."""
    text = re.sub(r"</p>\s*", "\n\n", note, flags=re.IGNORECASE)
    plain = html.unescape(TAGS.sub("", BREAKS.sub("\n", text)))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()
