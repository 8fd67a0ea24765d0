"""What deleted and rewritten rows leave behind in the files of a database, and how to remove it.

A database frees the space of a deleted row; it does not overwrite it. PostgreSQL keeps the row in its page until
a vacuum, SQLite in free pages and in the write-ahead log, both in the order in which the rows were written.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model


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
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            tables = [connection.ops.quote_name(model._meta.db_table) for model in models]  # noqa: SLF001
            cursor.execute("VACUUM (FULL) " + ", ".join(tables))
            # An older snapshot makes PostgreSQL keep the deleted rows and say nothing. A plain vacuum counts those
            # that are left.
            cursor.execute("VACUUM " + ", ".join(tables))
            cursor.execute(
                "SELECT sum(n_dead_tup) FROM pg_stat_all_tables WHERE relid = ANY(%s::regclass[])", [tables]
            )
            (left,) = cursor.fetchone()
            if left:
                raise OperationalError("an older reader still needs the deleted rows")
            return
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _frames, _done = cursor.fetchone()
        if busy:
            raise OperationalError("the write-ahead log is being read")
