"""A mail server on loopback that takes mail for real, refuses whom it is told to, and dies when it is told to."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass
class MailServer:
    """What came in, and how it behaves.

    Attributes
    ----------
    answers
        Recipient to the answer that it gets instead of 250.
    dies_at
        `rcpt`: goes away when the next recipient is named; `text`: when the whole text has come in, without a word.
    dies_after
        After so many messages.
    slow
        Seconds before each recipient is answered.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    dies_at: str = ""
    dies_after: int = 0
    slow: float = 0
    context: ssl.SSLContext | None = None
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    sessions: int = 0

    @property
    def recipients(self) -> list[str]:
        return [recipient for _sender, recipient, _content in self.taken]

    def mail_to(self, recipient: str) -> EmailMessage:
        """The one message that somebody got."""
        (found,) = [content for _sender, each, content in self.taken if each == recipient]
        return message_from_bytes(found, policy=policy.default)

    def dies(self, at: str) -> bool:
        return self.dies_at == at and len(self.taken) >= self.dies_after


class _Session(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        state: MailServer = self.server.state
        state.sessions += 1
        self._say("220 test")
        sender = recipient = ""
        while line := self.rfile.readline():
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                secure = isinstance(self.connection, ssl.SSLSocket)
                self._say(
                    "250-test",
                    *(["250-STARTTLS"] if state.context and not secure else []),
                    "250 SIZE 9000000",
                )
            elif verb == "STARTTLS" and state.context:
                self._say("220 go on")
                self.connection = state.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            elif verb == "MAIL":
                sender = rest.partition("<")[2].partition(">")[0]
                self._say("250 ok")
            elif verb == "RCPT":
                recipient = rest.partition("<")[2].partition(">")[0]
                time.sleep(state.slow)
                if state.dies("rcpt"):
                    return
                self._say(state.answers.get(recipient, "250 ok"))
            elif verb == "DATA":
                self._say("354 go on")
                content = self._text()
                if content is None or state.dies("text"):
                    return
                state.taken.append((sender, recipient, content))
                self._say("250 ok")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok" if verb in {"HELO", "RSET", "NOOP"} else "502 no")

    def _text(self) -> bytes | None:
        lines = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    state: MailServer

    def handle_error(self, *_args: object) -> None:
        """A client that was killed is no fault of the server."""


@contextmanager
def mail_server(certificate: tuple[Path, Path] | None = None) -> Iterator[MailServer]:
    """Run a mail server; with a certificate and its key it offers STARTTLS."""
    state = MailServer()
    if certificate is not None:
        state.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        state.context.load_cert_chain(*certificate)
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.state = state
        state.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield state
        server.shutdown()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, secret
