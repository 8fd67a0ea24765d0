"""What tests of rotations share."""

from __future__ import annotations

import datetime as dt
import hashlib
from importlib.resources import files

import pytest

from isegoria_web import clock
from isegoria_web.institutions.models import Institution, RuleBookVersion


@pytest.fixture
def town(institution) -> Institution:
    """An institution under the municipal starter: 24 seats, terms of 18 months, a third leaves every six, 24 months apart."""
    text = files("isegoria.rulebook").joinpath("bundled/municipal-starter.toml").read_text("utf-8")
    RuleBookVersion.objects.create(
        institution=institution, number=2, identifier="municipal-starter", text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(), legal_basis="Decision of the council",
        valid_from=dt.date(2027, 1, 1), adopted_at=clock.now(),
    )  # fmt: skip
    return institution
