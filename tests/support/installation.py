"""A site as it is installed for real: production settings, a folder of its own, processes of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ISEGORIA = Path(sys.executable).with_name("isegoria")


@dataclass
class Installation:
    """Environment variables of a live site whose data lie in a folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        kept = {
            name: value for name, value in os.environ.items() if name not in ours and "ISEGORIA" not in name
        }
        self.environment = kept | {
            "ISEGORIA_SECRET_KEY": secrets.token_urlsafe(48),
            "ISEGORIA_PSEUDONYM_KEY": secrets.token_urlsafe(48),
            "ISEGORIA_HOSTS": "panel.example.org",
            "ISEGORIA_BASE_URL": "https://panel.example.org",
            "ISEGORIA_DATA": str(self.folder),
        }

    @property
    def database(self) -> Path:
        """The file of the site on SQLite."""
        return self.folder / "isegoria.sqlite3"

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `isegoria` to its end."""
        return subprocess.run(
            [ISEGORIA, *arguments],
            env=self.environment,
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `isegoria`, with both outputs in one."""
        return subprocess.Popen(
            [ISEGORIA, *arguments],
            env=self.environment,
            cwd=self.folder.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
