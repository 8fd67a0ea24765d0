"""A cycle before its letters, and the register from which they are drawn; test files that need others have their own."""

import datetime as dt

import pytest

from isegoria import register
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.services import propose_quotas
from isegoria_web.register.services import load_extract
from tests.web import factories


@pytest.fixture
def cycle(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


@pytest.fixture
def extract(institution, secretariat, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("again", 120), path)
    return load_extract(
        actor=secretariat, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
