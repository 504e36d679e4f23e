"""The rules of `bibtools format`: small functions in one table, each of which can be turned on or off.

A tidy file is one in the style that it has already, without what BibTeX ignores anyway and with the few values that mean the
same in every bibliography in their usual form: the default rules do that much and no more. What may change how a
bibliography prints, or the order of a file, is asked for.

Rules of fields become edits of the document (`bibfile` verifies each); rules of layout become slices, and what is read
afterwards is compared with what was read before. Where that fails - an entry that nobody can read, a character that the
file's encoding does not have - the entry stays as it was and a problem is noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from bibtools import bibfile
from bibtools.bibfile import Document, Edit, EditError
from bibtools.record import Origin, Problem
from bibtools.tidy import characters, fields, layout
from bibtools.tidy.rule import FieldRule, LayoutRule, Options, Rule

__all__ = ["DEFAULT", "RULES", "Options", "Rule", "Tidied", "rules_for", "tidy"]

# Values first, then delimiters and order, white space last: it depends on all the others.
RULES: tuple[Rule, ...] = (
    FieldRule("duplicate-fields", True, "Remove a field that is repeated with the same value.", fields.duplicate_fields),
    FieldRule("empty-fields", True, "Remove empty fields (not where a parent would fill them).", fields.empty_fields),
    FieldRule("unicode", False, 'LaTeX accents and letters as Unicode: {\\"u} becomes ü.', characters.from_latex),
    FieldRule("latex", False, 'Characters outside ASCII as LaTeX: ü becomes {\\"u}.', characters.with_latex),
    FieldRule("months", True, "Months as the macros jan ... dec, which styles and languages can print.", fields.months),
    FieldRule("pages", True, "Page ranges with two hyphens: 12--34.", fields.pages),
    FieldRule("doi", True, "DOIs without resolver or prefix: 10.1000/xyz.", fields.dois),
    FieldRule("url", False, "URLs without \\url{} or <>, DOI resolvers as https://doi.org/.", fields.urls),
    FieldRule("protect-titles", False, "Braces around words with inner capitals in titles: {DNA}.", characters.protected_titles),
    LayoutRule("braces", False, 'Values in braces instead of quotes.', layout.braces),
    LayoutRule("lower-case", False, "Entry types and field names in lower case.", layout.lower_case),
    LayoutRule("field-order", False, "Fields in the usual order: author, title, journal, ...", layout.field_order),
    LayoutRule("sort", False, "Entries in the order of their keys, or of --sort-by.", layout.sort),
    LayoutRule("indent", True, "Fields on lines of their own, indented as most of the file's are.", layout.indent),
    LayoutRule("align", True, "Equals signs and values aligned, or spaced, as most of the file's are.", layout.align),
    LayoutRule("blank-lines", False, "Blank lines between entries as most of the file has them.", layout.blank_lines),
)  # fmt: skip
DEFAULT = frozenset(rule.name for rule in RULES if rule.default)
EXCLUSIVE = ("unicode", "latex")


@dataclass(frozen=True, slots=True)
class Tidied:
    """`changed` counts, by rule, the edits made; `problems` tells of those that could not be made."""

    document: Document
    changed: dict[str, int]
    problems: tuple[Problem, ...] = ()


def tidy(document: Document, rules: Collection[str] = DEFAULT, options: Options | None = None) -> Tidied:
    """The document after the rules of these names, in the order of the table. A second time changes nothing."""
    unknown = set(rules) - {rule.name for rule in RULES}
    if unknown:
        raise ValueError(f"unknown rule '{min(unknown)}'; the rules are: {', '.join(rule.name for rule in RULES)}")
    if all(name in rules for name in EXCLUSIVE):
        raise ValueError("the rules 'unicode' and 'latex' undo each other: choose one")
    chosen = [rule for rule in RULES if rule.name in rules]
    options = options or Options()
    changed: dict[str, int] = {}
    problems: list[Problem] = []
    for rule in chosen:
        if isinstance(rule, FieldRule):
            edits = [edit for entry in document.entries if entry.scan.error is None for edit in rule.edits(entry)]
            document, made = _edited(document, edits, problems)
        else:
            document, made = _moved(document, rule, options, problems)
        if made:
            changed[rule.name] = made
    return Tidied(document, changed, tuple(problems))


def _edited(document: Document, edits: Sequence[Edit], problems: list[Problem]) -> tuple[Document, int]:
    """All edits at once; if that fails, the halves, so that one edit that cannot be made costs only itself.

    No rule adds or removes entries, so places of entries hold from one half to the next.
    """
    if not edits:
        return document, 0
    try:
        return document.edit(edits), len(edits)
    except EditError as error:
        if len(edits) == 1:
            index = getattr(edits[0], "index", 0)
            entry = document.entries[index]
            problems.append(
                Problem(f"{entry.key}: left as it is: {error}", Origin(document.source, entry.line, index), "warning")
            )
            return document, 0
    half = len(edits) // 2
    document, first = _edited(document, edits[:half], problems)
    document, second = _edited(document, edits[half:], problems)
    return document, first + second


def _moved(document: Document, rule: LayoutRule, options: Options, problems: list[Problem]) -> tuple[Document, int]:
    slices = sorted(rule.slices(document, options))
    if not slices:
        return document, 0
    parts: list[str] = []
    at = 0
    for start, end, new in slices:
        parts += [document.text[at:start], new]
        at = end
    text = "".join(parts) + document.text[at:]
    decoded = replace(document.decoded, text=text)
    moved = bibfile.parse(decoded.encode(text), document.source)
    if moved.text == text and _reading(moved) == _reading(document):
        return moved, len(slices)
    problems.append(
        Problem(f"rule '{rule.name}' left out: the file would not read as before", Origin(document.source), "warning")
    )
    return document, 0


def _reading(document: Document) -> Counter[object]:
    """What is read, whatever the order of entries, and of fields but for those of the same name."""
    read: Counter[object] = Counter()
    seen: Counter[str] = Counter()
    for entry in document.entries:
        seen[entry.key] += 1
        by_name: dict[str, tuple[str, ...]] = {}
        for field in entry.fields:
            by_name[field.name] = (*by_name.get(field.name, ()), field.value)
        read[entry.type, entry.key, seen[entry.key], frozenset(by_name.items())] += 1
    return read


def rules_for(enable: Iterable[str] = (), disable: Iterable[str] = ()) -> frozenset[str]:
    """The default rules, with some more and without some. "all" means each of them."""
    enable, disable = set(enable), set(disable)
    base = frozenset() if "all" in disable else DEFAULT
    if "all" in enable:
        base = frozenset(rule.name for rule in RULES if rule.name not in EXCLUSIVE)
    return frozenset((base - disable) | (enable - {"all"}))
