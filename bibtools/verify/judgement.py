"""What verifying says of an entry, and what it goes by.

    Work       a known work that the entry may be, and where it was found
    Asked      a source that was asked, whether it answered, and whether it should know the entry
    Finding    one field that says other than what is known, with the evidence
    Judgement  the verdict on one entry

An index, a service or a test makes Works and Asked; `judge` needs nothing else. A verdict says what was found, never what
an author did: a work that no source knows is `not-found`, and so only where a source is known to be complete for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bibtools.record import Record

__all__ = ["ALARMS", "NOBODY_HAS_TO_KNOW", "Asked", "Certainty", "Finding", "Judgement", "Standing", "Work"]


class Standing(StrEnum):
    """How an entry stands to the known works; the words of `--format json`, key ``verdict``."""

    VERIFIED = "verified"  # one work, and every field that is claimed agrees up to harmless form
    DIFFERS = "differs"  # that work surely, but the named fields differ
    OTHER_VERSION = "other-version"  # that work, cited as a preprint while published or the reverse
    MISMATCH = "identifier-mismatch"  # its DOI, arXiv number or ISBN is another work's
    CHIMERA = "chimera"  # the title of one known work, the people and venue of another
    RETRACTED = "retracted"  # a notice was found: retraction, expression of concern, withdrawal
    NOT_FOUND = "not-found"  # a source that should know it was asked and does not
    NOT_CHECKABLE = "not-checkable"  # no source that was asked has to know it
    UNRESOLVED = "unresolved"  # several works fit equally, or a source did not answer


NOBODY_HAS_TO_KNOW = "no source that was asked has to know it"  # the reason of most that is not checkable
# Fields whose difference makes a reference a wrong one; pages are told and differ too often between sources.
IMMATERIAL = frozenset(("page",))
# The verdicts that say that something is wrong: exit status 1. OTHER_VERSION and NOT_FOUND do so under --strict.
ALARMS = frozenset((Standing.DIFFERS, Standing.MISMATCH, Standing.CHIMERA, Standing.RETRACTED))


class Certainty(StrEnum):
    SURE = "sure"  # an identifier, or title and people and place, leave no other reading
    LIKELY = "likely"  # all evidence points there, none of it is exact


@dataclass(frozen=True, slots=True)
class Work:
    """A known work that an entry may be. ``how`` says what led to it, as in `index.Hit.how`."""

    record: Record
    source: str = ""  # the source's name: a file, a service
    date: str = ""  # of the source, ISO 8601; "" where it is not known
    how: str = ""  # doi, arxiv, isbn, pmid, pmcid, title, head, words, people


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that was asked for an entry's work. Only one that answered and ``covers`` the entry can say `not-found`."""

    source: str
    date: str = ""  # of what it knows, ISO 8601
    covers: str = ""  # why it surely knows the entry's work if that exists; "" where that is not sure
    failure: str = ""  # why it did not answer; "" where it did


@dataclass(frozen=True, slots=True)
class Finding:
    """One field of an entry against what is known. A finding of a harmless difference is never made."""

    field: str  # a Record's: title, author, issued, container_title, doi ...
    cited: str  # as the entry has it
    known: str  # as the source has it
    source: str = ""  # where that is known from
    date: str = ""  # of the source
    certainty: Certainty = Certainty.SURE
    rule: str = ""  # the name of the comparison, e.g. "author-missing"
    message: str = ""  # what is wrong, in a few words
    label: str = ""  # the field's name in the entry's file: journal, year; "" where it has none
    line: int = 0  # of the field in the file, from 1; 0 where that is not known
    column: int = 0  # in characters, from 1


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one entry, with everything that it rests on.

    ``works`` are the known works that the verdict names: the one that the entry is; of a chimera the title's work, then the
    people's; of a mismatch the one that the identifier belongs to last.
    """

    key: str
    standing: Standing
    entry: Record = field(repr=False)
    findings: tuple[Finding, ...] = ()
    works: tuple[Work, ...] = ()
    asked: tuple[Asked, ...] = ()
    reason: str = ""  # one sentence: why this verdict
    file: str = ""
    line: int = 0  # of the entry, from 1; 0 where there are no lines
    column: int = 0
    accepted: bool = False  # a person has said that the entry is right as it stands

    @property
    def work(self) -> Work | None:
        return self.works[0] if self.works else None

    @property
    def alarming(self) -> bool:
        """Whether it makes the exit status 1 (without --strict)."""
        if self.standing is Standing.DIFFERS and self.findings:
            return not self.accepted and any(each.field not in IMMATERIAL for each in self.findings)
        return self.standing in ALARMS and not self.accepted
