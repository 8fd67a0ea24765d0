"""The commands of the site, run as processes with production settings."""

import http.client
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import migrated
from tests.support.installation import Installation, free_port

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A migrated site on SQLite."""
    made = Installation(tmp_path_factory.mktemp("site") / "var")
    migrated.install(made)
    return made


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": "panel.example.org", **headers})
    response = connection.getresponse()
    response.read()
    return response


def descendants(pid: int) -> set[int]:
    children = {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return children.union(*(descendants(child) for child in children))


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_for(condition, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def serve(installation: Installation):
    port = free_port()
    process = installation.start("serve", "--port", str(port))
    for line in process.stdout:
        if "answers on" in line:
            break
    else:
        pytest.fail("the site did not start")
    yield process, port
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def served(installation: Installation):
    """A running site for one test, which may end it."""
    yield from serve(installation)


@pytest.fixture(scope="module")
def serving(installation: Installation):
    """A running site for the tests that only ask it."""
    yield from serve(installation)


def test_a_production_site_passes_djangos_deployment_checks(installation: Installation) -> None:
    done = installation.run("manage", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_starts_without_keys(installation: Installation, tmp_path: Path) -> None:
    bare = Installation(tmp_path / "var")
    del bare.environment["ISEGORIA_PSEUDONYM_KEY"]
    done = bare.run("serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "ISEGORIA_PSEUDONYM_KEY is not set" in done.stderr


def test_serve_names_missing_migrations_and_the_way_out(tmp_path: Path) -> None:
    done = Installation(tmp_path / "var").run("serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "isegoria manage migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_named_with_the_way_out(installation: Installation, serving) -> None:
    _process, port = serving
    done = installation.run("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr
    assert f"--port {port + 1}" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_web_server_and_worker(served, number: signal.Signals) -> None:
    process, port = served
    family = descendants(process.pid)
    assert len(family) >= 3  # the web server, its worker process, the background worker
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    wait_for(lambda: not any(alive(pid) for pid in family))
    with pytest.raises(ConnectionError):
        ask(port, "/health")


def test_even_a_kill_leaves_no_process_behind(served) -> None:
    process, _port = served
    family = descendants(process.pid)
    process.kill()
    wait_for(lambda: not any(alive(pid) for pid in family))


def test_when_the_worker_dies_the_whole_tree_ends_with_a_failure(served) -> None:
    process, _port = served
    worker = next(
        pid
        for pid in descendants(process.pid)
        if b"commands.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    os.kill(worker, signal.SIGKILL)
    assert process.wait(timeout=30) == 1


def test_the_served_site_sends_visitors_to_https(serving) -> None:
    _process, port = serving
    response = ask(port, "/en/")
    assert response.status == 301
    assert response.headers["Location"] == "https://panel.example.org/en/"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_the_worker_says_that_it_lives_and_does_what_is_due(installation: Installation, serving) -> None:
    _process, _port = serving

    def rows(question: str) -> list:
        with sqlite3.connect(installation.folder / "isegoria.sqlite3") as database:
            return database.execute(question).fetchall()

    wait_for(lambda: rows("SELECT worker FROM operations_heartbeat"))
    wait_for(lambda: rows("SELECT name FROM operations_jobrun WHERE outcome = 'done'"))
    assert rows("SELECT name FROM operations_jobrun WHERE outcome = 'failed'") == []


def test_data_are_readable_for_their_owner_alone(installation: Installation) -> None:
    assert installation.folder.stat().st_mode & 0o077 == 0
    assert (installation.folder / "isegoria.sqlite3").stat().st_mode & 0o077 == 0


def test_doctor_names_what_is_wrong_and_fails(installation: Installation) -> None:
    done = installation.run("doctor")
    assert done.returncode == 1
    assert "WRONG  backups" in done.stdout
    assert "ok     sqlite_version" in done.stdout


def test_doctor_says_when_the_database_does_not_answer(tmp_path: Path) -> None:
    broken = Installation(tmp_path / "var")
    broken.environment["DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    done = broken.run("doctor")
    assert done.returncode == 1
    assert "WRONG  database" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_wrong_database_address_is_refused_in_one_sentence(tmp_path: Path) -> None:
    broken = Installation(tmp_path / "var")
    broken.environment["DATABASE_URL"] = "mysql://somewhere/else"
    done = broken.run("doctor")
    assert done.returncode == 2
    assert done.stderr.startswith("error: DATABASE_URL: mysql")


def test_a_backup_is_a_whole_database_and_the_documents(installation: Installation, tmp_path: Path) -> None:
    (installation.folder / "files").mkdir(exist_ok=True)
    (installation.folder / "files" / "report.pdf").write_bytes(b"%PDF")
    done = installation.run("manage", "backup", "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (copy,) = tmp_path.glob("isegoria-*.sqlite3")
    with sqlite3.connect(copy) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM django_migrations").fetchone() > (50,)
    (documents,) = tmp_path.glob("isegoria-*.files.tar.gz")
    listed = subprocess.run(["tar", "tzf", documents], capture_output=True, text=True, check=True).stdout
    assert "files/report.pdf" in listed
    assert list(tmp_path.glob(".*")) == []


def test_the_same_on_postgresql(tmp_path: Path) -> None:
    """Migrate, diagnose and back up on a real server, in a database of its own."""
    site = Installation(tmp_path / "var")
    site.environment["DATABASE_URL"] = migrated.create_postgresql("live")
    again = site.run("manage", "migrate", "--verbosity=0")
    assert again.returncode == 0, again.stderr
    report = site.run("doctor").stdout
    for question in ("database", "postgresql_version", "migrations", "database_clock"):
        assert f"ok     {question}\n" in report
    done = site.run("manage", "backup", "--to", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    (copy,) = (tmp_path / "backups").glob("isegoria-*.pgdump")
    assert copy.read_bytes().startswith(b"PGDMP")


def test_a_backup_without_a_folder_is_refused(installation: Installation) -> None:
    done = installation.run("manage", "backup")
    assert done.returncode == 1
    assert "ISEGORIA_BACKUPS" in done.stderr
