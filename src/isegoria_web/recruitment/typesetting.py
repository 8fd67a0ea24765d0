"""Letters to pages, in a process of its own: a pure function of what comes in, the same bytes every time.

Typst keeps what it has set in memory for the next time; a process that ends gives it back, and several use all cores.
Run as a programme it reads JSON and writes the document: `python -m isegoria_web.recruitment.typesetting FORMAT`.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any

import segno
import typst

QR_MASK = 3
"""Fixed, because choosing the best of eight masks takes three times as long and reads no better."""
DOTS_AN_INCH = 96
TOO_LONG = "too-long"
BAD_PICTURE = "failed to decode image"
_TOO_LONG_STATUS, _PICTURE_STATUS, _GLYPHS_STATUS = 3, 4, 5
FONTS = ("Libertinus Serif", "Noto Naskh Arabic")
"""Of the words; the first comes with Typst, the second with this package. Whatever else the machine has helps out."""
_NO_CHARACTER = "\U0010fffe"
"""No font has it, so that what is drawn for it is drawn for everything that is missing."""
_GLYPH = re.compile(rb'<use[^>]*href="#([^"]+)"')


class TooLongError(Exception):
    """A letter does not fit on one page."""


class PictureError(Exception):
    """The picture at the head cannot be read."""


class GlyphsMissingError(Exception):
    """No font has some of the characters; its text is these characters."""


def in_a_process(data: bytes, form: str = "pdf") -> bytes:
    """Typeset letters in another process.

    Parameters
    ----------
    data
        JSON, as `letters.as_data` makes it.
    form
        `pdf`, or `png` for a picture of the first page.

    Raises
    ------
    TooLongError
        If a letter needs more than a page.
    PictureError
        If the picture at the head is none.
    GlyphsMissingError
        If no font has one of the characters.
    """
    made = subprocess.run(  # noqa: S603  # this very module
        [sys.executable, "-m", "isegoria_web.recruitment.typesetting", form],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode == _TOO_LONG_STATUS:
        raise TooLongError
    if made.returncode == _PICTURE_STATUS:
        raise PictureError
    if made.returncode == _GLYPHS_STATUS:
        raise GlyphsMissingError(made.stderr.decode())
    if made.returncode:
        raise RuntimeError(f"letters were not typeset: {made.stderr.decode(errors='replace')[-2000:]}")
    return made.stdout


def typeset(data: dict[str, Any], form: str) -> bytes:
    """Return the document of some letters; the date in it is theirs, not today's.

    Raises
    ------
    TooLongError
        If a letter needs more than a page.
    PictureError
        If the picture at the head is none.
    GlyphsMissingError
        If no font has one of the characters: a box would stand in its place, and nobody could read the letter.
    """
    if missing := missing_of("".join(_words_in(data))):
        raise GlyphsMissingError(missing)
    for letter in data["letters"]:
        letter["qr"] = qr_square(f"{data['address']}#{letter['code']}")
    template = files("isegoria_web.recruitment").joinpath("letters.typ").read_bytes()
    try:
        with as_file(files("isegoria_web.recruitment").joinpath("fonts")) as fonts:
            made: bytes | list[bytes] = typst.compile(
                template,
                sys_inputs={"data": json.dumps(data | {"fonts": FONTS})},
                font_paths=typst.Fonts(font_paths=[fonts]),
                format="png" if form == "png" else "pdf",
                ppi=DOTS_AN_INCH,
                timestamp=datetime.fromisoformat(data["moment"]),
            )
    except typst.TypstError as error:
        if TOO_LONG in str(error.message):
            raise TooLongError from error
        if BAD_PICTURE in str(error.message):
            raise PictureError from error
        raise
    return made[0] if isinstance(made, list) else made


def missing_of(text: str) -> str:
    """Return the characters of a text that no font of this machine has, each once, in their order.

    Typst says nothing of them, it draws a box. Each is drawn alone here and held against that box.
    """
    seen = "".join(
        sorted(each for each in set(text) if unicodedata.category(each) not in {"Cc", "Cf", "Zs"})
    )
    template = (
        "#set page(width: auto, height: auto)\n"
        "#set text(font: json(bytes(sys.inputs.fonts)))\n"
        "#for each in json(bytes(sys.inputs.characters)) { page(box(each)) }"
    )
    with as_file(files("isegoria_web.recruitment").joinpath("fonts")) as fonts:
        made: list[bytes] | bytes = typst.compile(
            template.encode(),
            sys_inputs={"fonts": json.dumps(FONTS), "characters": json.dumps([_NO_CHARACTER, *seen])},
            font_paths=typst.Fonts(font_paths=[fonts]),
            format="svg",
        )
    pages = made if isinstance(made, list) else [made]
    box, *drawn = [set(_GLYPH.findall(page)) for page in pages]
    return "".join(each for each, glyphs in zip(seen, drawn, strict=True) if glyphs & box)


def _words_in(value: Any) -> Iterator[str]:
    """Yield every text that is typeset: all but the picture, which is no text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            if name != "logo":
                yield from _words_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words_in(each)


def qr_square(address: str) -> str:
    """Return an address as a QR square, drawn in SVG."""
    buffer = io.BytesIO()
    segno.make(address, error="m", mask=QR_MASK, micro=False).save(
        buffer, kind="svg", border=2, xmldecl=False
    )
    return buffer.getvalue().decode()


def main() -> int:
    """Read letters, write their document."""
    try:
        made = typeset(json.load(sys.stdin.buffer), sys.argv[1])
    except TooLongError:
        return _TOO_LONG_STATUS
    except PictureError:
        return _PICTURE_STATUS
    except GlyphsMissingError as error:
        sys.stderr.buffer.write(str(error).encode())
        return _GLYPHS_STATUS
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
