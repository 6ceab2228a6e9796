"""The form that changes a registered model; the provider's key can be set, never read."""

from typing import Self

from django import forms

from adaptive_site.lib import exact_json
from interactions.web.project.register_form import RegisterForm
from projects.models import Registration


class ModelForm(RegisterForm):
    """A registered model as it is asked; the service checks what the form cannot."""

    is_default = None  # type: ignore[assignment]  # that is each project's own matter
    external_id = forms.CharField(max_length=200, required=False)
    drops_key = forms.BooleanField(required=False)
    is_for_all = forms.BooleanField(required=False)
    may_be_private = forms.BooleanField(required=False)

    @classmethod
    def of(cls, registration: Registration) -> Self:
        """The form with what is there now."""
        extra = registration.extra_params
        return cls(
            initial={
                "name": registration.name,
                "provider": registration.provider,
                "base_url": registration.base_url,
                "external_id": registration.external_id,
                "extra_params": exact_json.dumps(extra).decode() if extra else "",
                "is_for_all": registration.is_for_all,
                "may_be_private": registration.may_be_private,
            }
        )
