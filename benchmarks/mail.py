"""E-mails sent one after the other by one worker to a mail server on loopback, on SQLite as it is installed.

    python benchmarks/mail.py 1000

Each is claimed, agreed on, handed over and written down in transactions of its own, so the disk is waited for four
times. The mail server answers at once; what a real one takes comes on top. In the end nobody may have two.
"""

from __future__ import annotations

import os
import socketserver
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path


class Server(socketserver.StreamRequestHandler):
    """Takes every message."""

    taken: list[bytes] = []

    def handle(self) -> None:
        """Answer line by line."""
        self.wfile.write(b"220 x\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 x\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
            if verb == b"RCPT":
                self.taken.append(line)
            self.wfile.write(b"250 x\r\n")


def main(count: int) -> None:
    """Send so many and say how fast."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socketserver.TCPServer(("127.0.0.1", 0), Server) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        os.environ |= {
            "ISEGORIA_DEBUG": "1", "ISEGORIA_DATA": str(Path(folder) / "var"), "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "isegoria_web.settings", "ISEGORIA_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        Path(folder, "var").mkdir()
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        from answers import post_letters  # noqa: PLC0415
        from isegoria_web.recruitment import mailing  # noqa: PLC0415
        from isegoria_web.recruitment.enums import Purpose  # noqa: PLC0415
        from isegoria_web.recruitment.models import Invitation, Message  # noqa: PLC0415
        from isegoria_web.register.models import Resident  # noqa: PLC0415

        settings.DEBUG = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        call_command("migrate", verbosity=0)
        post_letters(count)
        for number, resident in enumerate(Resident.objects.all()):
            Resident.objects.filter(pk=resident.pk).update(email=f"resident{number}@example.org")
        mailing._queue_all(Invitation.objects.select_related("resident"), Purpose.INVITATION)  # noqa: SLF001
        began, cpu = time.perf_counter(), time.process_time()
        sent = mailing.send_due(timedelta(minutes=10))
        seconds, busy = time.perf_counter() - began, time.process_time() - cpu
        assert sent == count == len(set(Server.taken)) == len(Server.taken)  # noqa: S101
        assert set(Message.objects.values_list("status", flat=True)) == {"sent"}  # noqa: S101
        print(
            f"{sent} e-mails in {seconds:.1f} s: {sent / seconds:.0f} a second, {1000 * busy / sent:.1f} ms CPU each"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
