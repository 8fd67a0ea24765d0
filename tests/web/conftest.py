from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Institution
from tests.support import migrated
from tests.web import factories


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse the mark on what asks the database of the tests: that must run on both kinds."""
    for item in items:
        if item.get_closest_marker("once") and (
            item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        ):
            raise pytest.UsageError(
                f"{item.nodeid} asks the database: take away its mark `once`, so that it runs on both"
            )


@pytest.fixture(autouse=True)
def _stopped_clock():
    with clock.at(factories.NOW):
        yield


@pytest.fixture(autouse=True)
def _no_language_of_the_test_before():
    """A page in German leaves German to whoever comes next in the thread."""
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _tables_that_refuse_it_can_be_emptied_between_tests():
    """Empty the tables after tests with real transactions, past the triggers; here we own the database."""
    emptying = connection.ops.sql_flush

    def sql_flush(*args, **kwargs):
        statements = emptying(*args, **kwargs)
        if connection.vendor == "postgresql":
            return ["SET LOCAL session_replication_role = replica", *statements]
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        dropped = [f"DROP TRIGGER {name}" for name, _sql in triggers]
        return [*dropped, *statements, *(sql for _name, sql in triggers)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection.ops, "sql_flush", sql_flush)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
):
    """The tables come from a copy: with every process going through all migrations, they took minutes."""
    if not request.getfixturevalue("django_db_use_migrations"):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setitem(connection.settings_dict["TEST"], "TEMPLATE", migrated.postgresql_template())
        else:
            create = migrated.load_into(connection.creation._create_test_db)
            patch.setattr(connection.creation, "_create_test_db", create)
        yield


@pytest.fixture
def several_threads(transactional_db: None, tmp_path: Path):
    """Let threads of a test meet in one database: on SQLite in a file, as a site has; one in memory knows no two."""
    if connection.vendor == "postgresql":
        yield
        return
    in_memory, connection.connection = connection.connection, None
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", str(migrated.copy_of_file(tmp_path)))
        yield
        connection.close()
    connection.connection = in_memory


@pytest.fixture
def institution(db: None) -> Institution:
    return factories.make_institution()


@pytest.fixture
def elsewhere(db: None) -> Institution:
    """Another institution, whose people have no business here."""
    return factories.make_institution("elsewhere")


@pytest.fixture
def secretariat(institution: Institution) -> Actor:
    return factories.actor(institution, Role.SECRETARIAT)


@pytest.fixture
def facilitator(institution: Institution) -> Actor:
    return factories.actor(institution, Role.FACILITATOR)


@pytest.fixture
def authority(institution: Institution) -> Actor:
    return factories.actor(institution, Role.AUTHORITY)


@pytest.fixture
def stranger(db: None) -> Actor:
    return factories.nobody_special()
