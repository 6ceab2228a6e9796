"""The admin console's forms of models: a key can be set here, and is never shown."""

from collections.abc import Callable
from typing import Any

from django import forms

from adaptive_site.lib.errors import Invalid
from projects.models import Llm, Registration
from projects.services import encryption, llm_registration


class RegistrationForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes none at run time
    """A model at a provider; the provider's key can be set, never read."""

    base_url = forms.CharField(
        required=False, help_text="Such as http://vllm:8000/v1; empty for the provider's own."
    )
    api_key = forms.CharField(
        label="API key",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="The provider's; leave empty to keep the one that is there.",
    )
    provider = forms.ChoiceField(
        choices=[(one.value, one.label) for one in llm_registration.EXTERNAL]
    )

    class Meta:
        model = Registration
        fields = (
            "llm", "name", "owner", "teams", "is_for_all", "provider", "base_url",
            "may_be_private", "external_id", "extra_params",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """This server's echo stays what it is."""
        super().__init__(*args, **kwargs)
        if self.instance.provider == Llm.Provider.ECHO and "provider" in self.fields:
            self.fields["provider"].choices = [  # type: ignore[attr-defined]
                (Llm.Provider.ECHO.value, Llm.Provider.ECHO.label)
            ]

    def clean_base_url(self) -> str:
        """The address, when it can be used."""
        return self._checked(llm_registration.check_base_url, "base_url")

    def clean_api_key(self) -> str:
        """The key, when it can stand in a header."""
        return self._checked(llm_registration.check_api_key, "api_key")

    def clean(self) -> dict[str, Any]:
        """The address, when the operator's setting lets it be asked."""
        data = super().clean() or {}
        if "base_url" not in self.fields:
            return data
        try:
            llm_registration.check_reachable(
                data.get("base_url", ""), may_be_private=bool(data.get("may_be_private"))
            )
        except Invalid as error:
            self.add_error("base_url", str(error).removeprefix("base_url: "))
        return data

    def _checked(self, check: Callable[[object], str], field: str) -> str:
        try:
            return check(self.cleaned_data[field])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Registration:
        """Keep the key of a new one, encrypted."""
        # Afterwards the console changes it, which knows that a key goes to no other address.
        if self.instance._state.adding and (secret := self.cleaned_data["api_key"]):
            self.instance.encrypted_api_key = encryption.seal(secret)
        made: Registration = super().save(commit)
        return made
