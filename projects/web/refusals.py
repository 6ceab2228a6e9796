"""A service's refusal, shown at the field of the form."""

from django import forms

from adaptive_site.lib.errors import DomainError


def blame(form: forms.Form, error: DomainError) -> None:
    """Put the error at its field, or above the form when it names none of the form's."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, str(error).removeprefix(f"{error.field}: "))
