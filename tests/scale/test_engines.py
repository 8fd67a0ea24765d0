"""PostgreSQL and Spark draw what plain Python draws, on a real server and a local cluster. Run by `make test-scale`."""

from __future__ import annotations

import os

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isegoria import register
from isegoria.errors import BadInput
from isegoria.register.at_scale import Frame, Queries, draw_in_engine
from isegoria.register.engines import PostgreSQL, Spark
from isegoria.seeding import seed_from_text
from tests.support import postgresql
from tests.support.registers import DRAWS, ON, as_drawn, people, write_parquet

SEED = seed_from_text("3-1-4-1-5")
TABLE = 'population.the "residents"'


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


@pytest.fixture(scope="module")
def server():
    with psycopg.connect(postgresql.url(), autocommit=True) as made:
        made.execute("DROP SCHEMA IF EXISTS population CASCADE")
        made.execute("CREATE SCHEMA population")
        columns = ", ".join(
            f'"{column}" {"date" if column == "birth_date" else "text"}' for column in people().columns
        )
        made.execute(f'CREATE TABLE population."the ""residents""" ({columns})')
        with made.cursor() as cursor, cursor.copy('COPY population."the ""residents""" FROM STDIN') as copy:
            for row in people().rows:
                copy.write_row([row[column] for column in people().columns])
    return postgresql.url()


@pytest.fixture(scope="module")
def session():
    if os.environ.get("ISEGORIA_SCALE") != "1":  # where it should be there, its absence is a failure
        pytest.importorskip(
            "pyspark", reason="NOT TESTED: Spark is not installed; make test-scale installs it"
        )
    import pyspark.sql

    from isegoria.register.engines import _local_session

    made = _local_session(pyspark.sql.SparkSession)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    return write_parquet(tmp_path_factory.mktemp("register") / "register.parquet", people())


def agree(engine, name, seed=SEED):
    letters, options, frame = DRAWS[name]
    plain = register.draw_letters(people(), seed, letters, on=ON, age_min=16, **options)
    drawn = draw_in_engine(engine, seed, letters, Frame(age_min=16, on=ON, **frame))
    assert as_drawn(drawn) == as_drawn(plain)
    assert [dict(row) for row in drawn.rows] == [dict(row) for row in plain.rows]


@pytest.mark.parametrize("name", DRAWS)
def test_postgresql_draws_the_same_list_as_plain_python(server, name):
    with PostgreSQL(server, TABLE) as engine:
        agree(engine, name)


@pytest.mark.parametrize("name", DRAWS)
def test_spark_draws_the_same_list_as_plain_python(session, parquet, name):
    agree(Spark(parquet, session=session), name)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.binary(min_size=32, max_size=32), name=st.sampled_from(sorted(DRAWS)))
def test_both_agree_under_any_seed(server, session, parquet, seed, name):
    with PostgreSQL(server, TABLE) as engine:
        agree(engine, name, seed)
    agree(Spark(parquet, session=session), name, seed)


def test_everybody_who_can_be_drawn_is_told_one_by_one(server, session, parquet):
    frame = Frame(age_min=16, on=ON, stratify_by="municipality_name")
    known = sorted((row["municipality_name"], row["id"]) for row in people().eligible(age_min=16, on=ON))
    for engine in (PostgreSQL(server, TABLE), Spark(parquet, session=session)):
        with engine:
            assert len(engine) == len(people())
            assert sorted(Queries(engine, frame).everybody()) == known


def in_two_rounds(engine, name):
    letters, options, frame = DRAWS[name]
    frame = Frame(age_min=16, on=ON, **frame)
    plain = register.draw_letters(people(), SEED, letters, on=ON, age_min=16, **options)
    with engine:
        walk = register.walk_homes([register.home_shard(engine, SEED, letters, frame, "all")])
        drawn = register.merge_homes(walk, [register.people_shard(engine, walk, frame, "all")])
    assert (drawn.names, drawn.waves, drawn.strata) == (plain.names, plain.waves, plain.strata)


HOMES = [name for name, (_letters, _options, frame) in DRAWS.items() if "groups" in frame]


@pytest.mark.parametrize("name", HOMES)
def test_postgresql_delivers_the_homes_of_a_part(server, name):
    in_two_rounds(PostgreSQL(server, TABLE), name)


@pytest.mark.parametrize("name", HOMES)
def test_spark_delivers_the_homes_of_a_part(session, parquet, name):
    in_two_rounds(Spark(parquet, session=session), name)


def test_spark_reads_a_table_that_it_knows(session, parquet):
    session.read.parquet(str(parquet)).createOrReplaceTempView("residents")
    agree(Spark("residents", session=session), "stratified")


def test_what_an_engine_refuses_is_one_error(server, session):
    with refused("engine_refused"):
        PostgreSQL(server, "population.nobody")
    with refused("engine_refused"):
        PostgreSQL("postgresql://nobody@127.0.0.1:1/none", "residents")
    with refused("engine_refused"):
        Spark("no_such_table", session=session)


def test_a_draw_writes_nothing_into_the_database_of_the_office(server):
    with PostgreSQL(server, TABLE) as engine, refused("engine_refused") as caught:
        engine.rows(f"DELETE FROM {engine.register} RETURNING 1")
    assert "read-only" in caught.value.problem
