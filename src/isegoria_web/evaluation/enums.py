from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    """The same questions are asked twice."""

    BEFORE = "before", _("Before the deliberation")
    AFTER = "after", _("After the deliberation")


class Agreement(models.IntegerChoices):
    """How much a member agrees with a sentence; 0 is no opinion and counts for nothing."""

    STRONGLY_AGREE = 5, _("I agree entirely")
    AGREE = 4, _("I rather agree")
    NEITHER = 3, _("Neither")
    DISAGREE = 2, _("I rather disagree")
    STRONGLY_DISAGREE = 1, _("I disagree entirely")
    NO_OPINION = 0, _("I cannot say")
