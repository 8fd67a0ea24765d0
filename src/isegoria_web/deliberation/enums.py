from django.db import models
from django.utils.translation import gettext_lazy as _


class Stance(models.TextChoices):
    AGREE = "agree", _("I agree")
    DISAGREE = "disagree", _("I disagree")
    PASS = "pass", _("I pass")
