"""How the tests are shared out among processes: what shares a costly start stays together, and the longest goes first.

Without it the files with the fewest tests come last, and among those are the slowest of all: one process works on
for minutes when the others have ended.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

TOGETHER = ("tests/journey/",)
"""Folders whose files share what one process starts: the demonstration is played once."""
LONGEST = (
    "tests/journey/",
    "tests/web/test_workers_killed.py",
    "tests/web/test_commands.py",
    "tests/web/test_access_matrix.py",
    "tests/web/test_xss_browser.py",
    "tests/web/recruitment/test_mailing_killed.py",
    "tests/web/recruitment/test_printing_killed.py",
    "tests/web/test_rooms_browser.py",
    "tests/web/backoffice/test_facilitating_browser.py",
)
"""What takes longest, longest first; then come the files with the most tests."""


def piece_of(name: str) -> str:
    """Return what a test goes together with: its file, or a folder."""
    file = name.split("::", 1)[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests into the order in which their pieces are handed out."""
    if not hasattr(config, "workerinput"):
        return  # a single process, or the one that hands out
    sizes = Counter(piece_of(item.nodeid) for item in items)
    ranks = {piece: rank for rank, piece in enumerate(LONGEST, start=-len(LONGEST))}

    def place(item: pytest.Item) -> tuple[int, int]:
        piece = piece_of(item.nodeid)
        return ranks.get(piece, 0), -sizes[piece]

    items.sort(key=place)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out piece by piece, in the order of the collection."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Pieces(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return piece_of(nodeid)

    config.option.loadscopereorder = False
    return Pieces(config, log)
