from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposerKind(models.TextChoices):
    """Who brings a theme; the rule book says which of them may."""

    RESIDENT = "resident", _("A resident")
    ASSOCIATION = "association", _("An association")
    MEMBER = "member", _("A member")
    AUTHORITY = "authority", _("The authority")


class Channel(models.TextChoices):
    """How a theme or a signature came in."""

    WEB = "web", _("On this site")
    PAPER = "paper", _("On paper")


class ThemeStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting for the verdict")
    REFUSED = "refused", _("Refused")
    COLLECTING = "collecting", _("Collecting signatures")
    SUPPORTED = "supported", _("Can be chosen")
    EXPIRED = "expired", _("Not enough signatures")
    CHOSEN = "chosen", _("Chosen")


class PendingKind(models.TextChoices):
    """What a link in a mail confirms."""

    PROPOSAL = "proposal", _("A proposal")
    SIGNATURE = "signature", _("A signature")
