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


class Erased(models.TextChoices):
    """What was erased."""

    EXTRACT = "extract", _("An extract of the register, with the people drawn from it")
    LETTER = "letter", _("What was kept about people who were drawn for a letter")
    PERSON = "person", _("What was kept about a person with an account")


class Rule(models.TextChoices):
    """Why it was erased on that day."""

    DATE = "date", _("The day that was fixed when it came")
    EARLY = "early", _("The secretariat erased it before its day")
    SILENT = "silent_erased", _("Calendar of the rule book: who is not in the draw, once the draw is final")
    POOL = "pool_erased", _("Calendar of the rule book: who said yes and was not drawn")
    PERSON = "members_erased", _("Calendar of the rule book: after the last role or seat")
    ASKED = "asked", _("The person asked for it")
    RESTORED = "restored", _("Erased before; a restored backup had brought it back")
