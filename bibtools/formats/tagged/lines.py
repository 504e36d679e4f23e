"""Tagged text to records of tags, and such records to a `Format`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats.draft import Draft
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["Chunk", "Place", "Tag", "joined", "records_of", "tagged_format"]


class Tag(NamedTuple):
    name: str
    lines: tuple[str, ...]  # the value, and the lines that continue it


class Chunk(NamedTuple):
    """The tags of a record, or (``stray``) text outside all records. ``cut``: it has no end where the format has one."""

    line: int
    tags: tuple[Tag, ...] = ()
    stray: str = ""
    cut: bool = False


Place = Callable[[Draft, Tag], bool]  # whether the tag found its place
LINE_ENDS = re.compile(r"\r\n?|\x0b|\x0c")


def joined(tag: Tag) -> str:
    return " ".join(" ".join(tag.lines).split())


def records_of(
    text: str,
    line: re.Pattern[str],
    *,
    starts: Callable[[str, bool], bool],
    end: str = "",
    skipped: frozenset[str] = frozenset(),
    continued: re.Pattern[str] | None = None,
) -> Iterator[Chunk]:
    """Records of lines that match ``line`` (groups ``tag`` and ``value``, which may be absent).

    ``starts`` is asked for each tag, and whether a blank line precedes it; ``end`` is the tag that ends a record. Tags of
    ``skipped`` belong to the file. Other lines continue the tag above, where ``continued`` (if given) matches.
    """
    tags: list[tuple[str, list[str]]] = []
    stray: list[str] = []
    begin = first_stray = 0
    blank = True

    def done(cut: bool) -> Iterator[Chunk]:
        if tags:
            yield Chunk(begin, tuple(Tag(name, tuple(values)) for name, values in tags), cut=cut)
            tags.clear()

    def astray() -> Iterator[Chunk]:
        if stray:
            yield Chunk(first_stray, stray="\n".join(stray))
            stray.clear()

    for number, raw in enumerate(LINE_ENDS.sub("\n", text).removeprefix("\ufeff").split("\n"), 1):
        found = line.match(raw)
        if found is None:
            if not raw.strip():
                blank = True
            elif tags and (continued is None or continued.match(raw)):
                tags[-1][1].append(raw.strip())
            else:
                first_stray = first_stray if stray else number
                stray.append(raw)
            continue
        name, value = found["tag"], (found["value"] or "").strip()
        if name in skipped:
            continue
        if end and name == end:
            yield from done(False)
        else:
            if starts(name, blank):
                yield from done(bool(end))
            if not tags:
                yield from astray()
                begin = number
            tags.append((name, [value] if value else []))
        blank = False
    yield from done(bool(end))
    yield from astray()


def tagged_format(
    *,
    name: str,
    summary: str,
    suffixes: tuple[str, ...],
    chunks: Callable[[str], Iterator[Chunk]],
    table: Mapping[str, str],
    place: Place,
    prepare: Callable[[Draft, tuple[Tag, ...]], tuple[Tag, ...]] = lambda _, tags: tags,
    looks_like: Callable[[str], bool],
) -> Format:
    """A reading format: ``table`` has the tags whose text is a field's, ``place`` does the others, ``prepare`` sees all tags
    of a record before (its type often depends on several) and returns those that are left."""

    def stream(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
        index = 0
        for chunk in chunks(text):
            origin = Origin(options.source, chunk.line, index)
            if chunk.stray:
                yield Problem("text outside a record", origin, "warning", chunk.stray)
                continue
            draft = Draft(origin)
            for tag in prepare(draft, chunk.tags):
                if not tag.lines:
                    continue
                field = table.get(tag.name)
                if field is not None:
                    draft.put(field, joined(tag), f"{name} {tag.name}")
                elif not place(draft, tag):
                    draft.keep(f"{name} {tag.name}", "\n".join(tag.lines))
            index += 1
            yield draft.record()
            yield from draft.problems
            if chunk.cut:
                yield Problem("the record has no end; it was read up to here", origin, "warning")

    def read(text: str, options: ReadOptions) -> Batch:
        return collect(stream(text, options))

    return Format(name, summary, suffixes, looks_like=looks_like, read=read)
