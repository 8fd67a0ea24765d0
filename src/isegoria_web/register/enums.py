from django.db import models
from django.utils.translation import gettext_lazy as _


class UploadStatus(models.TextChoices):
    """What becomes of a large file that is read in the background."""

    WAITING = "waiting", _("Waits to be read")
    READING = "reading", _("Is being read")
    LOADED = "loaded", _("Loaded")
    REFUSED = "refused", _("Not loaded: it has faults")
    TWICE = "twice", _("Not loaded: the same file is there already")
    FAILED = "failed", _("Not loaded: something went wrong; the log of the worker says what")
    CANCELLED = "cancelled", _("Cancelled")
