"""What somebody can do who owns the database."""

from __future__ import annotations

from typing import Any

from django.db import connection


def switch_off(sql: Any, table: str) -> None:
    """Switch the triggers of a table off, until the end of the test."""
    if connection.vendor == "postgresql":
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        sql.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    sql.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
    for (name,) in sql.fetchall():
        sql.execute(f"DROP TRIGGER {name}")
