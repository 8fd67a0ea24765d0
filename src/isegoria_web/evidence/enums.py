from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    STUDY = "study", _("Study")
    FIGURES = "figures", _("Official figures")
    LAW = "law", _("Law or rule")
    EXPERIENCE = "experience", _("Experience")
    POSITION = "position", _("Position of an interested party")


class ChosenBy(models.TextChoices):
    SECRETARIAT = "secretariat", _("Secretariat")
    MEMBERS = "members", _("Members")


class QuestionStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    ANSWERED = "answered", _("Answered")
