from django.db import models
from django.utils.translation import gettext_lazy as _


class RecommendationStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    BALLOT = "ballot", _("In the ballot")
    ADOPTED = "adopted", _("Adopted")
    NOT_ADOPTED = "not_adopted", _("Not adopted")
    NOT_DECIDED = (
        "not_decided",
        _("Not decided"),
    )  # what was missing, `undecided_for` of the recommendation says
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REPLACED = "replaced", _("Went into another one")


class Uncounted(models.TextChoices):
    """Which vote was never counted, so that a recommendation stayed undecided."""

    BALLOT = "ballot", _("Not decided: its ballot was never counted")
    OPEN_VOTE = (
        "open_vote",
        _("Not decided: its secret ballot was counted, the open vote of those who are appointed never was"),
    )
    BOTH = (
        "both",
        _("Not decided: neither its ballot nor the open vote of those who are appointed was counted"),
    )


class Origin(models.TextChoices):
    """How a wording came about."""

    DRAFT = "draft", _("First wording")
    AMENDMENT = "amendment", _("An amendment was accepted")
    REVISION = "revision", _("Rewritten at the drafting table")
    MERGE = "merge", _("Several were put together")
    SPLIT = "split", _("One was split")


class AdviceKind(models.TextChoices):
    LEGAL = "legal", _("What the law says")
    FEASIBILITY = "feasibility", _("Whether it can be done")


class Purpose(models.TextChoices):
    """What somebody is writing."""

    REVISION = "revision", _("A new wording")
    AMENDMENT = "amendment", _("An amendment")


class AmendmentStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
