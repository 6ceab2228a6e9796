"""The pages of imports: the list, a file with its columns and rows, beginning, what was refused."""

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from interactions.models import Dataset, Interaction, Job, Upload
from interactions.services.jobs import queue
from interactions.services.uploads import parts
from projects.models import Project, Role, User
from tests import make
from tests.interactions import importing_files as files
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.usefixtures("empty_storage")

CSV = b'question,reply,who,thumbs\nHi?,Hello,gpt-4o,yes\nBye?,"Good, bye",gpt-4o,no\n'


def page(project: Project, name: str = "import", **where: object) -> str:
    return reverse(name, kwargs={"key": project.key, **where})


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_a_small_file_comes_in_without_scripts(browser: Client, project: Project) -> None:
    answer = browser.post(page(project), {"file": SimpleUploadedFile("rows.csv", CSV)})
    upload = Upload.objects.get()
    assert answer["Location"] == page(project, "import-file", id=upload.id)
    shown = browser.get(answer["Location"])
    assert [column.role for column in shown.context["page"].columns] == [
        "prompt", "completion", "metadata", "feedback",
    ]  # fmt: skip
    text = shown.content.decode()
    assert "Good, bye" in text and "rows.csv" in text


def test_columns_may_be_told_and_the_import_begun(
    browser: Client, project: Project, alice: User
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    told = {"format": "columns", "c2": "model", "label_key": "from", "label_value": "csv"}
    answer = browser.post(page(project, "begin-import", id=made.id), told)
    job = queue.do_all(Job.objects.in_project(project).get())
    assert answer["Location"] == page(project, "job", uuid=job.uuid)
    assert files.counts(job) == (2, 0, 0)
    row = Interaction.objects.in_project(project).first()
    assert row is not None and row.llm is not None and row.llm.key == "gpt-4o"
    shown = browser.get(answer["Location"]).content.decode()
    assert "See what came in" in shown and "Make a dataset of them" in shown
    may = ["project:read", "interaction:read", "interaction:create"]
    logger = Role.objects.create(key="logger", name="Logger", permissions=may)
    project.shares.update(role=logger)
    shown = browser.get(answer["Location"]).content.decode()
    assert "See what came in" in shown and "Make a dataset of them" not in shown


def test_a_plan_that_makes_nothing_is_told_by_its_column(
    browser: Client, project: Project, alice: User
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    told = {"format": "columns", "c1": "prompt"}
    answer = browser.post(page(project, "begin-import", id=made.id), told)
    assert answer.status_code == 422
    assert "two columns are “prompt”" in answer.content.decode()
    assert not Job.objects.in_project(project).exists()


def test_a_dry_run_leads_to_the_import_and_refused_records_can_be_taken(
    browser: Client, project: Project, alice: User
) -> None:
    data = CSV + b"?,!,gpt-4o,perhaps,too many\n"
    made = files.upload(project, alice, data, name="rows.csv")
    browser.post(page(project, "begin-import", id=made.id), {"dry_run": "1"})
    tried = queue.do_all(Job.objects.in_project(project).get())
    assert not Interaction.objects.in_project(project).exists()
    shown = browser.get(page(project, "job", uuid=tried.uuid)).content.decode()
    assert "Would be refused" in shown and "expected 4 cells" in shown
    answer = browser.get(page(project, "import-refused", uuid=tried.uuid))
    lines = b"".join(answer).splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == [4]
    browser.post(page(project, "import-after-dry-run", uuid=tried.uuid))
    job = queue.do_all(Job.objects.in_project(project).newest_first()[0])
    assert files.counts(job) == (2, 0, 1)


def test_an_upload_can_be_discarded_but_not_while_it_is_imported(
    browser: Client, project: Project, alice: User
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    browser.post(page(project, "begin-import", id=made.id))
    assert browser.post(page(project, "discard-import", id=made.id)).status_code == 400
    again = browser.post(page(project, "begin-import", id=made.id))
    assert "being imported already" in again.content.decode()
    queue.cancel(Job.objects.in_project(project).get(), by=alice)
    queue.do_some()
    assert browser.post(page(project, "discard-import", id=made.id)).status_code == 303
    assert not files.known(made.id)


def test_strangers_and_readers_find_nothing(
    client: Client, project: Project, alice: User, bob: User, charlie: User
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    client.force_login(charlie)
    assert client.get(page(project)).status_code == 404
    assert client.get(page(project, "import-file", id=made.id)).status_code == 404
    assert client.post(page(project, "begin-import", id=made.id)).status_code == 404
    client.force_login(bob)  # a member, to whom this upload does not belong
    assert client.get(page(project, "import-file", id=made.id)).status_code == 404
    assert client.get(page(project)).status_code == 200


def test_who_may_only_read_may_not_import(client: Client, project: Project) -> None:
    dora = make.make_user("dora")
    make.share(project, dora, role="viewer")
    client.force_login(dora)
    assert client.get(page(project)).status_code == 403
    assert client.post(page(project), {}).status_code == 403


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"format": "klingon"}, "Expected one of the listed formats"),
        ({"format": "columns", "c0": "klingon"}, "question: expected one of the listed roles"),
        ({"format": "columns", "c0": ""}, "No column is the prompt"),
        ({"label_key": "k"}, "Expected a key and a value"),
        ({"label_key": "k" * 200, "label_value": "v"}, "Expected keys of 1 to 128 characters"),
    ],
)
def test_what_was_told_wrongly_is_said(
    browser: Client, project: Project, alice: User, told: dict[str, str], said: str
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    shown = browser.get(page(project, "import-file", id=made.id), told)
    assert shown.status_code == 200 and said in shown.content.decode()
    answer = browser.post(page(project, "begin-import", id=made.id), told)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Job.objects.in_project(project).exists()


def test_a_file_that_is_not_whole_says_how_far_it_is(
    browser: Client, project: Project, alice: User
) -> None:
    made = parts.begin(alice, total_parts=2, project=project, name="rows.csv", size=20)
    parts.put(made, 1, b"question,")
    text = browser.get(page(project, "import-file", id=made.id)).content.decode()
    assert "9 B of 20 B are here" in text
    assert browser.post(page(project, "begin-import", id=made.id)).status_code == 422


def test_pages_ask_few_queries(
    browser: Client, project: Project, alice: User, query_counts: QueryCounts
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    with query_counts("imports"):
        browser.get(page(project))
    with query_counts("import of a file"):
        browser.get(page(project, "import-file", id=made.id))


def test_a_file_that_is_none_is_said_to_be(browser: Client, project: Project, alice: User) -> None:
    made = files.upload(project, alice, b"\x89PNG\r\n\x1a\n\0\0\0", name="rows.png")
    text = browser.get(page(project, "import-file", id=made.id)).content.decode()
    assert "cannot be imported: expected JSON lines, JSON, CSV or Parquet" in text
    assert browser.post(page(project), {}).status_code == 400


def test_a_file_goes_into_a_new_dataset_and_more_into_the_same(
    browser: Client, project: Project, alice: User
) -> None:
    assert "?into=new" in browser.get(page(project, "datasets")).content.decode()
    made = files.upload(project, alice, CSV, name="my rows.csv.gz")
    shown = browser.get(page(project, "import-file", id=made.id), {"into": "new"})
    text = shown.content.decode()
    assert 'value="my rows"' in text and "Make the dataset" in text and "Label all" not in text
    answer = browser.post(page(project, "begin-import", id=made.id), {"into": "new"})
    dataset = Dataset.objects.in_project(project).get()
    assert (dataset.name, dataset.kind, dataset.state) == (
        "my rows",
        Dataset.Kind.FEEDBACK,
        Dataset.State.PENDING,
    )
    job = queue.do_all(Job.objects.in_project(project).get())
    assert job.result["records"] == 2
    shown = browser.get(answer["Location"])
    assert "Look at the records" in shown.content.decode()
    frame = browser.get(reverse("dataset", args=[project.key, dataset.key])).content.decode()
    assert f"?into={dataset.key}" in frame
    more = files.upload(project, alice, CSV, name="more.csv")
    into = {"into": dataset.key}
    offered = browser.get(page(project), into).content.decode()
    assert "Add to my rows from a file" in offered
    browser.post(page(project, "begin-import", id=more.id), {**into, "dry_run": "1"})
    tried = queue.do_all(Job.objects.in_project(project).newest_first()[0])
    assert Dataset.objects.in_project(project).get().records == 2
    browser.post(page(project, "import-after-dry-run", uuid=tried.uuid))
    queue.do_all(Job.objects.in_project(project).newest_first()[0])
    assert Dataset.objects.in_project(project).get().records == 4
    assert not Interaction.objects.in_project(project).exists()


def test_a_dataset_that_is_not_there_is_not_found(
    browser: Client, project: Project, alice: User
) -> None:
    made = files.upload(project, alice, CSV, name="rows.csv")
    address = page(project, "import-file", id=made.id)
    assert browser.get(address, {"into": "nothing"}).status_code == 404
    assert browser.get(page(project), {"into": "nothing"}).status_code == 404
