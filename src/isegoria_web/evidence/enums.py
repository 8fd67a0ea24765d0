from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    STUDY = "study", _("Study")
    FIGURES = "figures", _("Official figures")
    LAW = "law", _("Law or rule")
    EXPERIENCE = "experience", _("Experience")
    POSITION = "position", _("Position of an interested party")


class Stance(models.TextChoices):
    """Where a speaker stands on the question of the cycle, as she says herself."""

    FOR = "for", _("Wants a change")
    AGAINST = "against", _("Wants things to stay")
    AFFECTED = "affected", _("Is affected by it")
    EXPLAINS = "explains", _("Explains, without a side")


class RequestStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    INVITED = "invited", _("Invited")
    DECLINED = "declined", _("Not invited")


class ChosenBy(models.TextChoices):
    SECRETARIAT = "secretariat", _("Secretariat")
    MEMBERS = "members", _("Members")


class QuestionStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
