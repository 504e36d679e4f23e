"""Printed entries for a terminal, a browser or a Markdown file. The only place where they are escaped."""

from __future__ import annotations

import html as entities
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bibtools import latex
from bibtools.latex.markup import Piece

__all__ = ["PreviewError", "Printed", "html", "markdown", "text"]

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HTML_TAGS = {"i": "i", "b": "b", "sub": "sub", "sup": "sup", "sc": "span", "nocase": ""}
MARKDOWN_TAGS = {"i": "*", "b": "**"}
MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$&!])")
LINK = re.compile(r"https?://[^\s<>\"'{}|\\^`]+[^\s<>\"'{}|\\^`.,;:)\]]")

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bibliography</title>
<style>
body {{ font: 1rem/1.5 Georgia, serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .6rem 1rem; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
p {{ padding-left: 2em; text-indent: -2em; overflow-wrap: anywhere; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


class PreviewError(Exception):
    """A style that cannot be used; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Printed:
    """An entry as a style prints it: its label (``1``, ``Knu84``, or nothing) and its text in pieces."""

    label: str
    pieces: tuple[Piece, ...]


def _plain(entry: Printed) -> str:
    """One line; small raised and lowered text in Unicode's characters where they exist."""
    out: list[str] = []
    for kind, value in _levelled(entry.pieces):
        out.append(latex.plain(f"<{kind}>{value}</{kind}>") if kind in ("sub", "sup") else value)
    return CONTROLS.sub("\ufffd", " ".join("".join(out).split()))


def _levelled(pieces: Iterable[Piece]) -> list[tuple[str, str]]:
    """Every text with the innermost tag around it."""
    open_tags: list[str] = []
    found = []
    for kind, value in pieces:
        if kind == "open":
            open_tags.append(value)
        elif kind == "close":
            if open_tags:
                open_tags.pop()
        else:
            found.append((open_tags[-1] if open_tags else "", value))
    return found


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in line)


def text(entries: Sequence[Printed]) -> str:
    """For a terminal: 80 columns, the label before a hanging indent."""
    labels = [f"[{CONTROLS.sub('', each.label)}] " if each.label else "" for each in entries]
    indent = min(max(map(_width, labels), default=0), 16)
    out = []
    for label, entry in zip(labels, entries, strict=True):
        lines = textwrap.wrap(_plain(entry), 80 - indent, break_long_words=False, break_on_hyphens=False) or [""]
        out.append("\n".join([label.ljust(indent) + lines[0], *((" " * (indent or 4)) + line for line in lines[1:])]))
    return "\n\n".join(out) + "\n" if out else ""


def html(entries: Sequence[Printed]) -> str:
    """A whole page without scripts or anything from elsewhere; URLs are links."""
    rows = []
    for entry in entries:
        body = _html(entry.pieces)
        label = entities.escape(CONTROLS.sub("\ufffd", entry.label))
        rows.append(f"<dt>[{label}]</dt>\n<dd>{body}</dd>" if label else f"<p>{body}</p>")
    labelled = any(entry.label for entry in entries)
    joined = "\n".join(rows)
    return PAGE.format(body=f"<dl>\n{joined}\n</dl>" if labelled else joined)


def _html(pieces: Iterable[Piece]) -> str:
    out: list[str] = []
    open_tags: list[str] = []
    for kind, value in pieces:
        if kind == "open":
            tag = HTML_TAGS[value]
            open_tags.append(tag)
            out.append(f'<{tag} style="font-variant:small-caps">' if value == "sc" else f"<{tag}>" if tag else "")
        elif kind == "close":
            tag = open_tags.pop() if open_tags else ""
            out.append(f"</{tag}>" if tag else "")
        else:
            out.append(_linked(CONTROLS.sub("\ufffd", value)))
    out += [f"</{tag}>" for tag in reversed(open_tags) if tag]
    return "".join(out)


def _linked(value: str) -> str:
    out, at = [], 0
    for found in LINK.finditer(value):
        url = entities.escape(found[0])
        out.append(entities.escape(value[at : found.start()]) + f'<a href="{url}">{url}</a>')
        at = found.end()
    return "".join(out) + entities.escape(value[at:])


def markdown(entries: Sequence[Printed]) -> str:
    """CommonMark, a list where the style has no labels of its own."""
    rows = []
    for entry in entries:
        label = _escaped(entry.label)
        body = _markdown(entry.pieces)
        rows.append(f"\\[{label}\\] {body}" if label else f"- {body}")
    glue = "\n\n" if any(entry.label for entry in entries) else "\n"
    return glue.join(rows) + "\n" if rows else ""


def _escaped(value: str) -> str:
    return MARKDOWN_SPECIAL.sub(r"\\\1", CONTROLS.sub("\ufffd", value).replace("\n", " "))


def _markdown(pieces: Iterable[Piece]) -> str:
    out: list[str] = []
    open_tags: list[str] = []
    for kind, value in pieces:
        if kind == "open":
            mark = MARKDOWN_TAGS.get(value, f"<{value}>" if value in ("sub", "sup") else "")
            open_tags.append(mark.replace("<", "</"))
            out.append(mark)
        elif kind == "close":
            out.append(open_tags.pop() if open_tags else "")
        else:
            out.append(_markdown_text(value))
    return " ".join("".join(out + open_tags[::-1]).split())


def _markdown_text(value: str) -> str:
    """Escaped, but for URLs, which every renderer links and nobody wants to read escaped."""
    out, at = [], 0
    for found in LINK.finditer(value):
        out.append(_escaped(value[at : found.start()]) + f"<{found[0]}>")
        at = found.end()
    return "".join(out) + _escaped(value[at:])
