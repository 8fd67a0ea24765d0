"""What register holders call their columns, told once for all their extracts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.accounts.enums import Role
from isegoria_web.register import algorithms, profiles
from isegoria_web.register.models import RegisterProfile
from isegoria_web.web.backoffice.forms.profiles import OURS, ProfileFileForm, ProfileForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office, load_file
from isegoria_web.web.backoffice.uploads import name_of, on_disk

ENDINGS = (".csv", ".txt", ".tsv", ".parquet", ".xlsx", ".toml")
DOUBTS = {
    "date_order": gettext_lazy("Day and month could be the other way round."),
    "date_unreadable": gettext_lazy("Some dates are not understood."),
    "date_incomplete": gettext_lazy("Some have no day or month."),
    "column_missing": gettext_lazy("It was not found."),
    "value_unknown": gettext_lazy("Some values are not known: say what they mean."),
    "derived": gettext_lazy("It is made out of the address."),
}


@for_office(Role.SECRETARIAT)
def register_profiles(office: Office) -> HttpResponse:
    """Show the profiles, and look at a file to make another."""
    form = ProfileFileForm(office.data, office.files)
    found: list[tuple[algorithms.Columns | None, str]] = []

    def look() -> None:
        with on_disk(form.cleaned_data["file"], ENDINGS) as path:
            if path.suffix == ".toml":
                text = algorithms.check_profile(path.read_text("utf-8", errors="replace"))
                found.append((None, text))
            else:
                columns = algorithms.columns_in(path)
                found.append((columns, columns.profile))

    looked = load_file(office, form, "file", look)
    if looked.done:
        columns, text = found[0]
        parts = algorithms.parts_of_profile(text)
        header = columns.header if columns else tuple(parts["columns"].values())
        name = name_of(form.cleaned_data["file"]).rpartition(".")[0][:80]
        return office.page(
            "register_profile",
            form=ProfileForm(header=header, parts=parts, initial={"name": name}),
            told=columns.told if columns else "",
            doubts=_in_words(columns.doubts) if columns else [],
            shapes=columns.shapes if columns else (),
        )
    return office.page(
        "register_profiles", status=looked.status, form=form, faults=looked.faults,
        profiles=RegisterProfile.objects.filter(institution=office.institution),
    )  # fmt: skip


def _in_words(doubts: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{OURS.get(column, column)}: {DOUBTS[doubt]}" for doubt, column in doubts if doubt in DOUBTS]


@for_office(Role.SECRETARIAT, methods=("POST",))
def register_profile(office: Office) -> HttpResponse:
    """Keep a profile as it was filled in."""
    form = ProfileForm(office.data)

    return act_on(
        office,
        None,
        form=form,
        template="register_profile",
        act=lambda data: profiles.save_profile(
            actor=office.actor,
            institution=office.institution,
            name=data["name"],
            text=algorithms.profile_of(
                form.columns(), data["dates"], form.values(), earliest=data["earliest"]
            ),
        ),
        done=office.then(
            _("The profile is kept. Choose it when you load an extract."), "register_profiles"
        ),
        told="",
        doubts=[],
    )


def _profile_or_404(office: Office, key: UUID) -> RegisterProfile:
    found = RegisterProfile.objects.select_related("institution")
    return get_object_or_404(found, institution=office.institution, public_id=key)


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def register_profile_file(office: Office, profile: UUID) -> HttpResponse:
    """Give a profile as a file, which the command line and another institution read."""
    found = _profile_or_404(office, profile)
    response = HttpResponse(found.text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="register-profile-{found.pk}.toml"'
    return response


@for_office(Role.SECRETARIAT)
def register_profile_drop(office: Office, profile: UUID) -> HttpResponse:
    """Give a profile up."""
    found = _profile_or_404(office, profile)

    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Delete this profile?"),
            consequences=[_("Extracts that were read with it stay as they are.")],
            submit=_("Delete the profile"),
            facts={_("Name of the profile"): found.name},
        ),
        act=lambda: profiles.drop_profile(actor=office.actor, profile=found),
        done=office.then(_("The profile is deleted."), "register_profiles"),
        back=office.url("register_profiles"),
    )
