"""Web server and worker as one tree of processes: they start together and end together."""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from isegoria_web.commands._site import refuse

READY_WITHIN = 60
STOP_WITHIN = 20
"""So many seconds have the children to finish what they are at."""
BREAK_OFF_WITHIN = 5
"""And so many, once told twice, to put it back into the queue."""
WORKER_NICENESS = 10
"""On a machine that is busy, somebody who waits for a page goes before letters, mails and lotteries."""
_PR_SET_PDEATHSIG = 1


@dataclass
class Tree:
    """The children of this process. Each has a group of its own, so that Ctrl-C reaches them through us alone."""

    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stopping: bool = False

    def start(self, command: Sequence[str], niceness: int = 0) -> None:
        """Start a child that ends when we end, even if we are killed; a nice one lets the others go first."""

        def prepare() -> None:
            _die_with_parent()
            os.nice(niceness)

        child = subprocess.Popen(command, process_group=0, preexec_fn=prepare)  # noqa: PLW1509  # no threads
        self.children.append(child)

    def stop(self, *_signal: object) -> None:
        """Ask every child to finish; called by the signals."""
        self.stopping = True
        for child in self.children:
            if child.poll() is None:
                child.terminate()

    def ended(self) -> subprocess.Popen[bytes] | None:
        """Return a child that has ended."""
        return next((child for child in self.children if child.poll() is not None), None)

    def wait(self) -> int:
        """Wait until we are told to stop (0) or a child ends by itself (1); then end all of them."""
        while not self.stopping and self.ended() is None:
            time.sleep(0.2)
        code = 0 if self.stopping else 1
        if not self.stopping:  # asked twice, a worker breaks its work off
            self.stop()
        if not self._gone(STOP_WITHIN):
            self.stop()
        if not self._gone(BREAK_OFF_WITHIN):
            for child in self.children:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        return code

    def _gone(self, seconds: float) -> bool:
        """Wait some seconds for the children, and return whether all have ended."""
        deadline = time.monotonic() + seconds
        while any(child.poll() is None for child in self.children):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True


def run(
    *,
    host: str,
    port: int,
    workers: int = 1,
    threads: int = 4,
    ready: Callable[[], None] | None = None,
) -> int:
    """Serve the site until Ctrl-C or SIGTERM; return 0, or 1 if a part of it ended by itself.

    `ready` is called once, when the site has answered for the first time.
    """
    require_free_port(host, port)
    tree = Tree()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tree.stop)
    tree.start(_web_server(host, port, workers, threads))
    tree.start([sys.executable, "-m", "isegoria_web.commands.worker"], niceness=WORKER_NICENESS)
    if _wait_for_answer(tree, host, port) and ready is not None:
        ready()
    return tree.wait()


def require_free_port(host: str, port: int) -> None:
    """Leave with exit code 2 where another program listens on the port, or we may not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            refuse(
                f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}).",
                f"Stop the program that uses it, or choose another: --port {port + 1}",
            )


def _web_server(host: str, port: int, workers: int, threads: int) -> list[str]:
    options = [
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--no-ws",
        "--log-level",
        "warning",
    ]
    options += ["--workers", str(workers), "--blocking-threads", str(threads)]
    return [sys.executable, "-m", "granian", *options, "isegoria_web.wsgi:application"]


def _wait_for_answer(tree: Tree, host: str, port: int) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while not tree.stopping and tree.ended() is None and time.monotonic() < deadline:
        if _answers(host, port):
            return True
        time.sleep(0.1)
    return False


def _answers(host: str, port: int) -> bool:
    name = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
    connection = http.client.HTTPConnection(target, port, timeout=5)
    try:
        connection.request("GET", "/health", headers={"Host": name, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
