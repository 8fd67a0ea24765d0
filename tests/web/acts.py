"""What the tests of every verb ask: who is refused, and what the journal says of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.errors import SomethingMissing
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.recruitment.models import Respondent
from tests.web import factories


@contextmanager
def lacking(*guards: str) -> Iterator[None]:
    """What is done inside is refused, and the refusal names all of these guards, in this order."""
    with pytest.raises(SomethingMissing) as refused:
        yield
    assert [missing.guard.id for missing in refused.value.missing] == list(guards)


def only(
    institution: Institution,
    *allowed: Role,
    act: Callable[[Actor | None], object],
    also_refused: tuple[Actor, ...] = (),
) -> None:
    """Nobody else may: no visitor, no stranger, no other role here, no role and no member of elsewhere."""
    elsewhere = factories.make_institution(f"not-{institution.slug}")
    refused = [
        None,
        factories.nobody_special(),
        *also_refused,
        *(factories.actor(institution, role) for role in Role if role not in allowed),
        *(factories.actor(elsewhere, role) for role in Role),
        factories.actor_of(factories.make_members(factories.make_cycle(elsewhere), 1)[0]),
    ]
    before = Entry.objects.count()
    for actor in refused:
        with pytest.raises(NotAllowed):
            act(actor)
    assert Entry.objects.count() == before


def entries(institution: Institution, action: Action) -> list[Entry]:
    return list(institution.chain.entries.filter(action=action).order_by("sequence"))


def entry(institution: Institution, action: Action) -> Entry:
    """The one entry of this act; it names no person."""
    (found,) = entries(institution, action)
    written = json.dumps([found.actor, found.subject, found.facts])
    people = [*User.objects.values_list("name", "email"), *Respondent.objects.values_list("name", "email")]
    assert [word for person in people for word in person if word and word in written] == []
    return found
