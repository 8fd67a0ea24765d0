from django.db import models
from django.utils.translation import gettext_lazy as _


class BallotStatus(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed and counted")
    UNCOUNTED = "uncounted", _("Closed, never counted")  # its cycle was broken off


class BallotKind(models.TextChoices):
    """What a paper says, and how the papers are counted."""

    YES_NO = "yes_no", _("Yes or no")
    APPROVAL = "approval", _("Choose as many as you like: the most chosen win")
    SHARES = "shares", _("Choose as many as you like: every part of the room gets its share")
    RANKING = "ranking", _("Put them in order: the best against every other wins")


class Choice(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    ABSTAIN = "abstain", _("I abstain")


class Together(models.TextChoices):
    """How the votes of a mixed body decide together."""

    EACH = "each", _("Every vote that binds must say yes")
    WEIGHTED = "weighted", _("The votes are added up")


class Matter(models.TextChoices):
    """What a body decides by a resolution."""

    ADMIT = "admit", _("Admit a theme")
    REFUSE = "refuse", _("Refuse a theme")
    QUESTION = "question", _("Adopt the question of a mandate")


class ResolutionStatus(models.TextChoices):
    OPEN = "open", _("The members decide")
    CARRIED = "carried", _("Decided")
    FAILED = "failed", _("Not decided: too few agreed")
    LAPSED = "lapsed", _("Lapsed")
