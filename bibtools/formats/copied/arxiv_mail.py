r"""arXiv's mails and its .abs files: papers between lines of ``\\``, with ``arXiv:``, ``Title:``, ``Authors:`` and the abstract
behind.

Known from the files of arXiv's own software (arxiv-base, tests) and https://info.arxiv.org/help/subscribe.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats.copied.arxiv_labels import day, labelled, record
from bibtools.record import Batch, Date, Origin, Problem, Record

__all__ = ["FORMAT"]

START = re.compile(r"^\\\\[ \t]*\n(?:Paper: )?arXiv:(?P<id>[\w./-]+?)(?:v\d+)?(?:[ \t(].*)?\n", re.MULTILINE)
DATE = re.compile(r"^Date(?: \([^)]*\))?:\s*(?:\w{3}, )?(?P<day>\d{1,2} \w{3} \d{4})", re.MULTILINE)


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff"), options.source))


def _read(text: str, source: str) -> Iterator[Record | Problem]:
    starts = list(START.finditer(text))
    line, counted = 1, 0
    for index, start in enumerate(starts):
        line, counted = line + text.count("\n", counted, start.start()), start.start()
        stop = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        head, *rest = re.split(r"^\\\\[ \t]*(?:\(.*)?\n?", text[start.end() : stop], flags=re.MULTILINE)
        abstract = re.split(r"^-{20,}|^%-", rest[0], flags=re.MULTILINE)[0] if rest else ""
        days = [found for each in DATE.findall(head) if (found := day(each))]
        body = [
            each.strip()
            for each in head.split("\n")
            if each.strip() and not re.match(r"(?:From|Date|Proxy)\b.*:", each)
        ]
        said = labelled(body)
        said["abstract"] = " ".join(abstract.split())
        origin = Origin(source, line, index)
        yield record(said, start["id"], origin, days[-1] if days else Date(), days[0] if days else Date())
        if not rest:
            yield Problem("the paper has no end; it was read up to here", origin, "warning")


FORMAT = Format(
    "arxiv-mail",
    "arXiv's mails and .abs files",
    (".abs",),
    looks_like=lambda head: (
        (found := START.search(head.replace("\r", ""))) is not None and "\nTitle:" in head[found.start() :]
    ),
    read=read,
)
