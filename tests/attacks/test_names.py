"""Names that would be paths, headers or more than one mail."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from adaptive_site.lib import mailing
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http.hosts import read_host
from interactions.services.export.choices import FileChoices
from interactions.services.uploads import parts
from projects.models import Project, User
from projects.services import people
from projects.services.access import Caller
from projects.services.membership import invitations
from projects.services.membership.invitations import InvitedTo
from tests import make
from tests.interactions.services.datasets.making import make_dataset, record

pytestmark = pytest.mark.django_db
ODD = 'a"; filename="b.exe\r\nSet-Cookie: stolen=1 ../../é'


@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/..%2f..%2fmanage.py",
        "/static/css/../../../manage.py", "/static//etc/passwd", "/static/..\\..\\manage.py",
        "/api/v1/images/{project}/..%2f..%2fsecret_key.png",
        "/api/v1/images/{project}/%2e%2e/%2e%2e/secret_key",
        "/projects/maple/datasets/..%2f..%2fsecret_key/export/jsonl/",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_its_folder(path: str, alice: User, project: Project) -> None:
    client = Client()
    client.force_login(alice)
    answer = client.get(path.format(project=project.uuid))
    assert answer.status_code in (302, 400, 401, 404)
    if answer.status_code == 302:  # to the same without its slashes too many
        answer = client.get(answer["Location"])
        assert answer.status_code == 404
    assert not answer.streaming and "DJANGO_SETTINGS_MODULE" not in answer.text


def test_the_name_of_a_file_is_no_path(alice: User, project: Project) -> None:
    upload = parts.begin(alice, total_parts=1, project=project, name=f"../../{ODD}\0/etc/passwd")
    assert upload.part_path(1) == f"uploads/{UUID(str(upload.id))}/00001"
    assert "\0" not in upload.name


def test_no_name_ends_a_header(alice: User, project: Project) -> None:
    dataset = make_dataset(project, alice, [record("What is a maple?")], name=ODD)
    client = Client()
    client.force_login(alice)
    for name in ("adaptive", "jsonl"):
        answer = client.get(f"/projects/maple/datasets/{dataset.key}/export/{name}/")
        if answer.status_code == 200:
            said = answer["Content-Disposition"]
            assert re.fullmatch(r'attachment; filename="[\w.-]+"', said, re.ASCII), said
        assert "stolen" not in answer.cookies
    choices = FileChoices.of({"format": "adaptive"}, kind=dataset.kind)
    assert re.fullmatch(r"[\w.-]+", choices.file_name(dataset.key, 1), re.ASCII)


def test_no_name_makes_a_mail_another(alice: User, project: Project, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_URL = "smtp://localhost?from=logs@example.org"
    mail.outbox = []
    Project.objects.filter(pk=project.pk).update(name="Maple\r\nBcc: evil@example.org")
    client = Client()
    client.force_login(alice)
    form = {"email": "new@example.org", "role": "viewer", "days": "7"}
    people.role("viewer")
    assert client.post("/projects/maple/people/invite/", form).status_code == 200
    mailing.wait_until_sent()
    (sent,) = mail.outbox
    assert sent.recipients() == ["new@example.org"]
    assert "\nBcc:" not in sent.message().as_string().partition("\n\n")[0]
    place = InvitedTo(project, role=people.role("viewer"))
    for address in (
        "a@example.org\nBcc: evil@example.org",
        "a@example.org, b@example.org",
        "a b@c",
    ):
        with pytest.raises(Invalid):
            invitations.invite(Caller(alice), address, place)


def test_a_reset_names_this_site_whatever_was_called(
    client: Client, alice: User, settings: Any
) -> None:
    """The link of a mail is under the first name that the operator has set."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_URL = "smtp://localhost?from=logs@example.org"
    settings.HOSTS = [read_host("logs.example.com"), read_host(".example.org")]
    settings.ALLOWED_HOSTS = ["logs.example.com", ".example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    mail.outbox = []
    form, https = {"email": alice.email}, {"X-Forwarded-Proto": "https"}
    for host, status in (("evil.example", 400), ("evil.example.org", 200)):
        given = {"Host": host, **https}
        assert client.post("/account/forgotten/", form, headers=given).status_code == status
    mailing.wait_until_sent()
    (sent,) = mail.outbox
    assert "https://logs.example.com/account/new-password/" in sent.body
    assert "evil" not in sent.body


def test_an_invitation_does_not_tell_who_has_an_account(alice: User, project: Project) -> None:
    make.make_user("somebody")
    people.role("viewer")
    client = Client()
    client.force_login(alice)
    told = []
    for email in ("somebody@example.org", "nobodyyy@example.org"):
        form = {"email": email, "role": "viewer", "days": "7"}
        page = client.post("/projects/maple/people/invite/", form)
        assert page.status_code == 200
        hidden = re.sub(r"invitations/[\w-]+/|\b\d+\b|value=\"[\w-]{64}\"", "", page.text)
        told.append(hidden.replace(email, "EMAIL"))
        client.post(f"/projects/maple/people/invitations/{_newest(project)}/revoke/")
        client.get("/projects/maple/people/")  # what was said of that is shown once
    assert told[0] == told[1]


def _newest(project: Project) -> int:
    return int(invitations.pending(project).latest("id").id)
