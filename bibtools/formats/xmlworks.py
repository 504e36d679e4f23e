"""Works in XML: parsed by `defusedxml` piece by piece, so that a file larger than memory passes through and a cut one gives the
works that are whole. Entity bombs and external entities are refused and told.

Names of elements are local names; a format is known by its root and namespace, and within it local names do not clash. What a
reader places it clears from the element; what remains is kept, as one JSON object, in ``extra`` under ``<format> rest`` (see
`jsonworks`), attributes with ``@`` before their name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html.entities import name2codepoint
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from bibtools import jsontext
from bibtools.format import Format, ReadOptions, Writer, collect
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import name_of_rest
from bibtools.formats.marked import INLINE
from bibtools.record import Batch, Origin, Problem, Record

if TYPE_CHECKING:
    from defusedxml.ElementTree import DefusedXMLParser

__all__ = ["cleared", "elements", "root_of", "shown", "take", "take_all", "without_illegal", "xml_format"]

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # https://www.w3.org/TR/xml/#charsets
TAG = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)([^>]*)")
BLANK = re.compile(r"[\ufeff \t\r\n]*")
SUBSET = re.compile(r"<!DOCTYPE[^\[>]*(\[)?", re.IGNORECASE)
PIECE = 1 << 16
DEEPEST = 200
ENTITIES = {name: chr(code) for name, code in name2codepoint.items()}


def prolog_end(text: str) -> int:
    """Where the root element begins: behind declarations, comments and the document type. Stepwise, since one expression
    for all of it takes exponential time on a text of comments."""
    at = 0
    while True:
        at = BLANK.match(text, at).end()  # type: ignore[union-attr]
        if text.startswith("<?", at):
            end, width = text.find("?>", at), 2
        elif text.startswith("<!--", at):
            end, width = text.find("-->", at), 3
        elif subset := SUBSET.match(text, at):
            end, width = (text.find("]", subset.end()), 1) if subset[1] else (text.find(">", at), 1)
            if subset[1] and end >= 0:
                end = text.find(">", end)
        else:
            return at
        if end < 0:
            return at
        at = end + width


def root_of(head: str) -> tuple[str, str]:
    """Local name and attributes of the root element of a text's beginning; ``("", "")`` where it is no XML."""
    if "<" not in head[:64]:
        return "", ""
    found = TAG.match(head, prolog_end(head))
    return (found[1], found[2]) if found else ("", "")


PREFIX = re.compile(r"<([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")


def declared(head: str) -> str:
    """The beginning of a text, with the prefixes declared that a copied part of a file uses without saying what they are."""
    root = TAG.match(head, prolog_end(head))
    if root is None:
        return head
    used = {found[1] or found[2] for found in PREFIX.finditer(head)} - {"xml", "xmlns"}
    missing = [prefix for prefix in sorted(used) if f"xmlns:{prefix}=" not in head]
    at = root.start(2)
    return head[:at] + "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in missing) + head[at:]


class _TooDeepError(Exception):
    pass


class _Target:
    """Builds the wanted elements and nothing else; each goes to ``done`` with its line."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self.wanted = wanted
        self.parser: DefusedXMLParser | None = None
        self.done: list[tuple[Element, int]] = []
        self.stack: list[Element] = []
        self.line = 0
        self.text: list[str] = []
        self.last: Element | None = None  # the element that ended last, whose tail follows

    def flush(self) -> None:
        if self.text:
            text = "".join(self.text)
            self.text = []
            if self.last is not None:
                self.last.tail = text
            elif self.stack:
                self.stack[-1].text = text

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        if not self.stack:
            if local not in self.wanted:
                return
            assert self.parser is not None
            self.line = self.parser.parser.CurrentLineNumber
        else:
            self.flush()
            if len(self.stack) > DEEPEST:
                raise _TooDeepError
        if attributes and any("}" in name for name in attributes):
            attributes = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        element = Element(local, attributes)
        if self.stack:
            self.stack[-1].append(element)
        self.stack.append(element)
        self.last = None

    def data(self, text: str) -> None:
        if self.stack:
            self.text.append(text)

    def end(self, _tag: str) -> None:
        if self.stack:
            self.flush()
            self.last = self.stack.pop()
            if not self.stack:
                self.done.append((self.last, self.line))
                self.last = None

    def close(self) -> None:
        pass


def elements(pieces: Iterable[str], wanted: frozenset[str], source: str) -> Iterator[tuple[Element, int] | Problem]:
    """Every outermost element of the wanted names with its line, in order, and what ended the reading too early."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    target = _Target(wanted)
    parser = DefusedXMLParser(target=target)
    target.parser = parser
    parser.entity.update(ENTITIES)  # of HTML; those that a DTD declares are refused
    count = 0
    try:
        for place, piece in enumerate(pieces):
            clean = without_illegal(piece)
            parser.feed(clean if place else declared(clean.lstrip("\ufeff \t\r\n")))
            count += len(target.done)
            yield from target.done
            target.done = []
        parser.close()
    except DefusedXmlException:
        yield from target.done
        yield Problem("the file declares entities, which is not read", Origin(source, 1))
    except _TooDeepError:
        yield from target.done
        yield Problem(f"elements nested more than {DEEPEST} deep; not read further", Origin(source, target.line))
    except ParseError as error:
        yield from target.done
        line = getattr(error, "position", (0, 0))[0]
        yield Problem(
            f"not whole XML ({str(error)[:100]}); {count + len(target.done):,} works were read", Origin(source, line)
        )


