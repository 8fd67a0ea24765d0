"""Settings from environment variables: one table, which docs/settings.md repeats and a test compares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of the site."""

    name: str
    default: str
    meaning: str


TABLE: tuple[Variable, ...] = (
    Variable(
        "ISEGORIA_SECRET_KEY",
        "",
        "Secret of at least 50 characters that signs cookies. Required unless debugging.",
    ),
    Variable(
        "ISEGORIA_PSEUDONYM_KEY",
        "",
        "Secret that turns register numbers into pseudonyms and seals bank accounts. Required unless debugging.",
    ),
    Variable("ISEGORIA_DEBUG", "0", "1 only on a developer's machine: weak keys allowed, errors shown."),
    Variable("ISEGORIA_HOSTS", "", "Host names that the site answers to, separated by commas."),
    Variable("ISEGORIA_BASE_URL", "http://localhost:8000", "Address of the site as printed on letters."),
    Variable(
        "ISEGORIA_HTTPS", "1", "0 only on a loopback address: cookies without Secure, no redirect to https."
    ),
    Variable(
        "DATABASE_URL",
        "",
        "postgresql://user:password@host:5432/name (with ?prepared=no behind a pooler that cannot keep prepared statements); empty: SQLite in the data folder.",
    ),
    Variable(
        "ISEGORIA_DATA", "var", "Folder for the SQLite database, uploaded files and generated documents."
    ),
    Variable(
        "ISEGORIA_SMTP_URL",
        "",
        "smtp://user:password@host:587 (STARTTLS) or smtps://…:465; empty: mail is written to `mail` in the data folder.",
    ),
    Variable("ISEGORIA_MAIL_FROM", "Isegoria <noreply@localhost>", "Sender of the site's mail."),
    Variable(
        "ISEGORIA_BOUNCE_ADDRESS",
        "",
        "Address to which mail that cannot be delivered comes back, such as bounces@panel.example.org; its "
        "mailbox must also take bounces+anything@. Empty: it comes back to the sender.",
    ),
    Variable(
        "ISEGORIA_BOUNCE_BOX",
        "",
        "Where that mailbox is read: imaps://user:password@host/INBOX, maildir:///folder or mbox:///file; "
        "empty: by hand, on the page of the e-mails.",
    ),
    Variable(
        "ISEGORIA_TIME_ZONE",
        "Europe/Brussels",
        "Time zone of the server's own pages; each institution has its own.",
    ),
    Variable(
        "ISEGORIA_BACKUPS",
        "",
        "Folder that receives the backups; doctor warns when the newest is older than a day.",
    ),
    Variable(
        "ISEGORIA_JOURNAL_KEY",
        "",
        "Private key that signs the journal, 64 hexadecimal digits; doctor warns while there is none.",
    ),
    Variable(
        "ISEGORIA_JOURNAL_EXPORT",
        "",
        "Folder to which the journal is written continuously; empty: `journal` in the data folder.",
    ),
    Variable(
        "ISEGORIA_CHALLENGE_DAYS",
        "7",
        "Days in which anybody can object to a draw before it is final, where the rule book is silent on "
        "`draw.challenge_days`; fixed when the draw is announced.",
    ),
    Variable(
        "ISEGORIA_SIGNATURE_DAYS",
        "90",
        "Days after the last day to sign a theme, after which who signed is erased, where the rule book is silent "
        "on `agenda.signatures_kept_days`.",
    ),
    Variable(
        "ISEGORIA_BEACON_URL",
        "",
        "Address of a drand relay, such as https://api.drand.sh: rounds are fetched there; empty: never.",
    ),
    Variable(
        "ISEGORIA_ERASURES",
        "",
        "Folder of the list of what was erased, as keyed hashes, to erase it again after a backup is restored; "
        "empty: `erasures` in the data folder.",
    ),
    Variable("ISEGORIA_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
)

DEFAULTS = {variable.name: variable.default for variable in TABLE}


def read(name: str) -> str:
    """Return the variable's value, or its default; an unknown name is a mistake in our code."""
    return os.environ.get(name, DEFAULTS[name])


def enabled(name: str) -> bool:
    """Return whether the variable is switched on (`1`, `true`, `yes`, `on`)."""
    return read(name).strip().lower() in {"1", "true", "yes", "on"}


def listed(name: str) -> list[str]:
    """Return the comma-separated parts of the variable."""
    return [part.strip() for part in read(name).split(",") if part.strip()]


SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; "
    "PRAGMA synchronous=FULL; "  # NORMAL loses acknowledged ballots at a power cut
    "PRAGMA foreign_keys=ON; "
    "PRAGMA secure_delete=ON; "  # what is erased leaves the file as well
    "PRAGMA journal_size_limit=27103364; "
    "PRAGMA cache_size=-20000; "
    "PRAGMA temp_store=MEMORY;"
)


PREPARED = {"server_side_binding": True, "prepare_threshold": 2}
"""PostgreSQL plans a statement that comes a third time once for all: planning was most of its work for an answer."""


def database(url: str, data: Path) -> dict[str, Any]:
    """Return Django's description of the database that a URL names; without one, SQLite in the data folder.

    Raises
    ------
    ValueError
        If the URL names another kind of database, or `prepared` with anything but yes or no.
    """
    if not url or url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:").removeprefix("//").removeprefix("/") if url else ""
        return {
            "ENGINE": "isegoria_web.storage.sqlite",
            "NAME": str(Path("/") / path if path else data / "isegoria.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL: {parts.scheme} is not supported; use postgresql:// or sqlite:///")
    options = dict(parse_qsl(parts.query))
    prepared = options.pop("prepared", "yes")
    if prepared not in {"yes", "no"}:
        raise ValueError(
            f"DATABASE_URL: prepared={prepared} is not supported; use prepared=yes or prepared=no"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": (PREPARED if prepared == "yes" else {}) | options,
    }


def mail(url: str, folder: Path) -> dict[str, Any]:
    """Return Django's mail settings for an SMTP URL; without one, mail is written to a folder, never to the log."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(folder),
        }
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_TIMEOUT": 20,
    }
