"""Long work of recruitment, in the background."""

from __future__ import annotations

from django_tasks import task

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.services import print_letters


@task()
def print_letters_of(campaign_id: int, user_id: int) -> int:
    """Typeset the letters of a campaign on behalf of somebody; returns the size of the PDF in bytes."""
    campaign = Campaign.objects.select_related("cycle__institution", "draw").get(pk=campaign_id)
    actor = Actor.of(User.objects.get(pk=user_id))
    if actor is None:
        raise RuntimeError("the account was closed before the letters were printed")
    return len(print_letters(actor=actor, campaign=campaign))
