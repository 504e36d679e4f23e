"""Items of CSL-JSON through a CSL style, by citeproc-py.

citeproc-py escapes whatever a title holds, also CSL's own inline tags, and it takes a name for a name. So tags, and everything
that the style itself puts around text, travel as characters of Unicode's private use area, and a cut author list ends in one,
which becomes "et al." when it is printed (or goes, where the style shortened the list itself).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bibtools.latex.markup import Piece
from bibtools.preview.output import PreviewError, Printed

__all__ = ["entries"]

OPEN = {"i": "\ue000", "b": "\ue001", "sub": "\ue002", "sup": "\ue003", "sc": "\ue004"}
CLOSE = {"i": "\ue010", "b": "\ue011", "sub": "\ue012", "sup": "\ue013", "sc": "\ue014"}
OTHERS = "\ue020"
MARKS = {
    **{mark: ("open", name) for name, mark in OPEN.items()},
    **{mark: ("close", name) for name, mark in CLOSE.items()},
}
RESERVED = re.compile("[\ue000-\ue020]")
TAG = re.compile(r'<(/?)(i|b|sub|sup|span)( style="font-variant:\s?small-caps;?"| class="nocase")?>')
AND_OTHERS = re.compile(rf"(?:[,;]?\s+(?:and|&|und|et|y|e|en|og|och|i|a|и))?[,;]?\s*{OTHERS}")
LABEL = re.compile(r"\A([\[(]?\d+[\])]?\.?)(?=[^\s\d.,)\]])")
NOTHING = (Piece("text", "(the style prints nothing of this entry)"),)
EAST_ASIAN = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
NOT_FOR_CITEPROC = frozenset({"custom", "categories", "citation-key", "keyword", "abstract", "annote"})


def entries(items: Sequence[dict[str, Any]], path: str) -> tuple[Printed, ...]:
    style = _style(path)
    try:
        printed = _print(items, style)
    except Exception:  # noqa: BLE001  citeproc-py raises what Python raises; one item must not cost the others
        printed = [line for item in items for line in _print_alone(item, style)]
    # Some styles set the number in a column of its own, with nothing between it and the text.
    apart = bool(style.root.bibliography.get("second-field-align"))
    lines = (LABEL.sub(r"\1 ", line, count=1) if apart else line for line in printed)
    return tuple(Printed("", tuple(_pieces(line)) or NOTHING) for line in lines)


def _style(path: str) -> Any:
    from xml.etree.ElementTree import ParseError

    from citeproc import CitationStylesStyle
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(Path(path).read_bytes(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise PreviewError(f"{Path(path).name}: not a CSL style: {error}") from error
    except OSError as error:
        raise PreviewError(f"{path}: {error.strerror or error}") from error
    space = "{http://purl.org/net/xbiblio/csl}"
    if root.tag != f"{space}style":
        raise PreviewError(f"{Path(path).name}: not a CSL style: its root is no <style> of CSL")
    if root.find(f"{space}bibliography") is None:
        parent = next(
            (link.get("href", "") for link in root.iter(f"{space}link") if link.get("rel") == "independent-parent"), ""
        )
        why = f"a dependent style; use the one it names: {parent}" if parent else "it prints no bibliography"
        raise PreviewError(f"{Path(path).name}: {why}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return CitationStylesStyle(path, validate=False)
        except Exception as error:
            raise PreviewError(f"{Path(path).name}: citeproc-py cannot read it: {error}") from error


def _print(items: Sequence[dict[str, Any]], style: Any) -> list[str]:
    from citeproc import Citation, CitationItem, CitationStylesBibliography
    from citeproc.source.json import CiteProcJSON

    keyed = [{**_prepared(item), "id": f"r{number}"} for number, item in enumerate(items)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bibliography = CitationStylesBibliography(style, CiteProcJSON(keyed), _formatter())
        bibliography.register(Citation([CitationItem(item["id"]) for item in keyed]))
        bibliography.sort()
        return [str(line) for line in bibliography.bibliography()]


def _print_alone(item: dict[str, Any], style: Any) -> list[str]:
    try:
        return _print([item], style)
    except Exception:  # noqa: BLE001
        names = (name.get("literal") or name.get("family", "") for name in item.get("author", ()))
        return [_marked(". ".join(part for part in (", ".join(names), item.get("title", "")) if part))]


def _formatter() -> Any:
    """What citeproc-py calls to decorate text; nothing is escaped here, see `output`."""
    around = {name: (lambda text, n=name: f"{OPEN[n]}{text}{CLOSE[n]}") for name in OPEN}
    return SimpleNamespace(
        preformat=str,
        Italic=around["i"],
        Oblique=around["i"],
        Bold=around["b"],
        Light=str,
        Underline=str,
        Superscript=around["sup"],
        Subscript=around["sub"],
        SmallCaps=around["sc"],
    )


def _prepared(item: dict[str, Any]) -> dict[str, Any]:
    made = {name: _value(value) for name, value in item.items() if name not in NOT_FOR_CITEPROC}
    for name, value in made.items():
        if isinstance(value, list):
            made[name] = [_name(each) for each in value if isinstance(each, dict)]
    custom = item.get("custom")
    if isinstance(custom, dict) and custom.get("authors-truncated") is True:
        made["author"] = [*made.get("author", ()), {"family": OTHERS}]
    if "event-title" in made:
        made.setdefault("event", made.pop("event-title"))
    return made


def _name(name: dict[str, Any]) -> dict[str, Any]:
    """A given name without capitals has no initials (citeproc-py would make ``. `` of them): such a name is printed whole.

    Chinese, Japanese and Korean names have the family name first and nothing between (CSL specification, "Name-part order").
    """
    given, family = str(name.get("given", "")), str(name.get("family", ""))
    if not given or any(part[0].isupper() for part in given.replace("-", " ").split()):
        return name
    if EAST_ASIAN.fullmatch(family + given):
        return {"literal": family + given}
    particles = [str(name[part]) for part in ("dropping-particle", "non-dropping-particle") if part in name]
    return {"literal": " ".join([given, *particles, family])}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _marked(value)
    if isinstance(value, list):
        return [_value(each) for each in value if each != {}]
    if isinstance(value, dict):
        return {name: _value(each) for name, each in value.items()}
    return value


def _marked(text: str) -> str:
    """CSL's tags as marks; ``nocase`` stays, citeproc-py knows it."""
    text = RESERVED.sub("\ufffd", text)
    if "<" not in text:
        return text
    spans: list[str] = []

    def mark(found: re.Match[str]) -> str:
        closing, name, kind = found.groups()
        if name != "span":
            return found[0] if kind else (CLOSE if closing else OPEN)[name]
        if not closing:
            spans.append("sc" if kind and "small-caps" in kind else "nocase" if kind else "")
            return OPEN["sc"] if spans[-1] == "sc" else found[0]
        last = spans.pop() if spans else ""
        return CLOSE["sc"] if last == "sc" else found[0]

    return TAG.sub(mark, text)


def _pieces(line: str) -> Iterator[Piece]:
    line = re.sub(rf"(et al\.?)[,;]?\s*{OTHERS}", r"\1", line)
    line = AND_OTHERS.sub(lambda found: " et al." if found.start() else "et al.", line).replace("et al..", "et al.")
    for part in re.split("([\ue000-\ue014])", line):
        if part in MARKS:
            yield Piece(*MARKS[part])
        elif part:
            yield Piece("text", part)
