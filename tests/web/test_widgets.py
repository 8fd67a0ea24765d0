"""Fields that are written without Django's templates look as if they were written with them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria_web.web.widgets import INPUTS, OPTIONS, Renderer

pytestmark = pytest.mark.once

OURS, THEIRS = Renderer(), DjangoTemplates()
ANYTHING = st.one_of(
    st.text(), st.integers(), st.booleans(), st.none(), st.floats(), st.just(mark_safe("<b>'&amp;")),
    st.just(gettext_lazy("Yes")),
)  # fmt: skip
ATTRIBUTES = st.dictionaries(st.text(min_size=1), ANYTHING, max_size=4)


@settings(deadline=None)
@given(
    template=st.sampled_from(sorted(INPUTS | OPTIONS)), kind=st.text(min_size=1), name=st.text(min_size=1),
    value=ANYTHING, attributes=ATTRIBUTES, wrap=st.booleans(),
)  # fmt: skip
def test_an_input_is_what_the_template_writes(template, kind, name, value, attributes, wrap):
    widget = {
        "type": kind,
        "name": name,
        "value": value,
        "attrs": attributes,
        "wrap_label": wrap,
        "label": value,
    }
    assert OURS.render(template, {"widget": widget}) == THEIRS.render(template, {"widget": widget})


class Form(forms.Form):
    name = forms.CharField(max_length=20, help_text="<i>")
    email = forms.EmailField(required=False)
    number = forms.IntegerField(min_value=1)
    day = forms.DateField()
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    sure = forms.BooleanField()
    one = forms.ChoiceField(choices=[("a", "A & B"), ('"', "C")], widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )
    listed = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])


@pytest.mark.parametrize(
    "data", [None, {}, {"name": '"><script>', "sure": "on", "one": '"', "several": ["b"]}]
)
def test_a_whole_form_is_what_the_templates_write(data):
    ours, theirs = (Form(data, renderer=renderer, initial={"number": 1234}) for renderer in (OURS, THEIRS))
    assert str(ours) == str(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert [each.tag() for each in one.subwidgets] == [each.tag() for each in other.subwidgets]
