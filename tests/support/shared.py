"""A SQLite connection that several threads may use, as a server in a thread and the test beside it do.

pysqlite3 keeps its prepared statements in a list and a mapping, and lets other threads run while it prepares one.
If two threads prepare the same sentence at once, the list has it twice and the mapping once; when the second is
thrown out, `KeyError` comes, and again for every new sentence after it. A site never shares a connection.
"""

from __future__ import annotations

from threading import RLock
from typing import Any

from django.db.backends.sqlite3.base import Database, SQLiteCursorWrapper


class Connection(Database.Connection):  # type: ignore[misc]  # pysqlite3 brings no types
    """Prepares one statement at a time; other connections do not wait for it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.preparing = RLock()

    def cursor(self, factory: type[Any] | None = None) -> Any:
        """Return a cursor that waits for its turn; Django's own asks for Django's kind."""
        return super().cursor(Cursor if factory is SQLiteCursorWrapper else factory or Database.Cursor)


class Cursor(SQLiteCursorWrapper):
    """Waits while another thread executes something on the same connection."""

    def execute(self, query: str, params: Any = None) -> Any:
        """Execute one statement alone."""
        with self.connection.preparing:
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """Execute one statement for many rows, alone."""
        with self.connection.preparing:
            return super().executemany(query, param_list)
