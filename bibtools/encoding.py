"""Bytes to text and back without losing one byte.

People's files come in UTF-8, with a byte order mark, in UTF-16, in what an old JabRef declared (``% Encoding: Cp1252``), in
Latin-1, and as several of these glued together. The answer is a guess, but never a loss: `Decoded.encode` of the decoded
text gives the bytes that came in, whatever they were.

Decisions: a byte order mark wins; then UTF-16 seen by its NUL bytes; then UTF-8, because text that is valid UTF-8 with a
letter beyond ASCII in it is practically never anything else, whatever its header says; then the declared encoding; then UTF-8
with some foreign bytes (`surrogateescape`), if there are valid sequences that mean letters or quotation marks: files glued
together; then Windows-1252, and Latin-1 where that has
holes. Detection by letter frequency (chardet and friends) was left out: it errs silently on short files.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

__all__ = ["Decoded", "decode", "readable"]

BOMS = (  # UTF-32 before UTF-16, whose mark is the beginning of its own
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(
    rb"^[ \t%]*(?:!TeX[ \t]+)?(?:-\*-[ \t]*)?(?:file)?(?:encoding|coding)[ \t]*[:=][ \t]*([\w.:-]+)", re.I | re.M
)
SEQUENCE = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")
MEANT = re.compile(
    "[^\\W\\d_\x00-\x7f]|[\u2010-\u2027\u20ac]"
)  # what nobody writes as two or three signs of Windows-1252 by chance
PER_SEQUENCE = 20  # foreign bytes for each of these in a file of both; more, and it is another encoding
FOREIGN = re.compile("[\udc80-\udcff]")
PRINTABLE = "".join(map(chr, range(32, 127)))  # a declared encoding must leave these alone: no UTF-16, UTF-7, EBCDIC
HEAD = 4096  # where a declaration is looked for, as in JabRef and Emacs


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and how it came out of its bytes. ``problem`` is "" when nothing was guessed."""

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""
    problem: str = ""
    errors: str = "strict"

    def encode(self, text: str) -> bytes:
        """The bytes of a text in this encoding; UnicodeEncodeError where it has no byte for a character."""
        return self.bom + text.encode(self.encoding, self.errors)


def decode(data: bytes) -> Decoded:
    """Never raises; ``decode(data).encode(decode(data).text) == data``."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _marked(data, bom, encoding)
    wide = _wide(data)
    if wide and (found := _exactly(data, wide)) is not None:
        return Decoded(found, wide, problem=f"no byte order mark, read as {wide.upper()}")
    declared = _declared(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(data, declared)
    if declared and text.isascii() and (found := _exactly(data, declared)) is not None:
        return Decoded(found, declared)
    if declared and declared != "utf-8" and not text.isascii():
        return Decoded(text, problem=f"declared as {declared}, but it is UTF-8")
    return Decoded(text)


def readable(text: str) -> str:
    """Text for people and records: the foreign bytes of a mixed file read as Windows-1252 instead of lone surrogates."""
    if text.isascii():
        return text
    return FOREIGN.sub(lambda match: _foreign(ord(match[0]) - 0xDC00), text)


def _foreign(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))


def _marked(data: bytes, bom: bytes, encoding: str) -> Decoded:
    body = data[len(bom) :]
    for errors in ("strict", "surrogateescape" if encoding == "utf-8" else "surrogatepass"):
        text = _exactly(body, encoding, errors)
        if text is not None:
            problem = "" if errors == "strict" else f"some bytes are not {encoding.upper()}"
            return Decoded(text, encoding, bom, problem, errors)
    return Decoded(data.decode("latin-1"), "latin-1", problem=f"marked as {encoding.upper()}, but it is not")


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: BibTeX's own characters are ASCII, so every other byte of most of the text is NUL."""
    head = data[:HEAD]
    if len(data) % 2 or len(head) < 4 or b"\0" not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return "utf-16-le" if odd > 0.6 * half and even < 0.05 * half else ""


def _declared(data: bytes) -> str:
    match = DECLARED.search(data, 0, HEAD)
    if match is None:
        return ""
    name = match[1].decode("ascii", "replace")
    try:
        found = codecs.lookup(name).name if PRINTABLE.encode(name) == PRINTABLE.encode() else ""
    except (UnicodeError, ValueError, LookupError):
        return ""
    return "utf-8" if found == "ascii" else found  # which holds it, and lets the file grow


def _eight_bit(data: bytes, declared: str) -> Decoded:
    text = data.decode("utf-8", "surrogateescape")
    foreign = len(FOREIGN.findall(text))
    western = declared in ("", "utf-8", "cp1252", "iso8859-1", "iso8859-15")
    mixed = western and PER_SEQUENCE * len(MEANT.findall(text)) > foreign
    if not mixed and declared and declared != "utf-8" and (found := _exactly(data, declared)) is not None:
        return Decoded(found, declared)
    if mixed or foreign < len(SEQUENCE.findall(text)):
        return Decoded(text, problem=f"{foreign} bytes are not UTF-8; read as Windows-1252", errors="surrogateescape")
    for guess, name in (("cp1252", "Windows-1252"), ("latin-1", "Latin-1")):
        if (found := _exactly(data, guess)) is not None:
            return Decoded(found, guess, problem=f"not UTF-8, read as {name}")
    raise AssertionError("Latin-1 has a character for every byte")


def _exactly(data: bytes, encoding: str, errors: str = "strict") -> str | None:
    """The text, if it can be turned back into the same bytes."""
    try:
        text = data.decode(encoding, errors)
        return text if text.encode(encoding, errors) == data else None
    except (UnicodeError, ValueError, LookupError):
        return None
