"""Bytes to text and back: whatever comes in goes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import api, encoding

ENTRY = "@book{k, author = {Müller, Łukasz}, title = {Naïve “quotes” – 北京}}\n"
WESTERN = "@book{k, author = {Müller}, title = {“Naïve” – dash}}\n"
LATIN = "@book{k, author = {Müller}, title = {Naïve}}\n"

CASES = [  # bytes, encoding found, text found
    (b"", "utf-8", ""),
    (b"@book{k}", "utf-8", "@book{k}"),
    (ENTRY.encode(), "utf-8", ENTRY),
    (b"\xef\xbb\xbf" + ENTRY.encode(), "utf-8", ENTRY),
    (b"\xff\xfe" + ENTRY.encode("utf-16-le"), "utf-16-le", ENTRY),
    (b"\xfe\xff" + ENTRY.encode("utf-16-be"), "utf-16-be", ENTRY),
    (b"\xff\xfe\0\0" + ENTRY.encode("utf-32-le"), "utf-32-le", ENTRY),
    (ENTRY.encode("utf-16-be"), "utf-16-be", ENTRY),
    (ENTRY.encode("utf-16-le"), "utf-16-le", ENTRY),
    (WESTERN.encode("cp1252"), "cp1252", WESTERN),
    (LATIN.encode("latin-1") + b"\x81", "latin-1", LATIN + "\x81"),
    (b"% Encoding: ISO8859_2\n" + "{Łódź}".encode("iso8859-2"), "iso8859-2", "% Encoding: ISO8859_2\n{Łódź}"),
    (b"% Encoding: Cp1252\n{plain}", "cp1252", "% Encoding: Cp1252\n{plain}"),
    (b"%% -*- coding: gbk -*-\n" + "{北京}".encode("gbk"), "gbk", "%% -*- coding: gbk -*-\n{北京}"),
    (b"% Encoding: windows-1252\n" + "{Müller}".encode(), "utf-8", "% Encoding: windows-1252\n{Müller}"),
    (b"% Encoding: US-ASCII\n{plain}", "utf-8", "% Encoding: US-ASCII\n{plain}"),
    (b"% Encoding: klingon\n{a}", "utf-8", "% Encoding: klingon\n{a}"),
    (b"% Encoding: utf-7\n{a+b}", "utf-8", "% Encoding: utf-7\n{a+b}"),
    (b"% Encoding: rot13\n{a}", "utf-8", "% Encoding: rot13\n{a}"),
]


@pytest.mark.parametrize(("data", "name", "text"), CASES)
def test_the_encoding_is_found_and_the_bytes_come_back(data: bytes, name: str, text: str) -> None:
    found = encoding.decode(data)
    assert (found.encoding, found.text) == (name, text)
    assert found.encode(found.text) == data


def test_a_guess_is_told() -> None:
    assert encoding.decode(ENTRY.encode()).problem == ""
    assert "Windows-1252" in encoding.decode(WESTERN.encode("cp1252")).problem
    assert "UTF-8" in encoding.decode(b"% Encoding: cp1252\n" + ENTRY.encode()).problem


def test_foreign_bytes_in_a_utf8_file_survive_and_are_readable() -> None:
    data = ENTRY.encode() + "{Grün}".encode("latin-1") + b"{\x81}"
    found = encoding.decode(data)
    assert found.encode(found.text) == data
    assert "{Grün}{\x81}" in encoding.readable(found.text)
    assert "Łukasz" in found.text


def test_a_false_mark_is_no_loss() -> None:
    for data in (b"\xff\xfea", b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff", b"\xff\xfe\0\0abc"):
        found = encoding.decode(data)
        assert found.encode(found.text) == data


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"% Encoding: gbk\n", b"a\0b\0"]),
)
def test_any_bytes_come_back(data: bytes, head: bytes) -> None:
    found = encoding.decode(head + data)
    assert found.encode(found.text) == head + data


@given(st.text(max_size=100), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]))
def test_any_text_in_a_unicode_encoding_comes_back(text: str, name: str) -> None:
    data = text.encode(name)
    found = encoding.decode(data)
    assert found.encode(found.text) == data
    if name in ("utf-8-sig", "utf-32") or (
        name == "utf-16" and not text.startswith("\0")
    ):  # a NUL behind the mark is UTF-32's
        assert found.text == text


@pytest.mark.parametrize(
    ("utf8", "western"),
    [
        ("{Übergröße naïve José}", "{Café}"),
        ("{Übung}", "{Café über Ärger von Böll}"),
        ("{“x”}", "{Böll}"),
    ],
)
def test_two_encodings_glued_together_are_both_read(utf8: str, western: str) -> None:
    data = utf8.encode() + b"\n" + western.encode("latin-1")
    found = encoding.decode(data)
    assert found.encode(found.text) == data
    assert encoding.readable(found.text) == f"{utf8}\n{western}"
    assert "read as Windows-1252" in found.problem
    (record,) = api.read_records(b"@book{k, title=" + data.replace(b"\n", b", note=") + b"}").records
    assert f"{{{record.title}}}" == utf8
    assert f"{{{record.note}}}" == western


def test_signs_that_are_utf8_by_chance_are_left_alone() -> None:
    for text in ("{Ö– Müller}", "{Â° Größe}", "{Böll}"):
        assert encoding.decode(text.encode("cp1252")).text == text
    for name, text in (("cp1251", "{Рёв Её Москва Достоевский и его время}"), ("koi8-r", "{Москва и Петербург}")):
        data = f"% Encoding: {name}\n{text}".encode(name)
        assert encoding.decode(data).text.endswith(text)
