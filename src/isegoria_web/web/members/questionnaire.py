"""The member's questionnaire: the same sentences before and after the deliberation."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from isegoria_web.evaluation import services
from isegoria_web.evaluation.enums import Agreement
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.evaluation.policies import may_reply
from isegoria_web.institutions.models import Institution
from isegoria_web.translated import in_language
from isegoria_web.web.members.views import acting, for_members, own_page
from isegoria_web.web.places import Own


class QuestionnaireForm(forms.Form):
    """One choice for each sentence."""

    def __init__(self, *args: object, questionnaire: Questionnaire, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they are
        self.keys = [str(sentence["key"]) for sentence in questionnaire.sentences]
        for sentence in questionnaire.sentences:
            self.fields[f"sentence_{sentence['key']}"] = forms.TypedChoiceField(
                label=in_language(sentence["text"]),
                choices=Agreement.choices,
                coerce=int,
                widget=forms.RadioSelect,
            )

    @property
    def answers(self) -> dict[str, int]:
        """Key of a sentence to what was chosen."""
        return {key: self.cleaned_data[f"sentence_{key}"] for key in self.keys}


@for_members
@require_http_methods(["GET", "POST"])
def questionnaire(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Say how much you agree; while it is open the replies can be changed."""
    found = get_object_or_404(Questionnaire.objects.select_related("cycle__institution"), cycle=own.cycle)
    given = services.answers_of(found, own.member)
    initial = {f"sentence_{key}": value for key, value in (given or {}).items()}
    form = QuestionnaireForm(request.POST or None, questionnaire=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.reply(actor=acting(request), questionnaire=found, answers=form.answers)
        messages.success(request, _("Thank you. Your replies are kept without your name."))
        return redirect(own.address("members:home", institution.slug))
    return own_page(
        request,
        "questionnaire",
        institution,
        own,
        form=form,
        phase=found.phase,
        replied=given is not None,
        may_reply=may_reply(acting(request), own.cycle),
    )
