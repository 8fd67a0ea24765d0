from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class TextEmpty(Invalid):
    problem = _("There is no text.")
    way_out = _("Write a sentence.")


class NoteChanged(Conflict):
    """Somebody else saved the note meanwhile; both texts are kept for the person to put together."""

    problem = _("Somebody else changed this note while you were writing.")
    way_out = _("Both texts are shown. Put them together and save again.")

    def __init__(self, stored: str, written: str) -> None:
        super().__init__()
        self.stored, self.written = stored, written


class StatementsClosed(Conflict):
    problem = _("The statements are closed.")
    way_out = _("Their counts are on the public page.")


class ForeignNote(Invalid):
    problem = _("This note does not belong to this cycle.")
    way_out = _("Choose a note of a table of this cycle.")


class TranslationNotNeeded(Invalid):
    problem = _("The statement is written in this language.")
    way_out = _("Choose another language.")


class NothingToExport(Conflict):
    problem = _("Single reactions are not published: fewer than 30 people are on the map.")
    way_out = _("Read the map and its table, which hold no single person.")


class TitleMissing(Invalid):
    problem = _("The conversation has no title.")
    way_out = _("Say in a few words what was asked, and where.")


class TextTooLong(Invalid):
    problem = _("The text is too long: a note has at most 10,000 characters.")
    way_out = _("Make two notes of it.")


class WordingSettled(Conflict):
    problem = _("Somebody has chosen between these two texts already.")
    way_out = _("Read the note; if something is missing, change it.")
