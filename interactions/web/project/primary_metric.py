"""The form of a project's settings that chooses whose values are on the number keys."""

from django import forms
from django.http import QueryDict

from interactions.services.judging.metric_scales import scales
from projects.models import Metric, Project


class PrimaryMetricForm(forms.Form):
    """The key of a metric of the project; empty: the most used of yes and no."""

    primary_metric = forms.TypedChoiceField(
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "expected a metric of this project that takes feedback"},
    )

    def __init__(self, project: Project, data: QueryDict | None = None) -> None:
        found = scales(project)
        by_key = {scale.metric.key: scale.metric for scale in found}
        chosen = project.primary_metric
        super().__init__(data, initial={"primary_metric": chosen.key if chosen else ""})
        usual = next((f", now {one.metric.key}" for one in found if one.is_primary), "")
        field = self.fields["primary_metric"]
        assert isinstance(field, forms.TypedChoiceField)
        first = ("", f"The most used yes or no{'' if chosen else usual}")
        field.choices = [first, *((key, key) for key in sorted(by_key))]
        field.coerce = by_key.__getitem__

    @property
    def metric(self) -> Metric | None:
        """The chosen metric, of a valid form."""
        found: Metric | None = self.cleaned_data["primary_metric"]
        return found
