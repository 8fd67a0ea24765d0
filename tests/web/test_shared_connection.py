"""A server in a thread and the test beside it share one SQLite connection and do it no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.support import shared


@pytest.mark.once
def test_two_threads_prepare_the_same_sentences_on_one_connection() -> None:
    """Long sentences of many columns: preparing one takes long enough for the other thread to come in between."""
    connection = shared.Connection(":memory:", check_same_thread=False)
    columns = [f"c{number}" for number in range(300)]
    connection.execute(f"CREATE TABLE wide ({', '.join(columns)})")
    together = Barrier(2)

    def ask(thread: int) -> int:
        for number in range(1000):
            together.wait(timeout=60)
            cursor = connection.cursor(shared.SQLiteCursorWrapper)
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM wide WHERE c0 = %s AND c1 = {number}", [thread]
            )
        return number

    with ThreadPoolExecutor(2) as threads:
        assert [*threads.map(ask, range(2))] == [999, 999]
