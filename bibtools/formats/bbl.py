r"""Bibliographies as TeX reads them: the .bbl of biber (data) and of BibTeX (``\bibitem``), ``thebibliography`` in a document.

biber's file holds every field under its own name, so it is read like the entry it was made from; what biber adds for sorting and
labels is left out. Of a ``\bibitem`` the parts are told by ``\newblock`` (authors, title, the rest) or by REVTeX's ``\bibinfo``;
an item with neither is one sentence of a style that nobody knows, and is read as a pasted reference is. Its text is kept in
``extra`` under ``bibitem text``. The rest of a ``\newblock`` item is read only where its form is sure, and kept as well.
Source: biber's and BibTeX's output; https://ctan.org/pkg/biblatex, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bibtools import dates, identifiers, latex, names
from bibtools.format import Format, ReadOptions, collect
from bibtools.formats.bibtex.reading import record_of
from bibtools.formats.draft import Draft
from bibtools.formats.people import natural
from bibtools.record import Batch, Name, Origin, Problem, Record, filled

__all__ = ["BIBER", "BIBITEM"]

# --- biber ------------------------------------------------------------------------------------------------------------

ENTRY = re.compile(r"\\entry\{([^{}]*)\}\{([^{}]*)\}\{[^{}]*\}")
END = re.compile(r"\\endentry\b")
COMMAND = re.compile(r"\\(name|list|field|strng|range|keyw|verb|true|warn|set|inset|annotation|xref|preamble)\b")
OWN = re.compile(  # what biber computes
    r"(?:sort|label|extra|names?part|unique|singletitle|crossref|datepart|begin|shorthandwidth)\w*|\w*hash|\w*dateunspecified|"
    r"\w*(?:date|year|month|day|end\w+)era|\w*datetime\w*|\w*division|fullhash\w*|authornamehash|namehash|bibnamehash|clonesourcekey|useprefix"
)
LONGEST = 200_000  # characters of a group; braces that do not close end there
PARTS = ("family", "given", "prefix", "suffix")
DATES = ("", "orig", "event", "url")


MACROS = (  # of biblatex, in values
    (re.compile(r"\\bib(?:namedelim[a-d]?|initdelim|initperiod)i?(?![A-Za-z])\s*"), " "),
    (re.compile(r"\\bibrangedash(?![A-Za-z])\s*"), "--"),
    (re.compile(r"\\bibrangessep(?![A-Za-z])\s*"), ", "),
)


def group(text: str, at: int) -> tuple[str, int]:
    """The inside of the braces that open at an offset, and the offset behind them."""
    depth = 0
    for place in range(at, min(len(text), at + LONGEST)):
        char = text[place]
        if char == "\\":
            continue
        if char in "{}" and text[place - 1 : place] != "\\":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return text[at + 1 : place], place + 1
    stop = min(len(text), at + LONGEST)
    return text[at + 1 : stop], stop


def groups(text: str, at: int, most: int) -> tuple[list[str], int]:
    """Up to so many groups that follow one another, white space and comments between them."""
    found: list[str] = []
    while len(found) < most:
        gap = re.compile(r"(?:\s|%[^\n]*\n)*").match(text, at)
        start = gap.end() if gap else at
        if text[start : start + 1] != "{":
            break
        inner, at = group(text, start)
        found.append(inner)
    return found, at


def read_biber(text: str, options: ReadOptions) -> Batch:
    return collect(_entries(text, options.source))


def _entries(text: str, source: str) -> Iterator[Record | Problem]:
    text = re.sub(r"\r\n?", "\n", text)
    line, counted = 1, 0
    seen: set[str] = set()
    starts = list(ENTRY.finditer(text))
    for place, start in enumerate(starts):
        line, counted = line + text.count("\n", counted, start.start()), start.start()
        origin = Origin(source, line, len(seen))
        stop = starts[place + 1].start() if place + 1 < len(starts) else len(text)
        body = text[start.end() : stop]
        end = END.search(body)
        if end is None:
            yield Problem(f"the entry '{start[1]}' has no end", origin, text=text[start.start() : stop])
            continue
        if start[1] in seen:  # several lists or sections show the same entry
            continue
        seen.add(start[1])
        yield record_of(start[2], start[1], _values(body[: end.start()]), origin)


def _values(body: str) -> dict[str, str]:
    """The fields of an entry, as TeX, under BibTeX's names."""
    values: dict[str, str] = {}
    for pattern, into in MACROS:
        body = pattern.sub(into, body)
    at = 0
    while (found := COMMAND.search(body, at)) is not None:
        kind, at = found[1], found.end()
        if kind == "verb":
            named, after = groups(body, at, 1)
            content = re.compile(r"\s*\\verb (.*?)\n\s*\\endverb", re.DOTALL).match(body, after)
            if content:
                values.setdefault(named[0] if named else "", content[1].strip())
                at = content.end()
            continue
        wanted = {"name": 4, "list": 3, "keyw": 1, "true": 1, "warn": 1, "preamble": 1}.get(kind, 2)
        parts, at = groups(body, at, wanted)
        if kind in ("warn", "true", "preamble") or not parts:
            continue
        name = parts[0]
        if kind == "keyw":
            values["keywords"] = name
        elif kind == "name" and len(parts) == 4:
            values[name] = _names(parts[3], cut="more=true" in parts[2])
        elif kind == "list" and len(parts) == 3:
            values[name] = " and ".join(groups(parts[2], 0, 100)[0])
        elif kind == "field" and len(parts) == 2 and not OWN.fullmatch(name):
            values.setdefault(name, parts[1])
    for prefix in DATES:
        _dated(values, prefix)
    values.pop("", None)
    return values


