"""What the command line can do, a script can do with the functions of `bibtools.api`."""

from __future__ import annotations

import pytest

from bibtools import api, bibfile

REFS = b"@article{knuth84,\n  title = {On  Things},\n  year = 1984,\n  pages = {97-111},\n}\n"


def test_every_name_of_the_front_door_can_be_had() -> None:
    assert len(set(api.__all__)) == len(api.__all__)
    for name in api.__all__:
        assert getattr(api, name) is not None


def test_fields_are_set_and_removed() -> None:
    document = bibfile.parse(REFS, "refs.bib")
    changed = api.set_fields(document, "KNUTH84", {"note": "third printing", "pages": ""})
    assert changed.document.to_bytes() == REFS.replace(b"pages = {97-111}", b"note = {third printing}")
    assert changed.notes == ()
    assert api.set_fields(document, "knuth84", {"date": "1985-03"}).notes == (
        "knuth84 has a year and no date: year, month set",
    )
    assert api.set_fields(document, "knuth84", {"month": "jan"}, raw=True).document.entries[0].get("month") == "January"


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("nobody", {"note": "x"}, "refs.bib: no entry 'nobody'"),
        ("knuth84", {"no te": "x"}, "'no te' is not the name of a field"),
        ("knuth84", {"note": "}{"}, "refs.bib: "),
    ],
)
def test_what_cannot_be_set_is_said(key: str, values: dict[str, str], words: str) -> None:
    with pytest.raises(api.InputError, match=words):
        api.set_fields(bibfile.parse(REFS, "refs.bib"), key, values)


def test_a_bibliography_is_tidied() -> None:
    document = bibfile.parse(REFS, "refs.bib")
    tidied = api.format_bib(document)
    assert tidied.changed == {"pages": 1}
    assert api.format_bib(tidied.document).document.to_bytes() == tidied.document.to_bytes()
    with pytest.raises(ValueError, match="unknown rule 'nope'"):
        api.format_bib(document, {"nope"})
    with pytest.raises(api.InputError, match="the middleware object failed"):
        api.format_bib(document, middleware=[object()])
