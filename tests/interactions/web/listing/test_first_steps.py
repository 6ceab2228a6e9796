"""A project in which nothing is logged yet."""

import re

import pytest
from django.test import Client

from projects.models import ApiKey, Project, User
from projects.services.access import authenticate
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_shows_the_code_and_makes_a_key_that_works(alice: User, project: Project) -> None:
    client = client_of(alice)
    page = client.get(URL).content.decode()
    assert "Nothing is logged here yet" in page
    assert "http://testserver" in page
    answer = client.post(f"{URL}first/key/")
    secret = re.search(r"api_key=&quot;|api_key=\"(as-[\w-]+)\"", answer.content.decode())
    assert secret is not None
    assert authenticate(f"Bearer {secret[1]}").user == alice
    assert "no-store" in answer["Cache-Control"]
    assert secret[1] not in client.get(URL).content.decode()
    assert client.get(f"{URL}first/key/?time=7d")["Location"] == f"{URL}?time=7d"


def test_it_is_told_when_the_first_interaction_is_there(alice: User, project: Project) -> None:
    client = client_of(alice)
    assert client.get(f"{URL}first/").status_code == 204
    make.make_interaction(project)
    assert client.get(f"{URL}first/")["HX-Redirect"] == URL
    assert "Nothing is logged" not in client.get(URL).content.decode()


def test_who_may_only_read_is_not_offered_a_key(project: Project) -> None:
    vera = make.make_user("vera")
    make.share(project, vera, "viewer")
    client = client_of(vera)
    assert "Make a key" not in client.get(URL).content.decode()
    assert client.post(f"{URL}first/key/").status_code == 403
    assert not ApiKey.objects.filter(user=vera).exists()


def test_a_filter_without_matches_is_another_matter(alice: User, project: Project) -> None:
    page = client_of(alice).get(f"{URL}?label=env:prod").content.decode()
    assert "Nothing matches" in page
    assert "Nothing is logged" not in page
