"""Judgements as one page, as the report of a merge: each entry beside the known work, what differs marked, the worst first.

It can be handed to a reviewer: no script, nothing loaded, all text escaped, and on paper what the screen folds away is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from bibtools import latex
from bibtools.report.markup import Labels, cut, heads, marked, page, row, text
from bibtools.report.plan import OWN
from bibtools.verify.judgement import Asked, Judgement, Standing, Work
from bibtools.verify.output import MEANINGS, sentence, source_of

__all__ = ["section", "to_html"]

HEADS = {
    Standing.RETRACTED: "Retracted",
    Standing.MISMATCH: "Identifier of another work",
    Standing.CHIMERA: "Title and authors of different works",
    Standing.DIFFERS: "Fields that differ",
    Standing.NOT_FOUND: "Not found",
    Standing.OTHER_VERSION: "Another version",
    Standing.UNRESOLVED: "Unresolved",
    Standing.NOT_CHECKABLE: "Not checkable",
    Standing.VERIFIED: "Verified",
}
FOLDED = (Standing.NOT_CHECKABLE, Standing.VERIFIED)  # of which there is nothing to show but a line each
FIELDS = (
    "title",
    "author",
    "editor",
    "issued",
    "container_title",
    "volume",
    "issue",
    "page",
    "doi",
    "arxiv_id",
    "isbn",
)
LONGEST = 1200  # characters of a value
MOST_WORKS = 3
_STYLE = """
.found{margin:.4rem 0 0}
@media print{:root{color-scheme:light}body{font-size:10pt;max-width:none;padding:0}nav{display:none}article{break-inside:avoid}
h2{break-after:avoid}del,ins{print-color-adjust:exact;-webkit-print-color-adjust:exact}del{text-decoration:underline}
ins{text-decoration:underline double}details::details-content{content-visibility:visible;block-size:auto}}
"""


def to_html(judgements: Sequence[Judgement], name: str = "", labels: Labels = OWN) -> str:
    """The page; ``name`` is what was verified, ``labels`` name the fields as the entries' file does."""
    name = text(name) or "a bibliography"
    accepted = [each for each in judgements if each.accepted]
    groups = [
        (standing, [each for each in judgements if each.standing is standing and not each.accepted])
        for standing in HEADS
    ]
    links = "".join(
        f'<a href="#{standing}">{HEADS[standing]} {len(found):,}</a>' for standing, found in groups if found
    )
    links += f'<a href="#accepted">Accepted {len(accepted):,}</a>' if accepted else ""
    body = "".join(_section(standing, found, labels) for standing, found in groups if found)
    if accepted:
        body += f'<section id="accepted"><h2>Accepted by a person</h2>\n{_folded(accepted)}</section>\n'
    entries = f"{len(judgements):,} {'entry' if len(judgements) == 1 else 'entries'}"
    head = (
        f"<h1>References of <code>{name}</code></h1>\n<p>{entries}, {_sources(judgements)}.</p>\n<nav>{links}</nav>\n"
    )
    return page(f"References of {name}", head + body, _STYLE)


def section(judgements: Sequence[Judgement], labels: Labels = OWN) -> str:
    """What is to say of these entries as a section of another page; ``""`` where all are verified."""
    found = [each for standing in HEADS for each in judgements if each.standing is standing and not each.accepted]
    items = "".join(_article(each, labels) for each in found if each.standing not in FOLDED)
    rest = [each for each in found if each.standing is Standing.NOT_CHECKABLE]
    if not items and not rest:
        return ""
    head = f'<section id="verification"><h2>Verified against known works</h2>\n<p class="soft">{_sources(judgements)}</p>\n'
    return f"{head}{items}{_folded(rest) if rest else ''}</section>\n"


def _sources(judgements: Sequence[Judgement]) -> str:
    names = dict.fromkeys(source_of(asked.source, asked.date) for each in judgements for asked in each.asked)
    if not names:
        return "and no source to ask"
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    return f"compared with {text(', '.join(list(names)[:20]))}{more}"


def _section(standing: Standing, judgements: Sequence[Judgement], labels: Labels) -> str:
    items = _folded(judgements) if standing in FOLDED else "".join(_article(each, labels) for each in judgements)
    return f'<section id="{standing}"><h2>{HEADS[standing]}</h2>\n<p class="soft">{MEANINGS[standing]}</p>\n{items}</section>\n'


def _folded(judgements: Sequence[Judgement]) -> str:
    rows = "".join(f"<li>{_name(each)}{_why(each)}</li>\n" for each in judgements)
    return f"<details><summary>Show them</summary>\n<ul>{rows}</ul></details>\n"


def _name(judgement: Judgement) -> str:
    title = text(cut(latex.plain(judgement.entry.title), 300)) or "without title"
    return f"<code>{text(judgement.key)}</code> <bdi>{title}</bdi>" if judgement.key else f"<bdi>{title}</bdi>"


def _why(judgement: Judgement) -> str:
    said = f"{judgement.standing}: {judgement.reason}" if judgement.accepted else judgement.reason
    return f" <span class='soft'>{text(said)}</span>" if said and judgement.standing is not Standing.VERIFIED else ""


def _article(judgement: Judgement, labels: Labels) -> str:
    place = f"{judgement.file}:{judgement.line}" if judgement.line else judgement.file
    parts = [f"<h3>{_name(judgement)}</h3>"]
    parts += [f'<p class="soft">{" · ".join(text(each) for each in (place, judgement.reason) if each)}</p>']
    if judgement.findings:
        rows = "".join(f"<li>{text(sentence(each, judgement))}</li>" for each in judgement.findings)
        parts.append(f'<ul class="found">{rows}</ul>')
    parts += [_beside(judgement, work, labels) for work in judgement.works[:MOST_WORKS]]
    if not judgement.works:
        parts.append(_asked(judgement.asked))
    return f"<article>{''.join(parts)}</article>\n"


def _beside(judgement: Judgement, work: Work, labels: Labels) -> str:
    """The entry and a known work, field by field; where a finding is, the words that differ are marked."""
    entry, known = judgement.entry, work.record
    doubted = {finding.field for finding in judgement.findings}
    rows = [heads("this entry", text(f"known: {source_of(work.source, work.date)}"))]
    for name in FIELDS:
        one, other = (cut(labels.value(name, getattr(side, name), side), LONGEST) for side in (entry, known))
        if not one and not other:
            continue
        left, right = marked(one, other) if name in doubted else (text(one), text(other))
        label = labels.name(name, entry if getattr(entry, name) else known)
        rows.append(row(text(label), left or "—", right or "—", "entry", "known"))
    return f'<div class="pair">{"".join(rows)}</div>'


def _asked(asked: Sequence[Asked]) -> str:
    rows = [
        f"<li>{text(source_of(each.source, each.date))}: {text(each.failure or each.covers)}</li>"
        for each in asked
        if each.failure or each.covers
    ]
    return f'<ul class="found">{"".join(rows)}</ul>' if rows else ""