def _names(text: str, *, cut: bool) -> str:
    found = []
    for name in groups(text, 0, 5000)[0]:
        pair, _ = groups(name, 0, 12)
        if len(pair) > 2:  # before version 3: family, its initial, given, its initial, prefix, -, suffix, -
            values = dict(zip(("hash", "family", "i", "given", "j", "prefix", "k", "suffix"), pair, strict=False))
        else:
            values = (
                {
                    key: groups(pair[-1], place.end() - 1, 1)[0][0]
                    for key in PARTS
                    for place in [re.search(rf"(?:^|[\s,]){key}=\{{", pair[-1])]
                    if place
                }
                if pair
                else {}
            )
        if said := {key: value for key in PARTS if (value := values.get(key, "")).strip()}:
            found.append(", ".join(f"{key}={{{value}}}" for key, value in said.items()))
    return " and ".join([*found, "others"] if cut else found)


def _dated(values: dict[str, str], prefix: str) -> None:
    """year, month and day, and their ends, as one date."""

    def point(end: str) -> str:
        parts = [values.pop(f"{prefix}{end}{unit}", "") for unit in ("year", "month", "day")]
        if not parts[0].isdigit():
            return parts[0]
        return "-".join([parts[0].zfill(4), *(each.zfill(2) for each in parts[1:] if each.isdigit())])

    begin, end = point(""), point("end")
    if begin:
        values[f"{prefix}date"] = f"{begin}/{end}" if end else begin


def is_biber(head: str) -> bool:
    return ("\\endentry" in head and ENTRY.search(head) is not None) or (
        "$ biblatex bbl format version" in head and ENTRY.search(head) is not None
    )


BIBER = Format(
    name="biber-bbl",
    summary="the .bbl that biber writes for biblatex",
    suffixes=(".bbl",),
    looks_like=is_biber,
    read=read_biber,
)

# --- \bibitem ---------------------------------------------------------------------------------------------------------

TEXT = "bibitem text"
UNREAD = "an item whose parts nothing tells apart; kept as text"
BEGIN = re.compile(r"\\begin\s*\{thebibliography\}")
STOP = re.compile(r"\\end\s*\{thebibliography\}")
ITEM = re.compile(r"\\bibitem\s*(?=[\[{])")
NOISE = re.compile(
    r"\\(?:BIBentry\w+|BIBdecl|bibAnnoteFile\w*|providecommand\b.*|natexlab|bibfield\s*\{\w+\}|BibitemShut\s*\{\w+\}|"
    r"BibitemOpen|bibinitperiod|EOS|Eprint|href@noop|showarticletitle|shownote|penalty\d*|unskip|relax|bgroup|egroup|par)(?![A-Za-z])\s*(?:\{\})?"
)
INFO = re.compile(r"\\bibinfo\s*(?=\{)")
ADDRESS = re.compile(r"\\(?:url|path|href(?:@noop)?|urlprefix|burl)\s*\{([^{}]*)\}")
JOURNAL = re.compile(r"\\(?:em|emph|it|textit|textsl|sl)\b|\{\\(?:em|it)\b")
NUMBERS = re.compile(
    r"(?P<volume>\d+)\s*(?:\((?P<issue>[\w–-]+)\))?\s*[:,]\s*(?:pp?\.?\s*)?(?P<page>[A-Za-z]?\d+(?:\s*[-–—]+\s*[A-Za-z]?\d+)?\+?)"
)
PAGES = re.compile(r"\bpages?~?\s+(?P<page>[\w.]+(?:\s*[-–—]+\s*\w+)?\+?)")
YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def read_bibitems(text: str, options: ReadOptions) -> Batch:
    batch = collect(_items(text, options.source))
    return _with_sentences(batch) if any(map(_is_sentence, batch.records)) else batch


