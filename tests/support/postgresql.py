"""A throw-away PostgreSQL cluster that the tests start and stop by themselves."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


@cache
def url() -> str:
    """Start a cluster once a process tree and return its address; workers inherit it."""
    inherited = os.environ.get("ISEGORIA_TEST_POSTGRESQL_URL")
    if inherited:
        return inherited
    if not BINARIES:
        raise RuntimeError("No PostgreSQL server in /usr/lib/postgresql: install the package `postgresql`.")
    folder = Path(tempfile.mkdtemp(prefix="isegoria-pg-"))
    port = _free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    _run(
        folder,
        "initdb",
        "-D",
        f"{folder}/data",
        "-U",
        "isegoria",
        "-A",
        "trust",
        "--locale=C.UTF-8",
        "-E",
        "UTF8",
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    _run(folder, "pg_ctl", "-D", f"{folder}/data", "-w", "-o", options, "-l", f"{folder}/log", "start")
    atexit.register(_stop, folder)
    os.environ["ISEGORIA_TEST_POSTGRESQL_URL"] = f"postgresql://isegoria@127.0.0.1:{port}/postgres"
    return os.environ["ISEGORIA_TEST_POSTGRESQL_URL"]


def _stop(folder: Path) -> None:
    _run(folder, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, program: str, *arguments: str) -> None:
    command = [str(BINARIES[-1] / program), *arguments]
    if os.geteuid() == 0:  # the server refuses to run as root
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
