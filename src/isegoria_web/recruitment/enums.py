from django.db import models
from django.utils.translation import gettext_lazy as _


class InvitationStatus(models.TextChoices):
    CREATED = "created", _("Not sent yet")
    SENT = "sent", _("Sent")
    RETURNED = "returned", _("Returned by the post")
    YES = "yes", _("Said yes")
    NO = "no", _("Said no")


class Channel(models.TextChoices):
    WEB = "web", _("Website")
    PHONE = "phone", _("Telephone")
    PAPER = "paper", _("Paper")
    COUNTER = "counter", _("Counter")


class Refusal(models.TextChoices):
    NO_TIME = "no_time", _("I have no time")
    CARE = "care", _("I care for somebody")
    HEALTH = "health", _("My health does not allow it")
    LANGUAGE = "language", _("The language is difficult for me")
    DISTRUST = "distrust", _("I do not trust it")
    NOT_INTERESTED = "not_interested", _("It does not interest me")
    OTHER = "other", _("Another reason")
