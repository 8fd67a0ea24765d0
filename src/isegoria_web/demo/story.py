"""The texts of the demonstration, in four languages."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read() -> dict[str, Any]:
    """Return the story of the demonstration."""
    return tomllib.loads(files("isegoria_web.demo").joinpath("story.toml").read_text("utf-8"))
