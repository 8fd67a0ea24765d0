from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    MUNICIPALITY = "municipality", _("Municipality")
    PROVINCE = "province", _("Province")
    REGION = "region", _("Region or community")
    STATE = "state", _("State")
    UNION = "union", _("Union of states")


class Status(models.TextChoices):
    """The life of an institution, over years."""

    PROPOSED = "proposed", _("Proposed")
    OPERATING = "operating", _("In operation")
    SUSPENDED = "suspended", _("Suspended")
    UNDER_REVIEW = "under_review", _("Under review")
    ABOLISHED = "abolished", _("Abolished")


class ProposalStatus(models.TextChoices):
    """What became of a proposed version of the rule book."""

    OPEN = "open", _("Waits for the authority")
    AWAITED = "awaited", _("Adopted, and holds from its first day")
    ADOPTED = "adopted", _("Adopted")
    REVOKED = "revoked", _("Adopted, and withdrawn before its first day")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")


class Stage(models.TextChoices):
    """The stages of a cycle, in their order."""

    MANDATE = "mandate", _("Mandate")
    INVITING = "inviting", _("Invitation")
    DRAWING = "drawing", _("Draw")
    SEATED = "seated", _("Seats taken")
    LEARNING = "learning", _("Learning")
    DELIBERATING = "deliberating", _("Deliberation")
    DECIDING = "deciding", _("Decision")
    ANSWERING = "answering", _("Answer")
    FOLLOW_UP = "follow_up", _("Follow-up")
    CLOSED = "closed", _("Closed")
