"""The admin console's form of a model: a key can be set here, and is never shown."""

from collections.abc import Callable

from django import forms

from adaptive_site.lib.errors import Invalid
from projects.models import Llm
from projects.services import llms, secrets


class LlmForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes none at run time
    """A model; the provider's key can be set, never read."""

    base_url = forms.CharField(
        required=False, help_text="Such as http://vllm:8000/v1; empty for the provider's own."
    )
    api_key = forms.CharField(
        label="API key",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The provider's; leave empty to keep the one that is there.",
    )

    class Meta:
        model = Llm
        fields = ("key", "name", "provider", "base_url", "external_id", "extra_params")

    def clean_base_url(self) -> str:
        """The address, when it can be used."""
        return self._checked(llms.check_base_url, "base_url")

    def clean_api_key(self) -> str:
        """The key, when it can stand in a header."""
        return self._checked(llms.check_api_key, "api_key")

    def _checked(self, check: Callable[[object], str], field: str) -> str:
        try:
            return check(self.cleaned_data[field])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Llm:
        """Keep a new key, encrypted."""
        if secret := self.cleaned_data["api_key"]:
            self.instance.encrypted_api_key = secrets.seal(secret)
        llm: Llm = super().save(commit)
        return llm
