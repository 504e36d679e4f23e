"""Every field of a Record: generated in tests, decided by a merge, and carried or named as lost by each format.

A new field fails here until each of these knows it.
"""

from __future__ import annotations

import pytest

from bibtools import api, formats
from bibtools.change import SetField, Status
from bibtools.format import ReadOptions, WriteOptions
from bibtools.record import FIELDS, Batch, Date, Name, Record
from tests import strategies

BASE = Record(
    id="lee2001",
    type="article-journal",
    title="On the Slicing of Loaves",
    author=(Name("Lee", "Ann"),),
    container_title="Journal of Bread",
    issued=Date((2001,)),
)
VALUES: dict[str, object] = {  # one value that is not the base's
    "id": "ray2002",
    "type": "paper-conference",
    "entry_type": "electronic",
    "title": "On Crumbs",
    "author": (Name("Ray", "Bo"),),
    "authors_truncated": True,
    "editor": (Name("Orr", "Di"),),
    "translator": (Name("Orr", "Di"),),
    "container_author": (Name("Orr", "Di"),),
    "collection_editor": (Name("Orr", "Di"),),
    "other_creators": (("illustrator", (Name("Orr", "Di"),)),),
    "container_title": "Annals of Baking",
    "page": "11–20",
    "issued": Date((2002,)),
    "submitted": Date((2000, 5)),
    "accessed": Date((2003, 1, 2)),
    "original_date": Date((1901,)),
    "event_date": Date((2001, 6)),
    "doi": "10.1000/182",
    "url": "https://example.org/a",
    "isbn": "978-0-306-40615-7",
    "issn": "0378-5955",
    "pmid": "19008416",
    "pmcid": "PMC2600605",
    "arxiv_id": "2304.01234",
    "categories": ("cs.CL",),
    "language": "en-US",
    "keyword": ("bread",),
    "extra": (("howpublished", "by hand"),),
}
NUMBERS = frozenset(
    "volume issue number collection_number chapter_number edition number_of_pages number_of_volumes".split()
)


def value_of(name: str) -> object:
    return VALUES.get(name) or ("7" if name in NUMBERS else f"Some {name.replace('_', ' ')}")


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_generated_in_tests(name: str) -> None:
    assert name in strategies._fields(strategies.clean(), strategies.name_lists())


NOT_REPORTED = {
    "id": "the key of the entry stays, `keys` of the plan says so",
    "authors_truncated": "a list that was cut short says less than the whole one",
    "submitted": "means something beside an arXiv number only",
    "categories": "mean something beside an arXiv number only",
}


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in NOT_REPORTED])
def test_a_field_is_decided_by_a_merge(name: str) -> None:
    """What the source says more fills the gap; what it says otherwise is reported, or makes another work; nothing is
    dropped in silence."""
    target = "".join(api.write_records([BASE], "bibtex"))
    source = BASE.replace(**{"id": "other", "doi": "10.1000/182", name: value_of(name)})
    known = api.read_records(target).records[0].replace(doi="10.1000/182")
    result = api.merge("".join(api.write_records([known], "bibtex")), [Batch((source,))])
    (outcome,) = result.plan.outcomes
    changed = {change.field for change in outcome.changes if isinstance(change, SetField)}
    left = {each.field.partition(".")[0] for each in outcome.left} | {
        "extra" for each in outcome.left if each.field not in FIELDS
    }
    same = getattr(known, name) == value_of(name)
    assert name in changed | left or same or outcome.status not in (Status.UPDATED, Status.UNCHANGED), outcome


WRITABLE = [name for name, each in formats.table().items() if each.write]


@pytest.mark.parametrize("format_name", WRITABLE)
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_carried_or_named_as_lost(name: str, format_name: str) -> None:
    each = formats.table()[format_name]
    record = BASE.replace(**{name: value_of(name)})
    lost = each.losses(record) if each.losses else ()
    if any(field.partition(".")[0] == name for field in lost) or each.read is None:
        return
    text = "".join(each.write([record], WriteOptions()))  # type: ignore[misc]
    (back,) = each.read(text, ReadOptions()).records
    assert getattr(back, name) == getattr(record, name)
