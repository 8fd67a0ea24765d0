from django.db import models
from django.utils.translation import gettext_lazy as _


class DrawKind(models.TextChoices):
    LETTERS = "letters", _("Draw of the letters")
    PANEL = "panel", _("Draw of the panel")
    REPLACEMENT = "replacement", _("Replacement draw")
    ROTATION = "rotation", _("Rotation draw")


class DrawStatus(models.TextChoices):
    """One way only."""

    ANNOUNCED = "announced", _("Announced")
    COMMITTED = "committed", _("Committed")
    DRAWN = "drawn", _("Drawn")
    ANNULLED = "annulled", _("Annulled")


class SelectionKind(models.TextChoices):
    MEMBER = "member", _("Member")
    ALTERNATE = "alternate", _("Alternate")


class Origin(models.TextChoices):
    """Where a feature's value comes from: the register, or the person's own word."""

    DECLARED = "declared", _("Declared by the person")
    SEX = "sex", _("Sex in the register")
    AGE = "age", _("Age from the register")
    MUNICIPALITY = "municipality", _("Municipality in the register")