def _is_sentence(record: Record) -> bool:
    """Whether nothing told the parts of an item apart."""
    return bool(record.get_extra(TEXT)) and not (
        record.title or record.author or record.editor or record.container_title
    )


def _with_sentences(batch: Batch) -> Batch:
    """The items that are one sentence, read as a pasted list is: with what is doubtful told."""
    from bibtools.formats.reflist.reading import Piece, read_pieces  # brings numpy and the model, for such items only

    bare = [record for record in batch.records if _is_sentence(record)]
    pieces = [Piece(record.get_extra(TEXT), record.id, record.origin.line) for record in bare]
    read = read_pieces(pieces, "", [record.origin for record in bare])
    found = {record.origin.line: record for record in read.records}
    settled = {line for line, record in found.items() if record.title or record.container_title}
    records = tuple(
        _joined(record, found[record.origin.line]) if _is_sentence(record) and record.origin.line in settled else record
        for record in batch.records
    )
    kept = tuple(each for each in batch.problems if each.message != UNREAD or each.origin.line not in settled)
    return Batch(records, kept + tuple(each for each in read.problems if each.origin.line in settled))


def _joined(item: Record, sentence: Record) -> Record:
    """What was read off the sentence, under the item's key, with the identifiers of its commands."""
    own = {name: value for name, value in filled(item) if name not in ("type", "extra", "issued")}
    origin = replace(item.origin, format=sentence.origin.format)
    return sentence.replace(**own, issued=sentence.issued or item.issued, extra=item.extra, origin=origin)


def _items(text: str, source: str) -> Iterator[Record | Problem]:
    text = re.sub(r"\r\n?", "\n", text)
    begin, stop = BEGIN.search(text), STOP.search(text)
    start = begin.end() if begin else 0
    end = stop.start() if stop else len(text)
    starts = [found for found in ITEM.finditer(text, start, end) if not _commented(text, found.start())]
    line, counted = 1, 0
    for place, item in enumerate(starts):
        line, counted = line + text.count("\n", counted, item.start()), item.start()
        origin = Origin(source, line, place)
        stop_at = starts[place + 1].start() if place + 1 < len(starts) else end
        last = place + 1 == len(starts)
        if last and stop is None and begin is not None:
            yield Problem("the bibliography ends within its last item", origin, text=text[item.start() :])
            continue
        yield from _item(text[item.end() : stop_at], origin)
    if begin is not None and not starts:
        yield Problem("a bibliography without items", Origin(source, 1 + text.count("\n", 0, start)), "warning")


def _commented(text: str, at: int) -> bool:
    return re.search(r"(?<!\\)%", text[text.rfind("\n", 0, at) + 1 : at]) is not None


def _item(text: str, origin: Origin) -> Iterator[Record | Problem]:
    label = ""
    if text.startswith("["):
        depth = 0
        for place, char in enumerate(text):
            depth += (char == "{") - (char == "}")
            if char == "]" and depth == 0:
                label, text = text[1:place], text[place + 1 :]
                break
    keys, at = groups(text, 0, 1)
    body = re.sub(r"(?<!\\)%[^\n]*\n\s*", "", text[at:]).strip()
    draft = Draft(origin)
    draft.put("id", keys[0].strip() if keys else "", "key")
    body = re.sub(r"\n[ \t]*\n.*", "", body, flags=re.DOTALL) if "\\newblock" not in body else body
    if INFO.search(body):
        _infos(draft, body)
    elif "\\newblock" in body:
        _blocks(draft, body)
    plain = _plain(body)
    draft.keep(TEXT, plain)
    _identifiers(draft, body, plain)
    if not draft.get("issued"):
        years = {found[0] for found in YEAR.finditer(re.sub(r"\S*\d\.\d\S*|\S*/\S*", " ", plain))}
        if len(years) == 1:
            draft.put_date("issued", years.pop(), "year")
        elif label and (found := YEAR.search(label)):
            draft.put_date("issued", found[0], "year")
    yield draft.record()
    if not draft.get("title"):
        yield Problem(UNREAD, origin, "warning", plain)


