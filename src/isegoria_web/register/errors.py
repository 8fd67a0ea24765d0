from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict


class ExtractAlreadyLoaded(Conflict):
    problem = _("This file is loaded already.")
    way_out = _("Use the extract that is there, or load a newer one.")


class ExtractChanged(Conflict):
    problem = _("The file of the register is not the one that was committed to.")
    way_out = _("Restore it from a backup; its hash stands in the commitment of the draw.")


class ExtractErased(Conflict):
    problem = _("This extract was erased on its date.")
    way_out = _("Ask the register holder for a new one.")


class UploadEnded(Conflict):
    problem = _("This file is read already, or was cancelled.")
    way_out = _("Look at the list of extracts for what became of it.")
