"""Times are shown, and days are read, in the zone that somebody chose; addresses stay UTC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from interactions.filters.address.controls import canonical
from interactions.filters.address.form import InteractionFilter
from interactions.filters.conditions import CreatedIn
from interactions.filters.days import Days
from interactions.filters.query import english
from interactions.filters.query.errors import QueryError
from interactions.filters.query.grammar import parse, parse_fixed
from interactions.filters.query.spelling import spell, spell_fixed
from interactions.filters.tree import Tree, normal
from interactions.web.charts.histogram_buckets import edges_of
from projects.models import Project, User
from tests import make

URL = "/projects/maple/interactions/"
BERLIN, KOLKATA, NEW_YORK = "Europe/Berlin", "Asia/Kolkata", "America/New_York"
ZONES = [BERLIN, KOLKATA, NEW_YORK, "UTC", "Pacific/Apia", "Australia/Lord_Howe"]
moments = st.datetimes(
    datetime(1970, 1, 3), datetime(2999, 12, 29), timezones=st.just(UTC)
) | st.datetimes(datetime(2024, 3, 30), datetime(2024, 11, 4), timezones=st.just(UTC))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.fixture
def in_berlin() -> Iterator[None]:
    with timezone.override(ZoneInfo(BERLIN)):
        yield


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("time:2026-11-23..2026-11-25", CreatedIn(at(2026, 11, 22, 23), at(2026, 11, 25, 23))),
        ("time:2026-07-01", CreatedIn(at(2026, 6, 30, 22), at(2026, 7, 1, 22))),
        ("time:2026-10-25", CreatedIn(at(2026, 10, 24, 22), at(2026, 10, 25, 23))),
        ("since:2026-11-23T10:00", CreatedIn(at(2026, 11, 23, 9))),
        ("since:2026-11-23T10:00Z", CreatedIn(at(2026, 11, 23, 10))),
        ("until:2026-11-25", CreatedIn(None, at(2026, 11, 25, 23))),
    ],
)
def test_the_bar_reads_days_of_the_persons_zone(in_berlin: None, text: str, tree: Tree) -> None:
    assert parse(text) == tree
    assert parse(spell(tree)) == tree


@pytest.mark.parametrize(
    "text", ["time:2024-02-21..2024-03-01", "until:2024-03-01", "time:2024-02-21..<2024-03-01"]
)
def test_an_address_means_what_it_always_did(in_berlin: None, text: str) -> None:
    tree = parse_fixed(text)
    assert isinstance(tree, CreatedIn)
    assert tree.end == at(2024, 3, 1)
    assert parse_fixed(spell_fixed(tree)) == tree


@given(st.sampled_from(ZONES), st.none() | moments, st.none() | moments, st.booleans())
def test_what_is_spelt_is_read_back_in_every_zone(
    zone: str, start: datetime | None, end: datetime | None, are_days: bool
) -> None:
    if start is not None and end is not None:
        start, end = min(start, end), max(start, end)
    days = Days(ZoneInfo(zone))
    if are_days:  # midnights of that zone
        start, end = (
            one and datetime(one.year, one.month, one.day, tzinfo=days.zone).astimezone(UTC)
            for one in (start, end)
        )
    tree = normal(CreatedIn(start, end))
    with timezone.override(days.zone):
        assert normal(parse(spell(tree))) == tree
        english.sentence(tree)
    assert normal(parse_fixed(spell_fixed(tree))) == tree


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (at(2026, 11, 22, 23), at(2026, 11, 25, 23), "time 2026-11-23 to 2026-11-25"),
        (at(2026, 11, 22, 23), at(2026, 11, 23, 23), "time 2026-11-23"),
        (at(2026, 10, 31, 23), at(2026, 11, 30, 23), "time November 2026"),
        (at(2026, 11, 23, 9), at(2026, 11, 25, 23), "time 2026-11-23 10:00 to 2026-11-26 00:00"),
        (at(2026, 11, 22, 23), None, "time since 2026-11-23"),
        (None, at(2026, 11, 25, 23), "time before 2026-11-26"),
    ],
)
def test_words_say_the_last_day_that_is_in_it(
    in_berlin: None, start: datetime | None, end: datetime | None, said: str
) -> None:
    assert english.sentence(CreatedIn(start, end)) == said


@pytest.mark.parametrize("zone", ZONES)
def test_bars_of_days_begin_at_midnight_whatever_the_clock_does(zone: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        edges = edges_of(at(2026, 10, 1), at(2026, 11, 20))
        local = [timezone.localtime(edge) for edge in edges]
    assert {(edge.hour, edge.minute) for edge in local} == {(0, 0)}
    assert edges == sorted(set(edges))
    assert edges[0] <= at(2026, 10, 1) and edges[-1] >= at(2026, 11, 20)


@pytest.fixture
def late(project: Project) -> datetime:
    """When an interaction was made that is of the next day in Berlin already."""
    moment = at(2026, 3, 5, 23, 30)
    make.make_interaction(project, "late", created_at=moment)
    return moment


def get(user: User, address: str, zone: str = BERLIN, **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    client.cookies["time_zone"] = zone
    return client.get(address, headers=headers)


@pytest.mark.django_db
def test_pages_show_times_in_the_zone_and_name_it(alice: User, late: datetime) -> None:
    said = get(alice, URL).text
    assert "00:30:00" in said and "6 Mar" in said
    assert 'datetime="2026-03-05T23:30:00.000Z"' in said
    assert "Time (Berlin)" in said
    (one,) = get(alice, URL).context["listing"].rows
    assert "6 Mar 2026 00:30:00 CET" in get(alice, f"{URL}{one.interaction.id}/").text
    plain = get(alice, URL, "nonsense/zone").text
    assert "23:30:00" in plain and "5 Mar" in plain and "Time (UTC)" in plain


@pytest.mark.django_db
def test_days_that_are_asked_for_are_those_of_the_zone(alice: User, late: datetime) -> None:
    for zone, day, n in ((BERLIN, "06", 1), (BERLIN, "05", 0), ("UTC", "05", 1), ("UTC", "06", 0)):
        answer = get(alice, f"{URL}?bar=time:2026-03-{day}", zone)
        address = answer["Location"]
        assert len(get(alice, URL + address, zone).context["listing"].rows) == n
    shared = get(alice, f"{URL}?bar=time:2026-03-06")["Location"]
    assert "since=2026-03-05T23:00" in unescape(shared)
    assert len(get(alice, URL + shared, NEW_YORK).context["listing"].rows) == 1  # for everybody
    form = get(alice, f"{URL}?from_time=2026-03-06T00:00&before_time=2026-03-06T01:00")
    assert len(get(alice, URL + form["Location"], "UTC").context["listing"].rows) == 1


@pytest.mark.django_db
def test_the_calendar_and_the_groups_have_the_same_days(alice: User, late: datetime) -> None:
    month = unescape(get(alice, f"{URL}calendar/?month=2026-03&first=2026-03-06").text)
    assert "since=2026-03-05T23:00&until=2026-03-06T23:00" in month
    groups = unescape(get(alice, "/projects/maple/groups/?by=day").text)
    assert "2026-03-06" in groups
    assert "since=2026-03-05T23:00&until=2026-03-06T23:00" in groups


@pytest.mark.django_db
def test_a_zone_is_chosen_once_and_nonsense_is_refused(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    page = client.get("/account/time-zone/")
    assert BERLIN in page.text
    answer = client.post("/account/time-zone/", {"time_zone": BERLIN, "next": "/keys/"})
    assert (answer.status_code, answer["Location"]) == (302, "/keys/")
    assert client.cookies["time_zone"].value == BERLIN
    assert f"Time zone: {BERLIN}" in client.get("/keys/").text
    away = client.post("/account/time-zone/", {"time_zone": "UTC", "next": "https://x.test/"})
    assert away["Location"] == "/"
    for wrong in ("", "Nowhere/At_All", "../../etc/passwd", "x" * 500):
        assert client.post("/account/time-zone/", {"time_zone": wrong}).status_code == 400
    assert timezone.get_current_timezone_name() == "UTC"  # nothing is left behind
    assert timedelta(0) == timezone.localtime().utcoffset()


@pytest.mark.parametrize(
    "text",
    ["time:2026-11-26..2026-11-23", "time:2026-11-26..<2026-11-25", "time:2027..2026-12-30"],
)
def test_a_span_that_ends_before_it_begins_is_marked_at_its_place(text: str) -> None:
    with pytest.raises(QueryError, match="ends after it begins") as told:
        parse(f"env:prod {text}")
    assert f"env:prod {text}"[told.value.start : told.value.end] == text.removeprefix("time:")
    form = InteractionFilter(canonical(QueryDict(urlencode({"bar": f"env:prod {text}"}))))
    assert [name for name, _ in form.faults] == ["typed"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-11-26", "until": "2026-11-23"},
        {"since": "2026-11-26T10:00", "until": "2026-11-26T09:59"},
        {"bar": "since:2026-11-26 until:2026-11-23"},
    ],
)
def test_two_ends_the_wrong_way_round_are_named(query: dict[str, str]) -> None:
    form = InteractionFilter(canonical(QueryDict(urlencode(query))))
    (fault,) = form.faults
    assert fault == ("until", "ends before since begins; expected a later time")


@pytest.mark.parametrize(
    "text", ["time:2026-11-23..2026-11-23", "time:2026-11-23..<2026-11-23", "time:2026..2026-01-01"]
)
def test_a_span_may_be_a_day_or_nothing(text: str) -> None:
    assert isinstance(parse(text), CreatedIn)
