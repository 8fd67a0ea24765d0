"""One line of JSON per event, without anything personal: no query strings, no addresses, no words of an exception.

What other packages log is written as its template, without the values they fill in: paths, addresses and
host names stand there. An exception is its class and its frames; its message often quotes a value.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

OURS = ("isegoria", "isegoria_web")
FIELDS = ("method", "view", "status", "milliseconds")
"""What a log call of ours may add by `extra`."""
_ADDRESS = re.compile(r"[^\s\"'<>=:,;]+@[^\s\"'<>,;]+")
_QUERY = re.compile(r"\?[^\s\"']+")


class Line(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if request_id.get():
            line["request"] = request_id.get()
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = exception_without_words(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in OURS:
        return without_personal(record.getMessage())
    if record.name.startswith("django.security"):
        return "Suspicious request"  # its message is what the visitor sent
    return without_personal(str(record.msg))


def without_personal(text: str) -> str:
    """Return the text with e-mail addresses and query strings replaced."""
    return _QUERY.sub("?…", _ADDRESS.sub("[address]", text))


def exception_without_words(error: BaseException) -> list[str]:
    """Return the chain of exceptions as class names with their frames, without their messages."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _short(path: str) -> str:
    return path.rpartition("/site-packages/")[2].rpartition("/src/")[2]