# --- what an element says ---------------------------------------------------------------------------------------------


def without_illegal(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return ILLEGAL.sub("", text)


def shown(element: Element) -> str:
    """The text of an element, its italics, bold, raised and lowered text as the inline tags of CSL."""
    return " ".join(_pieces(element).split())


def _pieces(element: Element) -> str:
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    for child in element:
        before, behind = INLINE.get(child.tag, ("", ""))
        inner = _pieces(child)
        parts += [before, inner, behind, child.tail or ""] if inner.strip() or not before else [inner, child.tail or ""]
    return "".join(parts)


def take(element: Element, path: str) -> str:
    """The text at the first place of a path, which is cleared; ``""`` where there is none."""
    found = element.find(path)
    return cleared(found) if found is not None else ""


def take_all(element: Element, path: str) -> list[str]:
    return [text for found in element.findall(path) if (text := cleared(found))]


def cleared(element: Element) -> str:
    """What an element shows; it is empty afterwards."""
    text = shown(element)
    tail = element.tail
    element.clear()
    element.tail = tail
    return text


def remaining(element: Element) -> Any:
    """What an element still holds, as JSON: text, or an object of attributes and children."""
    text = " ".join((element.text or "").split())
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items() if value.strip()}
    for child in element:
        inner = remaining(child)
        tail = " ".join((child.tail or "").split())
        if tail:
            found["#text"] = f"{found.get('#text', '')} {tail}".strip()
        if inner in ("", {}):
            continue
        standing = found.get(child.tag)
        if standing is None:
            found[child.tag] = inner
        elif isinstance(standing, list):
            standing.append(inner)
        else:
            found[child.tag] = [standing, inner]
    if not found:
        return text
    return {"": text, **found} if text else found


def xml_format(
    *,
    name: str,
    summary: str,
    wanted: frozenset[str],
    fill: Callable[[Draft, Element], bool | None],
    looks_like: Callable[[str], bool],
    parts: Callable[[Element], Iterable[Element]] = lambda element: (element,),
    write: Writer | None = None,
    losses: Callable[[Record], tuple[str, ...]] | None = None,
) -> Format:
    """A format in XML. ``parts`` gives the works of a wanted element, ``fill`` places what one holds and clears it; `False` says
    that it is no work."""
    rest = name_of_rest(name)

    def stream(pieces: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
        index = skipped = 0
        for found in elements(pieces, wanted, options.source):
            if isinstance(found, Problem):
                yield found
                continue
            element, line = found
            for part in parts(element):
                draft = Draft(Origin(options.source, line, index))
                if fill(draft, part) is False:
                    skipped += 1
                    continue
                if left := remaining(part):
                    draft.keep(rest, left if isinstance(left, str) else jsontext.dumps(left, compact=True))
                index += 1
                yield draft.record()
                yield from draft.problems
        if skipped:
            yield Problem(
                f"{skipped:,} entries that are no works were left out",
                Origin(options.source),
                "note",
            )

    def read(text: str, options: ReadOptions) -> Batch:
        return collect(stream((text[at : at + PIECE] for at in range(0, len(text), PIECE)), options))

    return Format(
        name, summary, (".xml",), looks_like=looks_like, read=read, read_lines=stream, write=write, losses=losses
    )
