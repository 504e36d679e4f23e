"""What an entry rests on and nobody defines is said with its record: a merge must not join what is not known."""

from __future__ import annotations

import pytest

from bibtools import bibfile
from bibtools.formats import bibtex
from bibtools.normalise import normalise
from bibtools.record import filled

CASES = {
    "a macro": ("@article{a, title={T}, journal=jcssx, year=2000}", ("journal: macro 'jcssx' is not defined",)),
    "a macro in a sum": ('@article{a, journal="Acta " # y # { I}}', ("journal: macro 'y' is not defined",)),
    "a macro defined later": ("@article{a, journal=j}\n@string{j={J}}", ("journal: macro 'j' is not defined",)),
    "a macro defined": ("@string{j={J}}\n@article{a, journal=j}", ()),
    "a macro of every style": ("@article{a, journal=tods, month=jan}", ()),
    "a month": ("@article{a, month=june, note=todo}", ()),
    "a parent": ("@inproceedings{a, title={T}, crossref={p}}", ("crossref: there is no entry 'p'",)),
    "a parent, and all that it would give": (
        "@inproceedings{a, title={T}, booktitle={B}, year=2000, crossref={p}}",
        (),
    ),
    "a parent, and no date without it": (
        "@inproceedings{a, title={T}, booktitle={B}, crossref={p}}",
        ("crossref: there is no entry 'p'",),
    ),
    "shared data": (
        "@book{a, title={T}, year=2000, series={S}, xdata={x, y}}\n@xdata{x, z={1}}",
        ("xdata: there is no entry 'y'",),
    ),
    "a macro of the parent": (
        "@inproceedings{a, title={T}, crossref=p}\n@proceedings{q, booktitle=m}\n".replace("=p", "={q}"),
        ("booktitle: macro 'm' is not defined (in q)",),
    ),
    "a macro of the parent that the child hides": (
        "@inproceedings{a, title={T}, booktitle={B}, crossref={q}}\n@proceedings{q, booktitle=m}",
        (),
    ),
    "a cut file": ("@article{a, title={T}, journal={J", ("the entry is cut off: its closing brace is missing",)),
    "its own parent": ("@inproceedings{a, title={T}, crossref={a}}", ()),
}


@pytest.mark.parametrize("name", CASES)
def test_what_an_entry_rests_on(name: str) -> None:
    text, expected = CASES[name]
    record = bibtex.records(bibfile.parse(text)).records[0]
    assert record.unresolved == expected
    assert normalise(record).unresolved == expected


def test_it_is_not_a_field_of_the_work() -> None:
    (record,) = bibtex.records(bibfile.parse("@article{a, title={T}, journal=x}")).records
    assert record.unresolved
    assert record == record.replace(unresolved=())
    assert "unresolved" not in dict(filled(record))


def test_rings_of_parents_end() -> None:
    text = "".join(f"@inproceedings{{p{n}, crossref={{p{(n + 1) % 9}}}}}\n" for n in range(9))
    assert all(record.unresolved == () for record in bibtex.records(bibfile.parse(text)).records)
