"""A file that was sent, on disk for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

LONGEST_NAME = 200


@contextmanager
def on_disk(sent: UploadedFile[Any], endings: tuple[str, ...] = (".csv", ".txt", ".tsv")) -> Iterator[Path]:
    """Stream an upload into a private folder that is gone afterwards, whatever happens.

    Parameters
    ----------
    sent
        The upload.
    endings
        The endings that may be kept; any other becomes `.csv`, and the reader says what is wrong with it.
    """
    ending = Path(sent.name or "").suffix.lower()
    with tempfile.TemporaryDirectory(prefix="office-") as folder:
        path = Path(folder) / f"upload{ending if ending in endings else '.csv'}"
        with path.open("wb") as target:
            for chunk in sent.chunks():
                target.write(chunk)
        yield path


def name_of(sent: UploadedFile[Any]) -> str:
    """Return the name under which the sender knows the file."""
    return Path(sent.name or "").name[-LONGEST_NAME:]
