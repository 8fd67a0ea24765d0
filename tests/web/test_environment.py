"""What the variables of the environment mean."""

from pathlib import Path

import pytest
from django.db import connection

from isegoria_web import environment

URL = "postgresql://anna:p%40ss@db.example.org:5433/panel"


def test_postgresql_keeps_statements_prepared_unless_a_pooler_cannot() -> None:
    described = environment.database(f"{URL}?sslmode=require", Path())
    assert described["PASSWORD"] == "p@ss"
    assert described["OPTIONS"] == environment.PREPARED | {"sslmode": "require"}
    behind_a_pooler = environment.database(f"{URL}?prepared=no&sslmode=require", Path())
    assert behind_a_pooler["OPTIONS"] == {"sslmode": "require"}


def test_a_word_that_prepared_does_not_know_is_refused_with_those_it_knows() -> None:
    with pytest.raises(
        ValueError, match="prepared=perhaps is not supported; use prepared=yes or prepared=no"
    ):
        environment.database(f"{URL}?prepared=perhaps", Path())


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its prepared statements")
def test_a_statement_that_comes_again_is_planned_once() -> None:
    with connection.cursor() as cursor:
        for number in range(4):
            cursor.execute("SELECT %s + 41 AS answer", [number])
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%41 AS answer'")
        assert cursor.fetchone() == (1,)
