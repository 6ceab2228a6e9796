"""The controls that write a filter, none of which stays in an address: rewritten to terms."""

from collections.abc import Iterator

from django.http import QueryDict

from interactions.filters.address.form import InteractionFilter
from interactions.filters.address.parameters import (
    CONTROLS,
    NO_MODEL,
    PLACE,
    SINGLE_PARAMETERS,
    TEXT_PARAMETERS,
    Pair,
    parameters_of,
)
from interactions.filters.conditions import (
    Comparator,
    CreatedBy,
    HasFeedback,
    HasLlm,
    HasSource,
    Number,
)
from interactions.filters.conditions import Contains as ContainsText
from interactions.filters.days import here
from interactions.filters.notation import (
    parse_number,
    spell_feedback,
    spell_label,
    spell_number,
)
from interactions.filters.query.errors import QueryError
from interactions.filters.query.fields import measure
from interactions.filters.query.grammar import parse, parse_fixed
from interactions.filters.query.spelling import spell_fixed, spell_time
from interactions.filters.tree import Not, Tree
from interactions.textindex.places import Place

# What the query bar takes the place of.
_REPLACED = frozenset((*InteractionFilter.base_filters, *PLACE))


def canonical(data: QueryDict) -> QueryDict:
    """The address without empty parameters, and with the form's controls rewritten to terms.

    What is written in the `bar` takes the place of the whole filter; what cannot be read of it
    stays as `typed`, where the form marks it. A `q` of several conditions becomes a parameter for
    each, as in the bar. The other controls add to the filter. What they ask for in vain is passed
    on as a term, where the form marks it too.
    """
    clean = QueryDict(mutable=True)
    is_replaced = "bar" in data
    for name, values in data.lists():
        if name in CONTROLS or (is_replaced and name in _REPLACED):
            continue
        for value in values:
            if value.strip() and value not in clean.getlist(name):
                clean.appendlist(name, value)
        if name in SINGLE_PARAMETERS and name in clean:
            clean.setlist(name, clean.getlist(name)[-1:])  # the last of several
    for name, value in _written(data, clean):
        _add(clean, name, value)
    _split(clean)
    _add_controls(data, clean)
    return clean


def _add(data: QueryDict, name: str, term: str) -> None:
    """One more term of a parameter; the words of a text are one."""
    if name in TEXT_PARAMETERS:
        data[name] = term
    elif term not in data.getlist(name):
        data.appendlist(name, term)


def _written(data: QueryDict, clean: QueryDict) -> Iterator[Pair]:
    """What stands in the query bar as parameters; as `typed` where it cannot be read."""
    for text in data.getlist("bar")[-1:] or clean.pop("typed", [])[-1:]:
        if not text.strip():
            continue
        try:
            yield from parameters_of(parse(text))
        except QueryError:
            yield "typed", text


def _split(clean: QueryDict) -> None:
    """Take each `q` apart into what chips and facets can show; what they cannot, stays one."""
    for text in clean.pop("q", []):
        try:
            tree = parse_fixed(text)
        except QueryError:
            _add(clean, "q", str(text))  # the form says what is wrong with it
        else:
            _add_tree(clean, tree)


def _add_controls(data: QueryDict, clean: QueryDict) -> None:
    """Add what the other controls say.

    `label_key`, `label_is` (is, is_not, there, not_there) and `label_value`s make a `label` or a
    `not_label`; `given`, `given_is` (a comparator, has, has_not), `given_value`, `given_by` a
    `feedback` or a `not_feedback`; `measure`, `measure_is` and `measure_value` a number's term;
    `word` and `word_in` more text. `model_is`, `source_is` and `user_is` (is, is_not) turn what
    stands in `model`, `source` and `user`. `from_time` and `before_time` make `since` and `until`;
    `span` makes a `time`, but not beside these: the form sends them all, and the ends are what a
    person took the trouble to type.
    """
    for control, name in (("from_time", "since"), ("before_time", "until")):
        if said := data.get(control, "").strip():
            try:
                clean[name] = spell_time(here().time_of(said))
            except ValueError:
                clean[name] = said  # the form says what is wrong with it
    if (span := data.get("span", "").strip()) and not (clean.get("since") or clean.get("until")):
        clean["time"] = span
    for name, term in _terms(data):
        _add(clean, name, term)
    for tree in _turned(data, clean):
        _add_tree(clean, tree)
    if word := data.get("word", "").strip():
        place = data.get("word_in", "")
        is_place = place in list(Place)
        _add_tree(clean, ContainsText(word, Place(place) if is_place else Place.ANYWHERE))
    if part := data.get("part", "").strip():
        try:
            _add_tree(clean, parse(part))
        except QueryError:
            _add(clean, "q", part)


def _add_tree(clean: QueryDict, tree: Tree) -> None:
    beside = [(name, value) for name, values in clean.lists() for value in values]
    for name, value in parameters_of(tree, beside):
        _add(clean, name, value)


def _terms(data: QueryDict) -> Iterator[Pair]:
    if key := data.get("label_key", "").strip():
        how = data.get("label_is", "is")
        name = "not_label" if how in ("is_not", "not_there") else "label"
        values = [value for value in data.getlist("label_value") if value]
        if how in ("there", "not_there") or not values:
            yield name, spell_label(key)
        else:
            yield from ((name, spell_label(key, value)) for value in values)
    if metric := data.get("given", "").strip():
        yield _feedback_term(metric, data)
    if (name := data.get("measure", "").strip()) and (text := data.get("measure_value", "")):
        yield name, f"{data.get('measure_is', 'gte')}:{_measure(name, text.strip())}"


def _measure(name: str, text: str) -> str:
    try:
        return spell_number(measure(Number(name), text))
    except ValueError:
        return text


def _feedback_term(metric: str, data: QueryDict) -> Pair:
    how = data.get("given_is", "has")
    key = None if metric == "*" else metric
    by = data.get("given_by", "").strip() or None
    if how in ("has", "has_not"):
        is_not, condition = how == "has_not", HasFeedback(key, given_by=by)
    else:
        text = data.get("given_value", "")
        try:
            value = parse_number(text)
            is_not, condition = False, HasFeedback(key, Comparator(how), value, given_by=by)
        except ValueError:
            return "feedback", f"{spell_feedback(HasFeedback(key))}:{how}:{text}"
    if by is not None:
        return "q", spell_fixed(Not(condition) if is_not else condition)
    return "not_feedback" if is_not else "feedback", spell_feedback(condition)


def _turned(data: QueryDict, clean: QueryDict) -> Iterator[Tree]:
    """What shall not be, of parameters that can only ask for it."""
    for name in ("model", "source", "user"):
        if data.get(f"{name}_is") != "is_not" or name not in clean:
            continue
        values = tuple(str(value) for value in clean.pop(name))
        if name == "model":
            yield Not(HasLlm(tuple(None if value == NO_MODEL else value for value in values)))
        else:
            yield Not(HasSource(values) if name == "source" else CreatedBy(values))
