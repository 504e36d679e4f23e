"""The model: what a Record stores, and how one is made from another."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given

from bibtools.record import CSL_TYPES, FIELDS, Record, filled
from tests import strategies


def test_only_what_differs_from_the_defaults_is_stored() -> None:
    assert vars(Record(title="", author=(), authors_truncated=False, note="x")) == {"note": "x"}
    assert vars(replace(Record(note="x"), title="T", note="")) == {"title": "T"}


@given(strategies.records())
def test_a_record_is_a_value(record: Record) -> None:
    same = Record(**dict(filled(record)))  # type: ignore[arg-type]
    assert same == record
    assert hash(same) == hash(record)
    assert record.replace() == record == replace(record) == copy.copy(record) == pickle.loads(pickle.dumps(record))
    assert record.replace(title="other", id="") == replace(record, title="other", id="")


@pytest.mark.parametrize("wrong", [{"titel": "T"}, {"title": "T", "_": 1}])
def test_a_field_that_does_not_exist_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="no field"):
        Record(**wrong)
    with pytest.raises(TypeError, match="no field"):
        Record().replace(**wrong)


def test_nothing_changes_a_record() -> None:
    record = Record(title="T")
    for change in (lambda: setattr(record, "title", "U"), lambda: delattr(record, "title")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert record == Record(title="T")


def test_every_type_of_csl_and_no_other() -> None:
    assert len(CSL_TYPES) == 45
    assert Record().type in CSL_TYPES


def test_where_it_was_read_is_no_field_of_a_work() -> None:
    assert not {"origin", "unresolved"} & set(FIELDS)
