"""The verdict on an entry, from the known works that it may be and the sources that were asked.

Evidence before verdict, the strongest first: an exact identifier, the exact title, a near title with the same people in the
same place, then people alone and title alone. A reproach needs two kinds of evidence that hold the entry fast (it *is* this
work) and one field that lets go; where the second is lacking, the entry may be a work that is not known, and nothing is
said against it. What that costs is measured in tests/benchmarks/verify.py: sister papers, second parts, extended versions and
works of the same title are common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bibtools.index import terms
from bibtools.publication import is_preprint, is_published
from bibtools.record import Record, filled
from bibtools.verify import fields
from bibtools.verify.candidates import SERIAL, Candidate, Claims
from bibtools.verify.judgement import NOBODY_HAS_TO_KNOW, Asked, Certainty, Finding, Judgement, Standing, Work
from bibtools.verify.people import Meeting
from bibtools.verify.title_relation import Kin, speak_alike

__all__ = ["judge"]

Weigh = Callable[[str], float]
LONG, LONGEST = (
    6,
    8,
)  # telling words from which two works of other people hardly share a title (within a few years, or ever)
MOST_NEAR = 2  # words that may differ in a title without an identifier that holds it


@dataclass(frozen=True, slots=True)
class _Said:
    """A verdict before it is put on an entry."""

    standing: Standing
    reason: str
    findings: tuple[Finding, ...] = ()
    works: tuple[Candidate, ...] = ()


def judge(
    entry: Record, works: Iterable[Work], asked: Sequence[Asked] = (), weigh: Weigh = lambda word: 10.0
) -> Judgement:
    """The verdict on an entry. Pure; never raises on content; the order of works and sources makes no difference.

    ``weigh`` says how rare a word of a title is among the known works, ``weigh("")`` how rare one is that none has
    (`index.Index.weigh`).
    """
    claims = Claims(entry, weigh)
    candidates = [Candidate(claims, work) for work in sorted(set(works), key=_order)]
    said = _said(claims, candidates) or _absent(entry, candidates, asked)
    return Judgement(
        entry.id,
        said.standing,
        entry,
        said.findings,
        tuple(each.work for each in said.works),
        tuple(sorted(asked, key=repr)),
        said.reason,
        entry.origin.source,
        entry.origin.line,
    )


def _order(work: Work) -> tuple[object, ...]:
    """Of two copies the one that says more comes first."""
    return (-sum(1 for _ in filled(work.record)), repr(work.record), work.source, work.date, work.how)


def _said(claims: Claims, candidates: Sequence[Candidate]) -> _Said | None:
    if not claims.title.joined:
        return None
    copies = [each for each in candidates if each.is_the_work]
    if copies:
        return _of_known(claims, copies, candidates)
    return (
        _chimera(claims, candidates)
        or _altered(claims, candidates)
        or _mismatch(claims, [], candidates)
        or _retitled(claims, candidates)
    )


# --- the entry is a known work ----------------------------------------------------------------------------------------


def _of_known(claims: Claims, copies: Sequence[Candidate], candidates: Sequence[Candidate]) -> _Said:
    copies = _ranked(copies)
    found = (*_misspelled(copies), *fields.differences(claims, copies))
    if mismatch := _mismatch(claims, copies, candidates):
        return replace(mismatch, findings=mismatch.findings + found)
    if found:
        names = ", ".join(dict.fromkeys(each.rule for each in found))
        return _Said(Standing.DIFFERS, f"a known work, but for: {names}", found, tuple(copies[:1]))
    if other := _other_version(claims, copies):
        return other
    if unknown := _unknown_identifier(claims, copies):
        return unknown
    return _Said(Standing.VERIFIED, "title, people and all that is known beside them agree", (), tuple(copies[:1]))


def _misspelled(copies: Sequence[Candidate]) -> tuple[Finding, ...]:
    """A slip in the title that no copy of the work has, where nothing else could be meant."""
    if any(not each.title.slip for each in copies):
        return ()
    of = copies[0]
    if not of.is_anchored and not (of.is_in_place and of.has_same_people):
        return ()
    return (fields.title_finding(of, of.is_anchored),)


def _ranked(copies: Sequence[Candidate]) -> list[Candidate]:
    """The copy that is cited first: by identifier, venue, year; then as they came."""
    return sorted(
        copies,
        key=lambda each: (
            not each.is_anchored,
            each.same_venue is not True,
            not each.is_of_the_year,
            -each.title.kin,
            not each.has_same_people,
        ),
    )


def _other_version(claims: Claims, copies: Sequence[Candidate]) -> _Said | None:
    """A preprint that is published, or a publication of which only the preprint, or another publication, is known."""
    published = [each for each in copies if is_published(each.record) and (each.venues or "doi" in each.identifiers)]
    if is_preprint(claims.entry):
        if published and not claims.venues and not any(each.shared & {"doi"} for each in published):
            where = next((each for each in published if each.venues), published[0])
            place = where.venues[0] if where.venues else f"doi:{where.identifiers['doi']}"
            return _Said(Standing.OTHER_VERSION, f"published: {place}", (), (where,))
        return None
    if not claims.venues:
        return None
    if any(each.same_venue is not False and each.venues for each in copies):
        return None
    if any("doi" in each.shared for each in copies):
        return None
    if published and any(each.venues for each in published):
        where = next(each for each in published if each.venues)
        return _Said(
            Standing.OTHER_VERSION,
            f"known as published in {where.venues[0]}; the publication that is cited is not known",
            (),
            (where,),
        )
    if all(is_preprint(each.record) for each in copies):
        return _Said(Standing.OTHER_VERSION, "only its preprint is known", (), (copies[0],))
    return None


def _unknown_identifier(claims: Claims, copies: Sequence[Candidate]) -> _Said | None:
    """A DOI or arXiv number that no source has, where all of them have another one for the version that is cited."""
    for kind in SERIAL:
        cited = claims.identifiers.get(kind)
        if not cited or any(kind in each.shared for each in copies):
            continue
        rival = next((each for each in copies if kind in each.clashing), None)
        if rival is None:
            continue
        known = rival.identifiers[kind]
        said = f"no source that was asked has it; known of this work is {known}"
        finding = Finding(
            "arxiv_id" if kind == "arxiv" else kind, cited, known, rival.work.source, rival.work.date,
            Certainty.LIKELY, "identifier-unknown", said,
        )  # fmt: skip
        return _Said(Standing.UNRESOLVED, f"its {kind} stands in no source", (finding,), (rival,))
    return None


# --- an identifier is another work's ----------------------------------------------------------------------------------


def _mismatch(claims: Claims, copies: Sequence[Candidate], candidates: Sequence[Candidate]) -> _Said | None:
    for kind in SERIAL:
        if kind not in claims.identifiers or any(kind in each.shared for each in copies):
            continue
        having = [each for each in candidates if kind in each.shared]
        if not having or not all(_is_another(each, kind, copies) for each in having):
            continue
        other = having[0]
        right = next((each for each in copies if kind in each.identifiers), copies[0] if copies else None)
        finding = fields.identifier_finding(kind, other, right)
        works = (right, other) if right else (other,)
        return _Said(Standing.MISMATCH, finding.message, (finding,), works)
    return None


def _is_another(having: Candidate, kind: str, copies: Sequence[Candidate]) -> bool:
    """Whether the work that has the entry's identifier is surely not the entry's: another title, and other people, or the
    entry's work is known under another identifier of this kind. A title that was translated, or changed between versions,
    keeps its people; a chapter may be cited with the DOI of its book."""
    if having.title.kin is not Kin.OTHER or not having.record.title:
        return False
    if _is_container(having):
        return False
    if having.people.meeting is Meeting.OTHER:
        return True
    own = any(kind in each.clashing for each in copies)
    return own and (kind == "arxiv" or any(each.same_venue is True for each in copies))


def _is_container(having: Candidate) -> bool:
    names = (*having.claims.venues, having.claims.entry.collection_title, having.claims.entry.volume_title)
    from bibtools.verify.title_relation import relate, title

    known = title(having.record.title)
    return any(relate(title(name), known, having.claims.weigh).kin is not Kin.OTHER for name in names if name)


# --- title and people of different works ------------------------------------------------------------------------------


def _chimera(claims: Claims, candidates: Sequence[Candidate]) -> _Said | None:
    """The title of one known work; people, and venue or identifier, of another."""
    if claims.telling < 2:
        return None
    titled = [
        each
        for each in candidates
        if each.title.kin >= Kin.SPELLED
        and each.people.meeting is Meeting.OTHER
        and not each.is_anchored
        and not each.is_in_place
        and each.is_same_kind
    ]
    if not titled:
        return None
    for each in candidates:
        people = each.people
        alike = each.title.kin is Kin.OTHER and people.meeting in (Meeting.SAME, Meeting.CUT)
        if alike and people.matched > people.doubtful and (each.is_anchored or each.is_in_place):
            of = min(titled, key=lambda one: -one.title.kin)
            findings = (fields.author_finding(of), fields.title_finding(each, True))
            reason = "the title is that of one known work, people and place are those of another"
            return _Said(Standing.CHIMERA, reason, findings, (of, each))
    return None


# --- a known work, with a wrong title or wrong people -----------------------------------------------------------------


def _altered(claims: Claims, candidates: Sequence[Candidate]) -> _Said | None:
    """A known work that is surely meant although title or people differ."""
    people = [each for each in candidates if _is_meant_by_title(each)]
    if people:
        of = min(people, key=lambda each: (not each.is_anchored, not each.is_in_place, -each.people.matched))
        sure = of.is_anchored or of.is_in_place
        return _differs(claims, of, [each for each in people if _is_copy(each, of)], fields.author_finding(of, sure))
    titles = [each for each in candidates if _is_meant_by_people(each) or _is_meant_by_all_but_title(each)]
    if titles:
        of = min(titles, key=lambda each: (not each.is_anchored, -each.title.likeness))
        return _differs(claims, of, [of], fields.title_finding(of, of.is_anchored))
    both = [
        each
        for each in candidates
        if "doi" in each.shared and not each.is_preprint_copy and each.title.kin >= Kin.NEAR and each.is_same_kind
    ]
    if both:
        of = max(both, key=lambda each: each.title.likeness)
        findings = [fields.title_finding(of, True)] if of.title.kin is Kin.NEAR else []
        if of.people.meeting not in (Meeting.SILENT, Meeting.SAME, Meeting.CUT):
            findings.append(fields.author_finding(of))
        return _differs(claims, of, [of], *findings) if findings else None
    return None


def _retitled(claims: Claims, candidates: Sequence[Candidate]) -> _Said | None:
    """The identifier and people of a known work under another title: preprints change theirs, journals print translations."""
    found = [
        each
        for each in candidates
        if each.is_anchored and each.people.meeting not in (Meeting.OTHER, Meeting.SILENT) and each.is_same_kind
    ]
    if not found:
        return None
    of = max(found, key=lambda each: (each.has_same_people, each.title.likeness))
    reason = f"its identifier is that of “{of.record.title}”: that work under another title, or another by these people"
    return _Said(Standing.UNRESOLVED, reason, (fields.title_finding(of, False),), (of,))


def _is_copy(one: Candidate, other: Candidate) -> bool:
    return one.people.meeting is other.people.meeting


def _differs(claims: Claims, of: Candidate, copies: Sequence[Candidate], *first: Finding) -> _Said:
    found = (*first, *fields.differences(claims, copies))
    names = ", ".join(dict.fromkeys(each.rule for each in found))
    return _Said(Standing.DIFFERS, f"a known work, but for: {names}", found, (of,))


def _is_meant_by_title(each: Candidate) -> bool:
    """The title is the same and the place is, so that other people are wrong."""
    kin, telling = each.title.kin, each.claims.telling
    if kin < Kin.SHORT:
        return False
    met = each.people.meeting
    if met in (Meeting.SAME, Meeting.CUT, Meeting.SILENT) or not each.is_same_kind:
        return False
    if each.is_anchored:
        return True
    if kin < Kin.SPELLED or each.clashing:
        return False
    some = met is not Meeting.OTHER
    if each.is_in_place:
        return telling >= (2 if some else 4)
    bare = not each.claims.venues and not each.venues and each.gap == 0 and met is not Meeting.ORDER
    if bare and not each.claims.identifiers and telling >= (4 if some else 6):
        return True
    if met is Meeting.REPLACED:  # an author list changes between versions, but hardly in both directions
        both_published = bool(each.claims.venues) and bool(each.venues)
        return both_published and kin is Kin.SAME and telling >= LONG and each.is_of_the_year
    return not some and kin is Kin.SAME and telling >= (LONG if each.gap is not None and each.gap <= 3 else LONGEST)


def _is_meant_by_people(each: Candidate) -> bool:
    """The people are the same and the place is, and the title is one word or two off: a misquoted title, not a sister paper."""
    found = each.title
    if found.kin is not Kin.NEAR or not each.has_same_people or not each.is_same_kind:
        return False
    if each.is_anchored:
        published = "doi" in each.shared and not each.is_preprint_copy
        return published or 0 < found.replaced <= MOST_NEAR
    if not each.is_in_place or each.people.matched - each.people.doubtful < each.people.size:
        return False
    if each.people.meeting is not Meeting.SAME:
        return False
    few = max(len(found.cited), len(found.known)) <= MOST_NEAR or 0 < found.replaced <= MOST_NEAR
    return few and found.common >= 4 and found.common >= 2 * max(len(found.cited), len(found.known))


def _is_meant_by_all_but_title(each: Candidate) -> bool:
    """DOI, people and year are the known work's and the title is another, in the same language: a journal may print a title
    in two, and a preprint's may change."""
    if "doi" not in each.shared or each.people.meeting is not Meeting.SAME or each.same_venue is False:
        return False
    if each.is_preprint_copy:
        return False
    if (
        each.people.matched - each.people.doubtful < each.people.size
        or not each.is_of_the_year
        or not each.is_same_kind
    ):
        return False
    known = terms.title_words(each.record.title)
    return each.title.kin is Kin.OTHER and speak_alike(each.claims.title.words, known, each.claims.weigh)


# --- no known work ----------------------------------------------------------------------------------------------------


def _absent(entry: Record, candidates: Sequence[Candidate], asked: Sequence[Asked]) -> _Said:
    """Nothing that was asked has the work. Whether that says anything depends on who was asked."""
    failed = sorted({f"{each.source} did not answer ({each.failure})" for each in asked if each.failure})
    if not asked:
        return _Said(Standing.UNRESOLVED, "there is no source to ask")
    if failed:
        return _Said(Standing.UNRESOLVED, "; ".join(failed))
    namesake = next((each for each in candidates if each.title.kin >= Kin.SPELLED), None)
    beside = ""
    if namesake is not None:
        who = fields.shown_names((namesake.record.author or namesake.record.editor)[:1])
        beside = f"; a work of this title by {who} is known" if who else ""
    works = (namesake,) if namesake else ()
    covering = sorted({each.covers for each in asked if each.covers})
    if covering and entry.title:
        return _Said(Standing.NOT_FOUND, f"no source knows it: {'; '.join(covering)}{beside}", works=works)
    return _Said(Standing.NOT_CHECKABLE, f"{NOBODY_HAS_TO_KNOW}{beside}", works=works)
