"""A draw of a panel at each point of its way, for the tests of the ceremony and of the attacks on it."""

import pytest

from isegoria_web import clock
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery import services
from tests.web import factories
from tests.web.lottery.draws import AFTER, THROW, announce


@pytest.fixture
def cycle(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    services.propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


@pytest.fixture
def committed(cycle, secretariat):
    """Committed, with dice to be thrown in three hours."""
    draw = announce(secretariat, cycle)
    services.commit_lottery(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    return draw


@pytest.fixture
def drawn(committed, secretariat):
    with clock.at(AFTER):
        factories.throw(committed, THROW)
        return services.draw_panel(actor=secretariat, draw=committed)
