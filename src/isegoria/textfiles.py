"""Text files as offices really save them: which encoding it is, and whether it is the same to the end.

The whole file is read once, in pieces, and never held. What was found can be said to the user; what is mixed,
damaged or not text is refused with its row.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from isegoria.errors import BadInput, Place

PIECE_BYTES = 1 << 20
MOST_BYTES = 2_000_000_000
"""A larger file is refused; a table engine draws from larger registers where they are."""
NOT_TEXT = {
    b"\x89PNG": "a PNG picture",
    b"PK\x03\x04": "a ZIP archive or a workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or one with a password",
}
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without byte order mark",
    "utf-16-be": "UTF-16 without byte order mark",
    "iso-8859-1": "Latin-1",
    "cp1252": "Windows-1252",
}
# Letters of Europe and most other scripts as UTF-8 writes them; in Latin-1 the same bytes are `Ã©` and the like.
_UTF8_LETTER = re.compile(
    rb"[\xc3-\xc5][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", re.DOTALL
)
# Not in Windows-1252, or a sign there that never stands between two letters: `H‚lŠne` is Hélène as DOS wrote it.
_NOT_WINDOWS = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]|[A-Za-z][\x80\x82-\x89\x8b\x93-\x95\x98\x99\x9b][A-Za-z]", re.DOTALL
)
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_SNIFFED = 4096


@dataclass(frozen=True, slots=True)
class TextFile:
    """What a text file turned out to be.

    Attributes
    ----------
    path
        Where it is.
    codec
        The name under which `open(…, encoding=codec)` reads it to the end.
    encoding
        The same in the words of the office, such as `Windows-1252`.
    sha256
        Of its bytes, 64 hexadecimal digits.
    size
        In bytes.
    """

    path: Path
    codec: str
    encoding: str
    sha256: str
    size: int


def inspect(path: Path, *, encoding: str | None = None, most_bytes: int = MOST_BYTES) -> TextFile:
    """Return the encoding of a text file, found or checked to the last byte.

    Parameters
    ----------
    path
        A file.
    encoding
        If the office knows it, any name that Python knows, such as `cp850`; else it is found among UTF-8 and UTF-16
        with and without byte order mark, Latin-1 and Windows-1252.
    most_bytes
        A larger file is not read at all.

    Raises
    ------
    BadInput
        `file_missing`, `file_unreadable`, `file_empty`, `file_too_large`, `file_not_a_table`, `file_nul`,
        `encoding_mixed`, `encoding_unknown`, `encoding_wrong`, `encoding_not_known`; where it can, with the row.

    Notes
    -----
    Latin-1 and Windows-1252 differ only in 32 characters, such as `œ` and `’`; a file without them reads the same
    in both and is called Latin-1. Latin-9 and the code pages of DOS cannot be told apart with certainty: what looks
    like the latter is refused, and both are read when they are named.
    """
    size = size_of(path, most_bytes)
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    for magic, kind in NOT_TEXT.items():
        if head.startswith(magic):
            raise BadInput("file_not_a_table", Place(path.name), kind=kind)
    if encoding is not None:
        codec = _known(encoding, path.name)
        fault = _first_fault(path, codec)
        if fault is not None:
            raise BadInput("encoding_wrong", Place(path.name, row=fault), encoding=encoding)
        return TextFile(path, codec, _NAMES.get(codec, encoding), sha256_of(path), size)
    codec = _marked(head)
    fault = _first_fault(path, codec)
    if fault is not None:
        codec = _single_byte(path, fault) if codec == "utf-8" else _broken(path, codec, fault)
    return TextFile(path, codec, _NAMES[codec], sha256_of(path), size)


def size_of(path: Path, most_bytes: int = MOST_BYTES) -> int:
    """Return the size of a file in bytes, which is above 0 and not too large.

    Raises
    ------
    BadInput
        `file_missing`, `file_unreadable`, `file_empty`, `file_too_large`.
    """
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    except OSError as error:
        detail = error.strerror or ""
        raise BadInput("file_unreadable", Place(str(path)), file=path.name, detail=detail) from error
    return check_size(path.name, size, most_bytes)


def check_size(name: str, size: int, most_bytes: int = MOST_BYTES) -> int:
    """Return a size in bytes that was told before the file is there, if it is above 0 and not too large.

    Raises
    ------
    BadInput
        `file_empty`, `file_too_large`.
    """
    if not size:
        raise BadInput("file_empty", Place(name), file=name)
    if size > most_bytes:
        raise BadInput("file_too_large", Place(name), size=-(-size // 10**6), most=most_bytes // 10**6)
    return size


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(encoding: str, name: str) -> str:
    try:
        codec = codecs.lookup(encoding.strip()).name
        "".encode(codec)
    except (LookupError, ValueError) as error:
        raise BadInput("encoding_not_known", Place(name), encoding=encoding) from error
    return codec


def _marked(head: bytes) -> str:
    """Return what the first bytes say: a mark, or the zeros of UTF-16; else UTF-8, to be tried."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first, second = head[::2].count(0), head[1::2].count(0)
    often = len(head) // 3
    if second > often and not first:
        return "utf-16-le"
    return "utf-16-be" if first > often and not second else "utf-8"


def _first_fault(path: Path, codec: str) -> int | None:
    """Return the row that the encoding cannot read, or None; a NUL in any row is refused."""
    decoder = codecs.getincrementaldecoder(codec)()
    row = 1
    for piece, last in _pieces(path):
        try:
            text = decoder.decode(piece, final=last)
        except UnicodeDecodeError as error:
            # A decoder keeps what the piece before left over; rows are counted in what came before the fault.
            return row + error.object[: error.start].decode(codec, "ignore").count("\n")
        if "\0" in text:
            raise BadInput("file_nul", Place(path.name, row=row + text[: text.index("\0")].count("\n")))
        row += text.count("\n")
    return None


def _broken(path: Path, codec: str, row: int) -> str:
    raise BadInput("encoding_wrong", Place(path.name, row=row), encoding=_NAMES[codec])


def _single_byte(path: Path, fault: int) -> str:
    """Return which encoding of one byte a letter it is that is no UTF-8 in a row."""
    controls = False
    for row, line in _lines(path):
        if line.isascii():
            continue
        if b"\0" in line:
            raise BadInput("file_nul", Place(path.name, row=row))
        if _UTF8_LETTER.search(line):
            raise BadInput("encoding_mixed", Place(path.name, row=fault), other=row)
        if found := _NOT_WINDOWS.search(line):
            byte = next(one for one in found[0] if one > 0x7F)  # noqa: PLR2004  # the last of ASCII
            raise BadInput("encoding_unknown", Place(path.name, row=row), byte=f"{byte:02X}")
        controls = controls or _CONTROLS.search(line) is not None
    return "cp1252" if controls else "iso-8859-1"


def _pieces(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        piece = file.read(PIECE_BYTES)
        while piece:
            following = file.read(PIECE_BYTES)
            yield piece, not following
            piece = following


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield lines with their rows; a line without an end comes in pieces of the same row."""
    row = 1
    with path.open("rb") as file:
        while line := file.readline(PIECE_BYTES):
            yield row, line
            row += line.endswith(b"\n")


def escape_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; leading white space does not hide one."""
    signs = {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    return f"'{cell}" if cell[:1] in {"\t", "\r", "\n"} or cell.lstrip()[:1] in signs else cell


def unescape_formula(cell: str) -> str:
    """Return a cell as it was before `escape_formula`."""
    return cell[1:] if cell[:1] == "'" and escape_formula(cell[1:]) == cell else cell