def _plain(tex: str) -> str:
    text = INFO.sub("", NOISE.sub(" ", tex)).replace("\\newblock", " ")
    text = re.sub(r"\\href\s*\{[^{}]*\}\s*\{", "{", text)
    return " ".join(latex.plain(latex.decode(ADDRESS.sub(r"\1", text))).split())


def _identifiers(draft: Draft, body: str, plain: str) -> None:
    addresses = [found[1].strip() for found in ADDRESS.finditer(body)]
    for each in addresses:
        if doi := identifiers.bare_doi(each):
            draft.put("doi", doi, "doi")
        elif "arxiv" in each.lower() and (found := identifiers.arxiv_id(each)):
            draft.put("arxiv_id", found, "arxiv")
        elif re.match(r"(?:https?|ftp)://", each):
            draft.put("url", each.replace("\\_", "_").replace("\\%", "%").replace("\\#", "#"), "url")
    if not draft.get("doi") and (doi := identifiers.doi(plain)):
        draft.put("doi", doi, "doi")
    if not draft.get("arxiv_id") and (found := identifiers.arxiv_id(plain)):
        draft.put("arxiv_id", found, "arxiv")


def _title(tex: str) -> str:
    text = latex.decode(tex.strip())
    text = (
        re.sub(r'<span class="nocase">(.*?)</span>', r"\1", text)
        if text.count("nocase") == 1 and text.endswith("</span>")
        else text
    )
    return re.sub(r"^[“\"`']+|[,.”\"']+$", "", " ".join(text.split())).strip()


def _infos(draft: Draft, body: str) -> None:
    """REVTeX and ACM tell the fields apart."""
    for found in INFO.finditer(body):
        parts, _ = groups(body, found.end(), 2)
        if len(parts) < 2:
            continue
        kind, tex = parts[0].strip(), NOISE.sub(" ", parts[1])
        tex = re.sub(r"\\bib(?:f)?namefont\s*(\{[^{}]*\})", r"\1", tex)
        text = " ".join(latex.plain(latex.decode(tex)).split()).strip(" ,")
        match kind:
            case "author" | "person":
                draft.add("author", names.parse_list(re.sub(r"[{}]", "", tex).strip())[0])
            case "editor":
                draft.add("editor", names.parse_list(re.sub(r"[{}]", "", tex).strip())[0])
            case "title" | "articletitle":
                draft.put("title", _title(tex), kind)
            case "journal" | "booktitle":
                draft.put("container_title", _title(tex), kind)
                draft.fields["type"] = "article-journal" if kind == "journal" else "chapter"
            case "volume" | "publisher" | "edition":
                draft.put(kind, text, kind)
            case "number":
                draft.put("issue", text, kind)
            case "pages":
                draft.put("page", text, kind)
            case "series":
                draft.put("collection_title", text, kind)
            case "address":
                draft.put("publisher_place", text, kind)
            case "year" | "date":
                draft.put_date("issued", text, kind)
            case "school" | "institution":
                draft.put("publisher", text, kind)
                draft.fields["type"] = "thesis" if kind == "school" else "report"
            case "note" | "howpublished" | "type":
                draft.keep(kind, text)
            case _:
                draft.keep(f"bibinfo {kind}", text)


EDITORS = re.compile(r",\s*(?:editors?|eds?\.?)$")
SUFFIX = re.compile(r", (?:Jr|Sr|II|III|IV)$")
ET_AL = re.compile(r",?\s+et~?\s*al\.?$")
AND = re.compile(r",?\s+(?:and|\\&)\s+")


