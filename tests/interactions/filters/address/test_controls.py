"""The form's controls in an address: rewritten to terms that the filter reads."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.notation import parse_feedback
from tests.interactions.filters.address.test_form import names, numbers


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("label=&text=+&time=7d", "time=7d"),
        ("label=a:1&label=a:1&label=b", "label=a:1&label=b"),
        ("label_key=env&label_value=prod", "label=env:prod"),
        ("label_key=env&label_is=is_not&label_value=prod", "not_label=env:prod"),
        ("label_key=a:b&label_value=", "label=a\\:b"),
        ("label_key=&label_value=prod", ""),
        ("label=env:prod&label_key=env&label_value=prod", "label=env:prod"),
        ("given=helpful&given_is=has", "feedback=helpful"),
        ("given=*&given_is=has_not", "not_feedback=*"),
        ("given=helpful", "feedback=helpful"),
        ("given=csat&given_is=lt&given_value=2.5", "feedback=csat:lt:2.5"),
        ("given=helpful&given_is=eq&given_value=no", "feedback=helpful:eq:0"),
        ("given=*&given_is=gte&given_value=4", "feedback=*:gte:4"),
        ("given=csat&given_is=lt&given_value=two", "feedback=csat:lt:two"),
        ("given=csat&given_is=odd&given_value=2", "feedback=csat:odd:2"),
        ("time=7d&since=2024-02-20", "time=7d&since=2024-02-20"),
        ("span=7d&since=2024-02-20", "since=2024-02-20"),
        ("span=7d&until=2024-02-20&since=", "until=2024-02-20"),
        ("span=7d&since=&until=", "time=7d"),
        ("time=1h&span=+7d", "time=7d"),
        ("span=&text=a", "text=a"),
    ],
)
def test_the_controls_of_the_form_become_terms(typed: str, address: str) -> None:
    clean = canonical(QueryDict(typed))
    assert clean == QueryDict(address)
    assert canonical(clean) == clean


def test_a_wrong_number_in_the_controls_is_passed_on_and_marked() -> None:
    clean = canonical(QueryDict("given=csat&given_is=lt&given_value=two"))
    form = InteractionFilter(clean)
    assert not form.is_valid()
    assert "two" in str(form.errors["feedback"])


@given(names, st.sampled_from(Comparator), numbers)
def test_any_metric_of_the_controls_comes_back(
    metric: str, comparator: Comparator, value: float
) -> None:
    data = QueryDict(mutable=True)
    data.update({"given": metric, "given_is": comparator.value, "given_value": repr(value)})
    terms = canonical(data).getlist("feedback")
    wanted = None if metric.strip() == "*" else metric.strip()
    asked = [HasFeedback(wanted, comparator, value)] if metric.strip() else []
    assert [parse_feedback(term) for term in terms] == asked
