from django.db import models
from django.utils.translation import gettext_lazy as _


class Scheme(models.TextChoices):
    """Under which rules a member is paid; each is told to the tax office in its own way."""

    VOLUNTEER = "volunteer", _("Lump sum for volunteers, under the ceilings of the law")
    FEE = "fee", _("Taxable fee")
    COSTS = "costs", _("Costs with receipts")


class CostKind(models.TextChoices):
    TRAVEL = "travel", _("Travel")
    CHILDCARE = "childcare", _("Childcare")
    OTHER = "other", _("Something else")


class ClaimStatus(models.TextChoices):
    CLAIMED = "claimed", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    SENT = "sent", _("In a payment file")
    PAID = "paid", _("Paid")


class TransferStatus(models.TextChoices):
    SENT = "sent", _("Given to the bank")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned by the bank")
