"""Django's SQLite backend with a queue in front of its write transactions.

SQLite's own waiting is a lottery: with eight writers the slowest commit takes four to five seconds. A lock
on a file beside the database makes it a queue, and brings that down to some hundred milliseconds.
Every transaction of this site writes (reading happens in autocommit), so each one queues.
"""

from __future__ import annotations

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the writers' lock before BEGIN IMMEDIATE and gives it back after COMMIT or ROLLBACK."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._writers_queue: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._queue_up()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs lack it
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs lack it
        self._leave_queue()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # the stubs lack it
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # the stubs lack it
        finally:
            self._leave_queue()

    def _queue_up(self) -> None:
        """Wait until every writer that came before has finished; a crashed one frees the lock by dying."""
        name = str(self.settings_dict["NAME"])
        if self._writers_queue is not None or self.is_in_memory_db():
            return
        descriptor = os.open(f"{name}.queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
        self._writers_queue = descriptor

    def _leave_queue(self) -> None:
        descriptor, self._writers_queue = self._writers_queue, None
        if descriptor is not None:
            os.close(descriptor)
