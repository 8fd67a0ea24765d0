"""A network between browser and site that a test can cut: unlike a browser's own switch it also holds for tabs that close."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

LOOKS_EVERY = 0.1
"""Seconds after which a silent connection sees that the network was cut."""


class Network(ThreadingTCPServer):
    """Carries what is sent to its own address to the site, while it is up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, site: str) -> None:
        super().__init__(("localhost", 0), _Wire)
        parts = urlsplit(site)
        assert parts.hostname is not None
        assert parts.port is not None
        self.site = (parts.hostname, parts.port)
        self.up = True

    @property
    def url(self) -> str:
        """Where the site is to be found through it."""
        return f"http://localhost:{self.server_address[1]}"


class _Wire(BaseRequestHandler):
    server: Network

    def handle(self) -> None:
        if not self.server.up:
            return
        with socket.create_connection(self.server.site) as far:
            ends = {self.request: far, far: self.request}
            while self.server.up:
                for end in select.select(list(ends), [], [], LOOKS_EVERY)[0]:
                    data = end.recv(65536)
                    if not data or not self.server.up:
                        return
                    ends[end].sendall(data)


@contextmanager
def network_to(site: str) -> Iterator[Network]:
    """Yield a network to a site, and take it down afterwards."""
    with Network(site) as network:
        threading.Thread(target=network.serve_forever, daemon=True).start()
        yield network
        network.up = False
        network.shutdown()
