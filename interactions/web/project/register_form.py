"""The form that registers a model at a provider."""

from typing import Any

from django import forms

from adaptive_site.lib import exact_json
from projects.models import Llm
from projects.services import llm_registration

PROVIDER_NAMES = {
    Llm.Provider.NONE: "only logged",
    Llm.Provider.ECHO: "this server",
    Llm.Provider.OPEN_AI: "OpenAI-compatible",
    Llm.Provider.GOOGLE: "Google",
    Llm.Provider.ANTHROPIC: "Anthropic",
}


class RegisterForm(forms.Form):
    """A model at a provider; the service checks what the form cannot."""

    name = forms.CharField(max_length=200)
    provider = forms.ChoiceField(
        choices=[(one, PROVIDER_NAMES[one]) for one in llm_registration.EXTERNAL]
    )
    base_url = forms.CharField(max_length=200, required=False)
    external_id = forms.CharField(max_length=200)
    api_key = forms.CharField(max_length=1000, required=False)
    extra_params = forms.CharField(max_length=10_000, required=False)
    is_default = forms.BooleanField(required=False)

    def clean_extra_params(self) -> dict[str, Any]:
        """The JSON object that was typed; empty for nothing."""
        try:
            given = exact_json.loads(self.cleaned_data["extra_params"] or "{}")
        except ValueError as error:
            raise forms.ValidationError(f"this is not JSON: {error}") from error
        if not isinstance(given, dict):
            raise forms.ValidationError('expected a JSON object, such as {"temperature": 0}')
        return given
