"""One setting of the garbage collector, and it is given back."""

from __future__ import annotations

import gc

import pytest

from bibtools import bibfile, collector
from bibtools.formats import bibtex


def test_it_is_restored_after_an_exception() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), collector.relaxed():
        assert gc.get_threshold() == collector.RARELY
        with collector.relaxed():
            pass
        assert gc.get_threshold() == collector.RARELY
        raise KeyError
    assert gc.get_threshold() == before


def test_who_has_switched_it_off_is_left_alone() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with collector.relaxed():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


def test_reading_leaves_it_as_it_was() -> None:
    before = (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count())
    bibtex.records(bibfile.parse("@misc{a, title={T}}"))
    assert (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()) == before
