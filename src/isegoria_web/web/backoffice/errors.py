from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Invalid


class EntriesUnreadable(Invalid):
    problem = _("What the tablet sent could not be read.")
    way_out = _("Reload the page; what was written stays on the tablet.")


class EntriesTooLarge(Invalid):
    problem = _("The tablet sent too much at once.")
    way_out = _("Reload the page; what was written stays on the tablet, and goes out in smaller parts.")


class EntryUnreadable(Invalid):
    way_out = _("Copy its text, reload the page, and enter it again.")

    def __init__(self, part: str) -> None:
        super().__init__(
            _("This entry of the tablet has a part that is missing or wrong: %(part)s.") % {"part": part}
        )
