"""One call from Python: it tells how far it is, can be stopped at any word, and gives the same wherever it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from isegoria import lottery
from isegoria.cli.lottery import app
from isegoria.lottery import Cancelled, solve
from isegoria.pool import Pool, Quota, Quotas
from isegoria.seeding import Stream
from isegoria.testing import NAMED, realistic_pool

INSTANCE = realistic_pool(200, 20, {"age": 4, "sex": 2, "place": 5, "school": 3}, seed="calls", slack=1)


def document(found):
    return json.dumps(found.to_document(), sort_keys=True)


@pytest.fixture(scope="module")
def whole():
    return document(solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size))


class Enough(Exception):
    """What a caller raises who has heard enough."""


def words(instance, objective):
    heard = []
    solve(
        instance.pool,
        instance.quotas,
        instance.size,
        objective,
        progress=lambda phase, done: heard.append((phase, done)),
    )
    return heard


@pytest.mark.parametrize("objective", ["leximin", "maximin", "nash", "goldilocks"])
def test_every_phase_is_told_with_a_share_that_never_falls(objective):
    for instance in (INSTANCE, *NAMED):
        heard = words(instance, objective)
        assert heard[-1] == ("tickets", 1.0)
        for phase in {phase for phase, _ in heard}:
            shares = [done for one, done in heard if one == phase]
            assert shares == sorted(shares)
            assert 0 <= shares[0] <= shares[-1] <= 1


@pytest.mark.parametrize("objective", ["leximin", "nash", "goldilocks"])
def test_raising_at_any_word_of_the_progress_stops_the_work_and_leaves_nothing_behind(objective, whole):
    count = len(words(NAMED[1], objective))
    before = {thread.ident for thread in threading.enumerate()}
    for stop_at in range(count):
        heard = []

        def tell(phase, done, heard=heard, stop_at=stop_at):
            heard.append(phase)
            if len(heard) > stop_at:
                raise Enough

        with pytest.raises(Enough):
            solve(NAMED[1].pool, NAMED[1].quotas, NAMED[1].size, objective, progress=tell)
        assert len(heard) == stop_at + 1
    assert {thread.ident for thread in threading.enumerate()} == before
    assert document(solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size)) == whole


def test_whoever_is_asked_and_says_yes_stops_the_work(whole):
    for patience in (0, 1, 2, 5, 10):
        asked = []

        def stop(asked=asked, patience=patience):
            asked.append(None)
            return len(asked) > patience

        with pytest.raises(Cancelled):
            solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size, cancelled=stop)
        assert len(asked) == patience + 1
    found = solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size, cancelled=lambda: False)
    assert document(found) == whole


def test_an_interrupted_command_leaves_no_half_written_folder(tmp_path, monkeypatch):
    (tmp_path / "pool.csv").write_text("id,sex\na,f\nb,m\n")
    (tmp_path / "quotas.csv").write_text("feature,value,min,max\nsex,f,0,1\nsex,m,0,1\n")
    names = [str(tmp_path / name) for name in ("pool.csv", "quotas.csv")]

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(lottery, "report", interrupted)  # the last step before anything is written
    result = CliRunner().invoke(app, ["solve", *names, "--size", "1", "--out", str(tmp_path / "out")])
    assert result.exit_code not in {0, 2}
    assert not (tmp_path / "out").exists()


def test_the_order_of_people_and_of_their_features_changes_nothing(whole):
    stream = Stream(bytes(32), "order")
    for _ in range(3):
        people = sorted(INSTANCE.pool, key=lambda _: stream.below(10**9))
        assert document(solve(Pool(tuple(people)), INSTANCE.quotas, INSTANCE.size)) == whole


def test_the_order_of_quotas_changes_nobodys_chance():
    chances = solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size).chances()
    turned = Quotas(tuple(reversed(INSTANCE.quotas.rows)))
    assert solve(INSTANCE.pool, turned, INSTANCE.size).chances() == chances


ELSEWHERE = """
import hashlib, json
from isegoria.lottery import solve
from isegoria.testing import realistic_pool
i = realistic_pool(200, 20, {"age": 4, "sex": 2, "place": 5, "school": 3}, seed="calls", slack=1)
print(json.dumps(solve(i.pool, i.quotas, i.size).to_document(), sort_keys=True))
"""


@pytest.mark.parametrize("threads", ["1", "8"])
def test_threads_a_low_priority_and_another_hash_seed_change_nothing(threads, whole):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    own = os.environ | dict.fromkeys(names, threads) | {"PYTHONHASHSEED": threads}
    result = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        env=own,
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.nice(int(threads)),  # slower: no limit of time decides
    )
    assert result.stdout.strip() == whole


def test_a_quota_of_nobody_is_no_reason_to_differ():
    pool = NAMED[0].pool
    more = Quotas((*NAMED[0].quotas.rows, Quota(next(iter(NAMED[0].quotas.features)), "nobody", 0, 0)))
    assert (
        solve(pool, more, NAMED[0].size).chances() == solve(pool, NAMED[0].quotas, NAMED[0].size).chances()
    )
