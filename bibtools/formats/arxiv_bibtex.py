"""arXiv's own BibTeX export, to the byte: trailing blanks included, nothing escaped, titles unprotected.

It is a writer only, since its text is BibTeX like any other and is read by ``bibtex``. The key is the record's (`keys`
makes arXiv's own by default); an entry has what arXiv writes and nothing else, so everything else is a loss. A record
that is not on arXiv gets its entry without eprint lines. A brace that would end a field too early is left out, but for the
title of a paper on arXiv: there arXiv's own entry is as broken (0704.0573), and the same bytes are what is asked for.

Source: arxiv-browse, browse/formatting/cite.py; odd cases in `bibtools.arxiv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bibtools import arxiv
from bibtools.format import Format, WriteOptions
from bibtools.record import Record, filled

__all__ = ["FORMAT"]

_CARRIED = frozenset("id type title author authors_truncated arxiv_id url".split())


def entry(record: Record) -> str:
    year = record.issued.year
    title = " ".join(arxiv.raw_title(record).split())
    lines = [
        f"@misc{{{record.id},",
        f"      title={{{title if record.arxiv_id else _balanced(title)}}}, ",
        f"      author={{{_balanced(arxiv.authors_text(record))}}},",
        f"      year={{{'unknown' if year is None else year}}},",
    ]
    if record.arxiv_id:
        primary = record.categories[0] if record.categories else "unknown"
        lines.append(f"      eprint={{{record.arxiv_id}}},")
        lines.append("      archivePrefix={arXiv},")
        lines.append(f"      primaryClass={{{_balanced(primary)}}},")
    if record.doi:
        lines.append(f"      doi={{https://doi.org/{_balanced(arxiv.raw_doi(record))}}},")
    url = f"https://arxiv.org/abs/{record.arxiv_id}" if record.arxiv_id else record.url
    if url:
        lines.append(f"      url={{{_balanced(url)}}}, ")
    return "\n".join([*lines, "}"])


def _balanced(value: str) -> str:
    """A value that cannot break out of its braces; arXiv writes it as it is, which is the same when it is balanced."""
    depth = 0
    for char in value:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            break
    return value if depth == 0 else value.replace("{", "").replace("}", "")


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    between = ""
    for record in records:
        yield between + entry(record) + "\n"
        between = "\n"


def losses(record: Record) -> tuple[str, ...]:
    lost = [name for name, _ in filled(record) if name not in _CARRIED]
    lost = [name for name in lost if name != "doi"]
    if record.issued.parts and record.issued == type(record.issued)(record.issued.parts[:1]):
        lost.remove("issued")
    if record.arxiv_id and len(record.categories) == 1:
        lost.remove("categories")
    if record.arxiv_id and record.url not in ("", f"https://arxiv.org/abs/{record.arxiv_id}"):
        lost.append("url")
    if record.extra and all(name in ("tex-title", "tex-authors", "raw-doi") for name, _ in record.extra):
        lost.remove("extra")
    return tuple(lost)


FORMAT = Format(
    name="arxiv",
    summary="arXiv's own BibTeX export, to the byte",
    suffixes=(".bib",),
    write=write,
    losses=losses,
)
