from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may be for an institution. A member's role comes from her term, not from a grant."""

    SECRETARIAT = "secretariat", _("Secretariat")
    FACILITATOR = "facilitator", _("Facilitator")
    AUTHORITY = "authority", _("Authority")
    EXPERT = "expert", _("Expert")
    OBSERVER = "observer", _("Observer")
    CALLER = "caller", _("Caller")


STAFF = frozenset({Role.SECRETARIAT, Role.FACILITATOR, Role.AUTHORITY, Role.CALLER})
"""Roles that act for others, and therefore need a second factor."""


class ActorKind(models.TextChoices):
    """Who is behind an act."""

    USER = "user", _("Signed-in person")
    CITIZEN = "citizen", _("Citizen with a letter")
    SYSTEM = "system", _("The software, at its hour")
