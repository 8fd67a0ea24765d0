from django.db import models
from django.utils.translation import gettext_lazy as _


class TermStatus(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")


HOLDING = (TermStatus.OFFERED, TermStatus.ACTIVE)
"""While a term stands so, nobody else can have its seat."""


class EndReason(models.TextChoices):
    TERM = "term", _("End of the term")
    RESIGNATION = "resignation", _("Resignation")
    INELIGIBLE = "ineligible", _("No longer eligible")
    EXCLUSION = "exclusion", _("Exclusion")
    DEATH = "death", _("Death")
    DECLINED = "declined", _("Declined the seat")
    BROKEN_OFF = "broken_off", _("The cycle was broken off")
    ABOLISHED = "abolished", _("The institution was abolished")
    LAPSED = "lapsed", _("The offer lapsed before it was answered")


NEVER_SAT = (EndReason.DECLINED, EndReason.LAPSED)
"""How an offer ends that nobody took: such a term was never held."""


class AlternateStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    MOVED_UP = "moved_up", _("Moved up")
    DECLINED = "declined", _("Declined")
    INELIGIBLE = "ineligible", _("No longer eligible")


class DecisionKind(models.TextChoices):
    """What is decided about a seat that is held."""

    RESIGNATION = "resignation", _("Resignation")
    INELIGIBLE = "ineligible", _("Loss of eligibility")
    SUSPENSION = "suspension", _("Suspension")
    EXCLUSION = "exclusion", _("Exclusion")
    DEATH = "death", _("Death")