def _blocks(draft: Draft, body: str) -> None:
    """BibTeX's standard styles: authors, title, where."""
    first, *blocks = [NOISE.sub(" ", each).strip() for each in body.split("\\newblock")]
    people = " ".join(first.split()).rstrip(".,")
    editors = EDITORS.search(people)
    people = people[: editors.start()] if editors else people
    found: tuple[Name, ...]
    if people.count(",") == 1 and SUFFIX.search(people):
        found, cut = (natural(latex.plain(latex.decode(people))),), False
    else:
        people = ET_AL.sub(" and others", people)
        found, cut = names.parse_list(_with_and(AND.sub(" and ", people)))
    if first and not JOURNAL.match(first) and found:
        draft.add("editor" if editors else "author", found)
        if cut and not editors:
            draft.fields["authors_truncated"] = True
        title, *rest = blocks or [""]
    else:
        title, *rest = (first, *blocks)
    italic = JOURNAL.match(title.lstrip("{ ")) or title.lstrip().startswith(("{\\em", "{\\it", "\\emph"))
    if italic:
        inner = re.match(
            r"\s*(?:\{\\(?:em|it|sl)\s*(?P<a>.*?)\}|\\(?:emph|textit)\{(?P<b>.*?)\})(?P<more>.*)", title, re.DOTALL
        )
        if inner:
            draft.put("title", _title(inner["a"] or inner["b"]), "title")
            rest = [inner["more"], *rest]
            draft.fields["type"] = "book"
    else:
        draft.put("title", _title(title), "title")
    where = " ".join(rest)
    _where(draft, where)


def _with_and(people: str) -> str:
    """``A. One, B. Two and C. Three``: commas part names where each part is a whole name; ``de~Last, Jr`` is one."""
    parts = [each.strip() for each in names.split(people.replace(" and ", ","), ",") if each.strip()]
    whole = all(re.search(r"[\s~]", each) or each == "others" for each in parts)
    return " and ".join(parts) if whole and len(parts) > 1 else people


INNER = r"(?:[^{}]|\{[^{}]*\})*"
ITALIC = re.compile(rf"\{{\\(?:em|it|sl)\s*(?P<a>{INNER})\}}|\\(?:emph|textit)\{{(?P<b>{INNER})\}}")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATED = re.compile(rf"(?:(?:\d{{1,2}} )?(?:{MONTHS}) )?(?:1[5-9]|20)\d\d(?=[a-z]?[.,)]?(?:\s|$))")


def _where(draft: Draft, tex: str) -> None:
    """A journal is in italics and has volume, number and pages behind it; a book begins with "In"."""
    journal = ITALIC.search(tex)
    inside = re.match(r"\s*In\b", tex) is not None
    if journal and draft.fields["type"] != "book":
        draft.put("container_title", _title(journal["a"] or journal["b"]).removesuffix("\\/").strip(), "journal")
        draft.fields["type"] = "paper-conference" if inside else "article-journal"
    plain = _plain(tex[journal.end() :] if journal else tex).lstrip(" ,.")
    numbers = NUMBERS.match(plain) if draft.fields["type"] == "article-journal" else None
    if numbers:
        draft.put("volume", numbers["volume"], "volume")
        draft.put("issue", numbers["issue"] or "", "issue")
        draft.put("page", re.sub(r"\s*[-–—]+\s*", "–", numbers["page"]), "pages")
    elif pages := PAGES.search(plain):
        draft.put("page", re.sub(r"\s*[-–—]+\s*", "–", pages["page"]).rstrip("."), "pages")
    if "Ph.D. thesis" in plain or "PhD thesis" in plain or "Master's thesis" in plain:
        draft.fields["type"] = "thesis"
    if "echnical report" in plain.lower():
        draft.fields["type"] = "report"
    dated = DATED.findall(plain)
    if dated and not dates.parse(dated[-1]).literal:
        draft.put_date("issued", dated[-1], "year")


def is_bibitems(head: str) -> bool:
    r"""A bibliography of a document, or a .bbl; a document that merely has one far below its head is one too."""
    return not is_biber(head) and BEGIN.search(head) is not None and ITEM.search(head) is not None


BIBITEM = Format(
    name="bibitem",
    summary="\\bibitem: BibTeX's .bbl, thebibliography in a document",
    suffixes=(".bbl", ".tex"),
    looks_like=is_bibitems,
    read=read_bibitems,
)
