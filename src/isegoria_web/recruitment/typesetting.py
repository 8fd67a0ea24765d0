"""Letters to pages, in a process of its own: a pure function of what comes in, the same bytes every time.

Typst keeps what it has set in memory for the next time; a process that ends gives it back, and several use all cores.
Run as a programme it reads JSON and writes the document: `python -m isegoria_web.recruitment.typesetting FORMAT`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import datetime
from importlib.resources import files
from typing import Any

import segno
import typst

QR_MASK = 3
"""Fixed, because choosing the best of eight masks takes three times as long and reads no better."""
DOTS_AN_INCH = 96
TOO_LONG = "too-long"
BAD_PICTURE = "failed to decode image"
_TOO_LONG_STATUS, _PICTURE_STATUS = 3, 4


class TooLongError(Exception):
    """A letter does not fit on one page."""


class PictureError(Exception):
    """The picture at the head cannot be read."""


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
    """
    made = subprocess.run(  # noqa: S603  # this very module
        [sys.executable, "-m", "isegoria_web.recruitment.typesetting", form],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode == _TOO_LONG_STATUS:
        raise TooLongError
    if made.returncode == _PICTURE_STATUS:
        raise PictureError
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
    """
    for letter in data["letters"]:
        letter["qr"] = qr_square(f"{data['address']}#{letter['code']}")
    template = files("isegoria_web.recruitment").joinpath("letters.typ").read_bytes()
    try:
        made: bytes | list[bytes] = typst.compile(
            template,
            sys_inputs={"data": json.dumps(data)},
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
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
