"""What deleted and rewritten rows leave behind in the files of a database, and how to remove it.

A database frees the space of a deleted row; it does not overwrite it. PostgreSQL keeps the row in its page until
a vacuum, SQLite in free pages and in the write-ahead log, both in the order in which the rows were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from psycopg.errors import Diagnostic


def wipe(connection: BaseDatabaseWrapper, models: Iterable[type[Model]]) -> None:
    """Write the tables of models anew, so that no deleted row is left in the files of the database; outside a transaction.

    On PostgreSQL the tables alone are written anew, under a short lock. On SQLite it is the whole file, and the
    write-ahead log is emptied. Neither reaches archives of the log, copies, or the blocks of the disk.

    Parameters
    ----------
    connection
        The database.
    models
        Whose tables.

    Raises
    ------
    OperationalError
        If somebody else reads or writes just now; try again later.
    """
    if connection.vendor == "postgresql":
        _write_tables_anew(connection, models)
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _frames, _done = cursor.fetchone()
        if busy:
            raise OperationalError("the write-ahead log is being read")


def _write_tables_anew(connection: BaseDatabaseWrapper, models: Iterable[type[Model]]) -> None:
    """Vacuum the tables, and believe it only where PostgreSQL says that no deleted row was kept.

    It keeps those that an older snapshot might still read, and succeeds all the same. How many it kept is the
    first number in the detail of its notice, in every language of the server.
    """
    details: list[str] = []
    with connection.cursor() as cursor:
        session = cursor.connection

        def listen(notice: Diagnostic) -> None:
            details.append(notice.message_detail or "")

        session.add_notice_handler(listen)
        try:
            for model in models:
                table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
                details.clear()
                cursor.execute(f"VACUUM (FULL, VERBOSE) {table}")
                kept = [number.group() for text in details if (number := re.search(r"\d+", text))]
                if set(kept) != {"0"}:
                    raise OperationalError("an older reader still needs the deleted rows")
        finally:
            session.remove_notice_handler(listen)
