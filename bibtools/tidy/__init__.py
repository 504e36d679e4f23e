"""The rules of `bibtools format`: small functions in one table, each of which can be turned on or off.

A tidy file keeps its own style, without what BibTeX ignores anyway, and with the few values that mean the same in every
bibliography in their usual form: the default rules do that and no more. What may change how a bibliography prints, or the order
of a file, is asked for.

Rules about fields become edits of the document (`bibfile` verifies each). Rules about layout become slices, and what is read
afterwards is compared with what was read before. An entry is given to all rules of a kind at once, because reading its fields is
most of the work; only entries that changed are looked at again. Where an edit fails (an entry that BibTeX cannot read, a
character that the file's encoding does not have) the entry stays as it was, and a problem is noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from bibtools import bibfile
from bibtools.bibfile import Document, Edit, EditError, Entry, RemoveField, SetField
from bibtools.bibfile.style import Style
from bibtools.record import Origin, Problem
from bibtools.tidy import characters, fields, journals, layout
from bibtools.tidy.rule import DocumentRule, EntryRule, FieldEdit, FieldRule, FileRule, Options, Rule, Slice

__all__ = ["DEFAULT", "RULES", "Options", "Rule", "Tidied", "rules_for", "tidy"]

# Values first, then delimiters and order, white space last: it depends on all the others.
RULES: tuple[Rule, ...] = (
    DocumentRule("journals", False, "Journal names by ISO 4, or in full: --journals.", journals.journals),
    FieldRule("omit", False, "Remove the fields of --omit, or all but those of --fields.", fields.omitted),
    FieldRule(
        "duplicate-fields",
        True,
        "Remove a field that is repeated with the same value.",
        fields.duplicate_fields,
    ),
    FieldRule(
        "empty-fields",
        True,
        "Remove empty fields (not where a parent would fill them).",
        fields.empty_fields,
    ),
    FieldRule(
        "unicode",
        False,
        'LaTeX accents and letters as Unicode: {\\"u} becomes ü.',
        characters.from_latex,
    ),
    FieldRule(
        "latex",
        False,
        'Characters outside ASCII as LaTeX: ü becomes {\\"u}.',
        characters.with_latex,
    ),
    FieldRule(
        "months",
        True,
        "Months as the macros jan ... dec, which styles can print.",
        fields.months,
        frozenset({"month"}),
    ),
    FieldRule(
        "pages",
        True,
        "Page ranges with two hyphens: 12--34.",
        fields.pages,
        frozenset({"pages"}),
    ),
    FieldRule(
        "doi",
        True,
        "DOIs without resolver or prefix: 10.1000/xyz.",
        fields.dois,
        frozenset({"doi"}),
    ),
    FieldRule(
        "url",
        False,
        "URLs without \\url{} or <>, DOI resolvers as https://doi.org/.",
        fields.urls,
        frozenset({"url"}),
    ),
    FieldRule(
        "encode-urls",
        False,
        "Addresses with %20 for a blank and without LaTeX's escapes.",
        fields.encoded_urls,
        frozenset({"url"}),
    ),
    FieldRule(
        "max-authors",
        False,
        "Names after the first --max-authors as 'and others'.",
        fields.max_authors,
        frozenset({"author", "editor"}),
    ),
    FieldRule("drop-all-caps", False, "Titles in capitals in title case.", characters.capitals),
    FieldRule("strip-braces", False, "Values without a second pair of braces: {{A}} as {A}.", characters.strip_braces),
    FieldRule("double-braces", False, "Titles, or --double-braces, as {{A}}.", characters.double_braces),
    FieldRule(
        "protect-titles",
        False,
        "Braces around acronyms and proper nouns in titles: {DNA}, {French}.",
        characters.protected_titles,
        frozenset({"title", "subtitle"}),
    ),
    EntryRule("braces", False, "Values in braces instead of quotes.", layout.braces),
    EntryRule("lower-case", False, "Entry types and field names in lower case.", layout.lower_case),
    EntryRule("field-order", False, "Fields in the usual order, or that of --field-order.", layout.field_order),
    EntryRule("indent", True, "Fields on lines of their own, indented as most are.", layout.indent),
    EntryRule("align", True, "Equals signs or values aligned, or spaced, as most are.", layout.align),
    EntryRule("trailing-comma", False, "A comma behind the last field, or none, as in most.", layout.trailing_comma),
    EntryRule("wrap", False, "Values filled to the width of --wrap.", layout.wrap),
    FileRule("sort", False, "Entries in the order of their keys, or of --sort-by.", layout.sort),
    FileRule(
        "blank-lines", False, "Blank lines between entries as in most of the file, or so many.", layout.blank_lines
    ),
)
DEFAULT = frozenset(rule.name for rule in RULES if rule.default)
EXCLUSIVE = (("unicode", "latex"), ("strip-braces", "double-braces"))


@dataclass(frozen=True, slots=True)
class Tidied:
    """`changed` counts, by rule, the fields or entries changed; `problems` tells of what could not be."""

    document: Document
    changed: dict[str, int]
    problems: tuple[Problem, ...] = ()


def tidy(document: Document, rules: Collection[str] = DEFAULT, options: Options | None = None) -> Tidied:
    """The document after the rules of these names, in the order of the table. A second time changes nothing."""
    unknown = set(rules) - {rule.name for rule in RULES}
    if unknown:
        raise ValueError(f"unknown rule '{min(unknown)}'; the rules are: {', '.join(rule.name for rule in RULES)}")
    for one, other in EXCLUSIVE:
        if one in rules and other in rules:
            raise ValueError(f"the rules '{one}' and '{other}' undo each other: choose one")
    chosen = [rule for rule in RULES if rule.name in rules]
    options = options or Options()
    job = _Job(document)
    for rule in chosen:
        if isinstance(rule, DocumentRule):
            job.rewrite(rule, options)
    job.edit([rule for rule in chosen if isinstance(rule, FieldRule)], options)
    job.redraft([rule for rule in chosen if isinstance(rule, EntryRule)], options)
    for rule in chosen:
        if isinstance(rule, FileRule):
            job.move(rule, options)
    return Tidied(
        job.document,
        {rule.name: job.changed[rule.name] for rule in RULES if job.changed[rule.name]},
        tuple(job.problems),
    )


ROUNDS = 6  # two are rare, three were never seen in a real file


class _Job:
    """A document on its way through the rules."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.changed: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.failed: set[int] = set()  # entries with an edit that cannot be made

    def rewrite(self, rule: DocumentRule, options: Options) -> None:
        groups, problems = rule.edits(self.document, options)
        self.problems += problems
        failed = len(self.problems)
        self._make(groups)
        self.changed[rule.name] += len(groups) - (len(self.problems) - failed)

    def edit(self, rules: Sequence[FieldRule], options: Options) -> None:
        """No rule adds or removes entries, so places of entries hold from one round to the next."""
        wanted: Iterable[int] = range(len(self.document.entries))
        for _ in range(len(rules) + 1):  # in each round a field is changed by one rule
            edits: list[FieldEdit] = []
            for index in wanted:
                edits += self._edits_of(self.document.entries[index], rules, options)
            self._make([(edit,) for edit in edits])
            wanted = sorted({each.index for each in edits} - self.failed)
            if not wanted:
                return

    def _edits_of(self, entry: Entry, rules: Sequence[FieldRule], options: Options) -> Iterable[FieldEdit]:
        if (not entry.key and not entry.fields) or entry.scan.error is not None:
            return
        names = {field.name for field in entry.fields}
        claimed: dict[str, str] = {}
        for rule in rules:
            if rule.about and not rule.about & names:
                continue
            for edit in rule.edits(entry, options):
                if claimed.setdefault(edit.name, rule.name) == rule.name:
                    self.changed[rule.name] += 1
                    yield edit

    def _make(self, groups: Sequence[tuple[Edit, ...]]) -> None:
        """All edits at once; if that fails, the halves, so that a group that cannot be made costs only itself."""
        if not groups:
            return
        try:
            self.document = self.document.edit([edit for group in groups for edit in group])
        except EditError as error:
            if len(groups) > 1:
                self._make(groups[: len(groups) // 2])
                self._make(groups[len(groups) // 2 :])
                return
            index = next((edit.index for edit in groups[0] if isinstance(edit, (SetField, RemoveField))), 0)
            entry = self.document.entries[index]
            origin = Origin(self.document.source, entry.line, entry.index)
            self.failed.add(entry.index)
            self.problems.append(Problem(f"{entry.key}: left as it is: {error}", origin, "warning"))

    def redraft(self, rules: Sequence[EntryRule], options: Options) -> None:
        """What is tidied may show another style than what was untidy: so until it is the style of what comes out.

        Where that never happens (two halves of a file that are each other's model) the file stays as it is.
        """
        before, counted = self.document, self.changed.copy()
        for _ in range(ROUNDS if rules else 0):
            style = self.document.style
            self._redraft(rules, style, options)
            if self.document.style == style:
                return
        self.document, self.changed = before, counted

    def _redraft(self, rules: Sequence[EntryRule], style: Style, options: Options) -> None:
        slices: list[Slice] = []
        read: dict[int, list[tuple[str, str]]] = {}
        for entry in self.document.entries:
            draft = layout.draft(entry)
            if draft is None:
                continue
            old = source = str(draft)
            for rule in rules:
                before = layout.placed(draft)
                rule.change(draft, style, options)
                if rule.name in ("indent", "align"):
                    layout.follow(before)
                if (new := str(draft)) != source:
                    self.changed[rule.name] += 1
                    source = new
            if source != old:
                slices.append((entry.start, entry.end, source))
                read[entry.index] = _reading(entry)
        self._slice(slices, ", ".join(rule.name for rule in rules), lambda new: _same_entries(self.document, new, read))

    def move(self, rule: FileRule, options: Options) -> None:
        slices = sorted(rule.slices(self.document, options))
        self.changed[rule.name] += len(slices)
        self._slice(slices, rule.name, lambda new: _sources(new) == _sources(self.document))

    def _slice(self, slices: Sequence[Slice], name: str, same: Callable[[Document], bool]) -> None:
        if not slices:
            return
        parts: list[str] = []
        at = 0
        for start, end, new in slices:
            parts += [self.document.text[at:start], new]
            at = end
        text = "".join(parts) + self.document.text[at:]
        old = self.document
        moved = bibfile.parse(replace(old.decoded, text=text).encode(text), old.source, old.companions)
        if moved.text == text and same(moved):
            self.document = moved
            return
        message = f"left out, because the file would not read as before: {name}"
        self.problems.append(Problem(message, Origin(self.document.source), "warning"))
        for each in name.split(", "):
            del self.changed[each]


def _reading(entry: Entry) -> list[tuple[str, str]]:
    """What is read of an entry, whatever the order of fields but for those of the same name."""
    return sorted(((field.name, field.value) for field in entry.fields), key=lambda pair: pair[0])


def _same_entries(old: Document, new: Document, changed: dict[int, list[tuple[str, str]]]) -> bool:
    if [found[1:3] for found in old.layout.entries] != [found[1:3] for found in new.layout.entries]:
        return False
    return all(_reading(new.entries[index]) == read for index, read in changed.items())


def _sources(document: Document) -> dict[str, list[str]]:
    """The entries as they stand, whatever their order but for those of the same key."""
    found: dict[str, list[str]] = {}
    for entry in document.entries:
        found.setdefault(entry.key.lower(), []).append(entry.raw)
    return found


def rules_for(enable: Iterable[str] = (), disable: Iterable[str] = ()) -> frozenset[str]:
    """The default rules, with some more and without some. "all" means each of them."""
    enable, disable = set(enable), set(disable)
    base = frozenset() if "all" in disable else DEFAULT
    if "all" in enable:
        base = frozenset(rule.name for rule in RULES if rule.name not in chain(*EXCLUSIVE))
    return frozenset((base - disable) | (enable - {"all"}))
