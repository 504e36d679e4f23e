"""RIS text to tags and back, by rispy, whose rules for lines these are.

Two things that rispy does would lose something and are overridden: the second value of a tag that is no list is dropped, and a
record without its ``ER`` is. So every tag is a list here, and a text is cut into records first, which also gives each its line.
A line without tag continues the value above it, on a new line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import rispy

__all__ = ["Chunk", "chunks", "text"]

Tags = tuple[tuple[str, str], ...]

FIRST = re.compile(r"^\ufeff?(?P<indent>[ \t]*)TY(?P<blanks> {1,3})-", re.MULTILINE)
LINE_ENDS = re.compile(r"\r\n?")
NUMBER = re.compile(r"\s*\d*\.?\s*")


class Chunk(NamedTuple):
    """A record's tags, or (``stray``) text that stands outside all records."""

    line: int
    tags: Tags = ()
    ended: bool = True
    stray: str = ""


class _Mapping(dict[str, str]):
    """Every tag is known, under its own name."""

    def __missing__(self, tag: str) -> str:
        return tag


class Parser(rispy.RisParser):  # type: ignore[misc]
    """Keeps tags in their order: the record is a dictionary for rispy's sake only.

    The first ``TY`` of a text shows how it writes tags: a blank too few or an indent count there, and nowhere else, so that a
    further line of an abstract is not taken for a tag.
    """

    def __init__(self, first: re.Match[str] | None) -> None:
        super().__init__(mapping=_Mapping())
        indent = "[ \\t]*" if first and first["indent"] else ""
        blanks = "  " if not first or len(first["blanks"]) == 2 else " {1,3}"
        tag = "(?P<tag>[A-Z][A-Z0-9])"
        self.line = re.compile(rf"\ufeff?{indent}{tag}{blanks}-(?: (?P<value>.*)|\Z)", re.DOTALL)
        self.start = re.compile(rf"^\ufeff?{indent}TY{blanks}-", re.MULTILINE)
        self.end = re.compile(rf"^{indent}ER{blanks}-[^\n]*", re.MULTILINE)

    def parse_line(self, line: str) -> tuple[str | None, str]:
        found = self.line.match(line)
        return (found["tag"], (found["value"] or "").strip()) if found else (None, line.strip())

    def _add_tag(self, record: dict[str, Any], tag: str | None, content: str, extend_multiline: bool = False) -> None:
        tags: list[tuple[str, list[str]]] = record.setdefault("tags", [])
        if extend_multiline and tags:
            tags[-1][1].append(content)
        else:
            tags.append((tag or "N1", [content]))


class Writer(rispy.RisWriter):  # type: ignore[misc]
    def set_header(self, count: int) -> str:
        return ""


def chunks(text: str) -> Iterator[Chunk]:
    """The records of a text and what stands between them."""
    text = LINE_ENDS.sub("\n", text)
    parser = Parser(FIRST.search(text))
    starts = [found.start() for found in parser.start.finditer(text)]
    before = text[: starts[0]] if starts else text
    if not NUMBER.fullmatch(before.strip("\ufeff")):
        yield Chunk(1, stray=before.strip("\n"))
    line = 1 + before.count("\n")
    for start, stop in zip(starts, [*starts, len(text)][1:], strict=True):
        body = text[start:stop]
        end = parser.end.search(body)
        yield Chunk(line, _tags(parser, body[: end.end()] if end else body), ended=end is not None)
        behind = body[end.end() :] if end else ""
        if not NUMBER.fullmatch(behind):
            yield Chunk(line + body.count("\n", 0, len(body) - len(behind.lstrip("\n"))), stray=behind.strip("\n"))
        line += body.count("\n")


def _tags(parser: Parser, body: str) -> Tags:
    kind, _, rest = body.partition("\n")
    (record,) = parser.parse(f"TY  - \n{rest}\nER  - ")[:1] or [{}]
    pairs = ((tag, "\n".join(lines).strip()) for tag, lines in record.get("tags", ()))
    return (("TY", parser.parse_line(kind)[1]), *pairs)


def text(tags: Tags) -> str:
    """A record's lines, ``TY`` first and ``ER`` last; a value's further lines are indented so that none looks like a tag."""
    known: dict[str, Any] = {"type_of_reference": tags[0][1]}
    for tag, value in tags[1:]:
        known.setdefault(tag.lower(), []).append(LINE_ENDS.sub("\n", value).replace("\n", "\n      "))
    mapping = {"TY": "type_of_reference", "ER": "er", "UK": "\0", **{tag: tag.lower() for tag, _ in tags[1:]}}
    writer = Writer(mapping=mapping, list_tags=[tag for tag, _ in tags], delimiter_tags_mapping={})
    written: str = writer.formats([known])
    return written.rstrip("\n") + "\n\n"
