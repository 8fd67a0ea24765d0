from django.db import models
from django.utils.translation import gettext_lazy as _


class Stance(models.TextChoices):
    AGREE = "agree", _("I agree")
    DISAGREE = "disagree", _("I disagree")
    PASS = "pass", _("I pass")


class MapOrigin(models.TextChoices):
    MEMBERS = "members", _("Reactions of the members")
    IMPORTED = "imported", _("A public conversation held elsewhere")


class MapStatus(models.TextChoices):
    WAITING = "waiting", _("Being computed")
    DONE = "done", _("Done")
    REPLACED = "replaced", _("Replaced by a newer one")


class WordingStatus(models.TextChoices):
    IN_NOTE = "in_note", _("Written into the note")
    SET_ASIDE = "set_aside", _("Kept beside the note: somebody else was faster")
    SETTLED = "settled", _("Set aside, and looked at since")
