"""How register holders write their files, told once and used for every extract."""

from __future__ import annotations

import hashlib

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.register import algorithms, policies
from isegoria_web.register.models import RegisterProfile


def save_profile(*, actor: Actor, institution: Institution, name: str, text: str) -> RegisterProfile:
    """Keep a profile under a name, in place of an earlier one of that name.

    Raises
    ------
    isegoria.errors.BadInput
        With the place in it; nothing is kept.
    """
    require(policies.may_keep_profiles(actor, institution))
    person = required(actor.user)
    plain = algorithms.check_profile(text)
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        kept = RegisterProfile.objects.filter(institution=institution, name=name).first()
        if kept is not None and kept.text == plain:
            return kept
        kept = kept or RegisterProfile(institution=institution, name=name)
        kept.text, kept.changed_by, kept.changed_at = plain, person, clock.now()
        kept.full_clean(validate_constraints=False)
        kept.save()
        record(
            actor=actor, institution=institution, action=Action.REGISTER_PROFILE_SAVED, subject=kept,
            facts={"sha256": _hash(plain)},
        )  # fmt: skip
        return kept


def drop_profile(*, actor: Actor, profile: RegisterProfile) -> None:
    """Delete a profile; extracts that were read with it stay as they are."""
    require(policies.may_keep_profiles(actor, profile.institution))
    with transaction.atomic():
        kept = RegisterProfile.objects.select_for_update().filter(pk=profile.pk).first()
        if kept is None:  # somebody was faster
            return
        record(
            actor=actor, institution=profile.institution, action=Action.REGISTER_PROFILE_DROPPED,
            subject=kept, facts={"sha256": _hash(kept.text)},
        )  # fmt: skip
        kept.delete()


def _hash(text: str) -> str:
    """Return what the journal says of a profile: its name and its words are the office's own."""
    return hashlib.sha256(text.encode()).hexdigest()
