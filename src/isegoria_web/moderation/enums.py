from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody can contribute."""

    STATEMENT = "statement", _("Statement")
    NOTE = "note", _("Note of a table")
    QUESTION = "question", _("Question")
    SPEAKER_REQUEST = "speaker_request", _("Wish for a speaker")
    AMENDMENT = "amendment", _("Amendment")
    MINORITY_OPINION = "minority_opinion", _("Minority opinion")
    LEGACY = "legacy", _("Words to the next members")


class ReviewStatus(models.TextChoices):
    PUBLISHED = "published", _("Visible")
    REMOVED = "removed", _("Taken out")
    OUTDATED = "outdated", _("Changed since it was reviewed")


class Ground(models.TextChoices):
    """Why something is taken out. That somebody dislikes an opinion is no ground."""

    PERSONAL = "personal", _("It tells something about a person who can be recognised")
    INSULT = "insult", _("It insults or threatens somebody")
    HATRED = "hatred", _("It is directed against a group of people")
    UNLAWFUL = "unlawful", _("It breaks a law")
    ADVERTISING = "advertising", _("It advertises something")
    REPEATED = "repeated", _("It says the same as another contribution")
    ELSEWHERE = "elsewhere", _("It does not touch the question of the cycle")
