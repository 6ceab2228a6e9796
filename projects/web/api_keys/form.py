"""The form that makes an API key, for oneself or for a service account."""

from collections.abc import Iterable
from typing import Any

from django import forms

from projects.models import Project
from projects.services.access import MEANINGS
from projects.services.keys import scopes
from projects.services.keys.scopes import KeyScope

_DAYS = [("", "for ever"), *((str(days), f"for {days} days") for days in scopes.DAYS)]


class ScopedKeyForm(forms.Form):
    """A name, and what the key is for; with nothing chosen, all that its user may."""

    name = forms.CharField(
        max_length=200, error_messages={"required": "expected a name, such as laptop"}
    )
    days = forms.ChoiceField(choices=_DAYS, required=False)
    requests_a_minute = forms.IntegerField(
        min_value=1,
        max_value=scopes.MOST_REQUESTS,
        required=False,
        error_messages={"invalid": "expected a number, or nothing"},
    )
    permissions = forms.MultipleChoiceField(
        choices=[(one, meaning) for one, meaning in MEANINGS.items() if one != "project:read"],
        required=False,
    )
    projects = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, readable: Iterable[Project] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readable = {one.key: one for one in readable}
        field = self.fields["projects"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(one.key, one.name) for one in self._readable.values()]

    @property
    def scope(self) -> KeyScope:
        """What was chosen."""
        given = self.cleaned_data
        chosen = [self._readable[key] for key in given["projects"]]
        return KeyScope(
            permissions=given["permissions"] or None,
            projects=chosen or None,
            days=int(given["days"]) if given["days"] else None,
            requests_a_minute=given["requests_a_minute"],
        )
