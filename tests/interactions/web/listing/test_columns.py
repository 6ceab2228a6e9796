"""The columns of the list, its densities, and its order."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import ListPreference
from interactions.web.listing.column_menu import chosen
from interactions.web.listing.columns import (
    DEFAULT_COLUMNS,
    MOST_COLUMNS,
    ListColumn,
    cells_of,
    parse_columns,
    spell_columns,
)
from projects.models import Project, User

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def get(user: User, query: str = "", **headers: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(URL + query, headers=headers)


def post(user: User, **form: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(f"{URL}display/", form)


def headings(answer: Any) -> list[str]:
    return [cell.heading for cell in answer.context["listing"].shape.cells]


def test_what_is_spelled_is_read_again() -> None:
    columns = [ListColumn("time"), ListColumn("label", "a,b"), ListColumn("metric", "x:y")]
    assert parse_columns(spell_columns(columns)) == columns
    assert spell_columns(parse_columns(DEFAULT_COLUMNS)) == DEFAULT_COLUMNS


@pytest.mark.parametrize("text", ["", ",", "colour", "label:", "label", "time:x"])
def test_what_is_no_column_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_columns(text)


def test_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match=f"at most {MOST_COLUMNS}"):
        parse_columns(",".join(f"label:{n}" for n in range(MOST_COLUMNS + 1)))


def test_in_comfortable_rows_some_stand_below_the_one_before() -> None:
    columns = parse_columns("ask,labels,images,model,feedback,tokens,latency")
    cells = cells_of(columns, is_compact=False)
    assert [(cell.heading, cell.below) for cell in cells] == [
        ("Prompt, completion, labels", ["labels"]),
        ("Images", []),
        ("Model", []),
        ("Tokens, latency", ["latency"]),
    ]
    assert len(cells_of(columns, is_compact=True)) == len(columns) - 1


@pytest.mark.parametrize("is_compact", [True, False])
def test_feedback_is_a_mark_of_the_prompt_where_there_is_one(is_compact: bool) -> None:
    cells = cells_of(parse_columns("feedback,time,ask,id"), is_compact=is_compact)
    assert [(cell.kind, cell.has_mark) for cell in cells] == [
        ("time", False),
        ("ask", True),
        ("id", False),
    ]
    alone = cells_of(parse_columns("time,feedback"), is_compact=is_compact)
    assert [cell.kind for cell in alone] == ["time", "feedback"]


def test_an_address_chooses_columns(alice: User, filled: Project) -> None:
    answer = get(alice, "?columns=time,label:env,metric:ok,id,source,user,session,ttft")
    assert headings(answer) == ["Time", "env", "ok", "Id", "Source"]
    assert "No row of this page has: User, Session, First token" in answer.text
    page = answer.content.decode()
    assert 'title="env is staging"' in page
    assert page.count('<td class="of-label">') == 50
    assert '<a class="open"' not in page


@pytest.mark.parametrize(
    ("query", "name"),
    [("columns=colour", "columns"), ("density=tiny", "density"), ("order=random", "order")],
)
def test_a_display_that_cannot_be_read_is_named(
    alice: User, filled: Project, query: str, name: str
) -> None:
    listing = get(alice, f"?{query}").context["listing"]
    assert [fault.name for fault in listing.faults] == [name]
    assert listing.rows == []


def test_what_is_applied_is_remembered_and_an_address_has_its_way(
    alice: User, bob: User, filled: Project
) -> None:
    answer = post(
        alice, column=["time", "ask"], label_column="env", density="compact", query="time=7d"
    )
    assert answer.url == f"{URL}?time=7d"
    assert headings(get(alice)) == ["Time", "Prompt and completion", "env"]
    assert get(alice).context["listing"].display.is_compact
    assert headings(get(alice, "?columns=id")) == ["Id"]
    assert not get(alice, "?density=comfortable").context["listing"].display.is_compact
    assert headings(get(bob)) == ["Time", "Prompt, completion, labels"]  # the choice was Alice's


def test_only_in_the_address_is_not_remembered(alice: User, filled: Project) -> None:
    answer = post(alice, column=["id"], density="compact", only="1", query="")
    assert answer.url == f"{URL}?columns=id&density=compact"
    assert not ListPreference.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"column": ["colour"], "density": "compact"},
        {"column": [], "density": "compact"},
        {"column": ["time"], "density": "tiny"},
    ],
)
def test_a_wrong_choice_is_refused(alice: User, filled: Project, form: dict[str, Any]) -> None:
    assert post(alice, **form).status_code == 400
    assert not ListPreference.objects.exists()


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"up": "ask"}, "ask,time,id"),
        ({"down": "ask"}, "time,id,ask"),
        ({"up": "time"}, "time,ask,id"),
        ({"down": "id"}, "time,ask,id"),
        ({"up": "gone"}, "time,ask,id"),
    ],
)
def test_a_column_is_moved_without_scripts(move: dict[str, str], expected: str, rf: Any) -> None:
    request = rf.post("/", {"column": ["time", "ask", "id"], **move})
    assert chosen(request.POST) == expected


def test_the_oldest_first_pages_right_both_ways(alice: User, filled: Project) -> None:
    answer, seen = get(alice, "?order=oldest"), []
    while True:
        listing = answer.context["listing"]
        seen += [row.interaction.id for row in listing.rows]
        if not listing.next:
            break
        assert "order=oldest" in listing.next
        answer = get(alice, listing.next)
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen)
    back = [row.interaction.id for row in answer.context["listing"].rows]
    while answer.context["listing"].previous:
        answer = get(alice, answer.context["listing"].previous)
        back = [row.interaction.id for row in answer.context["listing"].rows] + back
    assert back[-120:] == seen
    assert answer.context["listing"].display.turned == "?"


def test_beyond_the_end_there_is_a_way_back(alice: User, filled: Project) -> None:
    oldest = min(row.interaction.id for row in get(alice, "?order=oldest").context["listing"].rows)
    listing = get(alice, f"?before={oldest}").context["listing"]
    assert (listing.rows, listing.previous, listing.is_empty_project) == ([], "?", False)


def test_an_open_interaction_reads_no_rows(alice: User, filled: Project) -> None:
    id = get(alice).context["listing"].rows[3].interaction.id
    headers = {"HX-Request": "true", "HX-Target": "open-interaction"}
    answer = get(alice, f"?open={id}", **headers)
    assert answer.context["listing"].rows == []
    assert answer.context["listing"].open.interaction.id == id
    assert answer["HX-Push-Url"] == f"?open={id}"
    walking = {**headers, "HX-Current-URL": f"http://testserver{URL}?open={id}"}
    assert get(alice, f"?open={id}", **walking)["HX-Replace-Url"] == f"?open={id}"
