from django.db import models
from django.utils.translation import gettext_lazy as _


class DrawKind(models.TextChoices):
    LETTERS = "letters", _("Draw of the letters")
    PANEL = "panel", _("Draw of the panel")
    REPLACEMENT = "replacement", _("Replacement draw")
    ROTATION = "rotation", _("Rotation draw")


class DrawStatus(models.TextChoices):
    """One way only: the database refuses every other step."""

    ANNOUNCED = "announced", _("Announced")
    COMMITTED = "committed", _("Committed")
    DRAWN = "drawn", _("Drawn, open to objections")
    FINAL = "final", _("Final")
    ANNULLED = "annulled", _("Annulled")


class SourceKind(models.TextChoices):
    """Where the randomness comes from, in the words of `docs/draw-record.md`."""

    DICE = "dice", _("Dice thrown in public")
    BALLS = "balls", _("Numbered balls drawn in public")
    BEACON = "drand", _("A round of the public beacon drand")
    REVEAL = "reveal", _("Secret numbers of several parties")
    PUBLIC = "public", _("A value that is published elsewhere")


TYPED = (SourceKind.DICE, SourceKind.BALLS, SourceKind.PUBLIC)
"""What two persons write down, each for themselves."""


class Disclosure(models.TextChoices):
    """What the public record of a draw shows: fixed when the draw is announced."""

    OPEN = "open", _("Open")
    SEALED = "sealed", _("Sealed")


class ObjectionStatus(models.TextChoices):
    """An objection is counted from the moment it comes in; its text is shown once somebody has read it."""

    WAITING = "waiting", _("Being read")
    PUBLISHED = "published", _("Published")
    WITHHELD = "withheld", _("Text not shown")


class SelectionKind(models.TextChoices):
    MEMBER = "member", _("Member")
    ALTERNATE = "alternate", _("Alternate")


class Origin(models.TextChoices):
    """Where a feature's value comes from: the register, or the person's own word."""

    DECLARED = "declared", _("Declared by the person")
    SEX = "sex", _("Sex in the register")
    AGE = "age", _("Age from the register")
    MUNICIPALITY = "municipality", _("Municipality in the register")


class StampKind(models.TextChoices):
    """By whom a commitment is time-stamped, in the words of `docs/draw-record.md`."""

    RFC3161 = "rfc3161", _("Time-stamping authority (RFC 3161)")
    OPENTIMESTAMPS = "opentimestamps", _("OpenTimestamps, anchored in Bitcoin")
