"""One way to call every version of `adaptive-sdk`, its blocking client and its async one."""

import asyncio
import inspect
import os
import warnings
from dataclasses import dataclass, field
from importlib.metadata import version
from operator import attrgetter
from typing import Any

import adaptive_sdk
import httpx

# "use case" is what a project was called before 0.13; deprecated names warn, which is no news here.
warnings.simplefilter("ignore", DeprecationWarning)

VERSION = version("adaptive-sdk")
BASE_URL = os.environ["ADAPTIVE_BASE_URL"]
API_KEY = os.environ["ADAPTIVE_API_KEY"]
BLOCKING, ASYNC = "blocking", "async"
RESOURCES = {"projects.": "use_cases."}
METHODS = {"models.add_to_project": "models.add_to_use_case"}
KEYWORDS = {"project": "use_case", "user": "user_id", "model": "model_key"}


def public_methods(client: Any, prefix: str = "") -> list[str]:
    """Dotted names of the methods that a client's resources have: `models.list`, ..."""
    found: list[str] = []
    for name in dir(client):
        if name.startswith("_"):
            continue
        member = getattr(client, name)
        if inspect.isroutine(member):
            found.append(prefix + name)
        elif type(member).__module__.startswith("adaptive_sdk."):
            found += public_methods(member, f"{prefix}{name}.")
    return found


class Client:
    """A client of either kind, called by the newest version's names and always blocking.

    Keywords that a version spells in another way are renamed (`project` is `use_case` before
    0.13); one that it does not have at all is a TypeError, as when it is called directly.
    """

    def __init__(self, kind: str, api_key: str = API_KEY) -> None:
        self.kind = kind
        self._loop = asyncio.new_event_loop()
        made = adaptive_sdk.AsyncAdaptive if kind == ASYNC else adaptive_sdk.Adaptive
        self.sdk: Any = made(base_url=BASE_URL, api_key=api_key)

    def spelling(self, method: str) -> str:
        """This version's name for a method."""
        if "use_cases" in dir(self.sdk) and "projects" not in dir(self.sdk):
            for new, old in RESOURCES.items():
                method = old + method.removeprefix(new) if method.startswith(new) else method
        if method in METHODS and method not in public_methods(self.sdk):
            return METHODS[method]
        return method

    def has(self, method: str, keyword: str = "") -> bool:
        """Whether this version has that method, and that keyword of it."""
        try:
            found = attrgetter(self.spelling(method))(self.sdk)
        except AttributeError:
            return False
        return not keyword or keyword in inspect.signature(found).parameters

    def call(self, method: str, /, **keywords: Any) -> Any:
        """Call a method; a stream comes back as the list of its chunks."""
        found = attrgetter(self.spelling(method))(self.sdk)
        known = inspect.signature(found).parameters
        spelt = {
            name if name in known or KEYWORDS.get(name) not in known else KEYWORDS[name]: value
            for name, value in keywords.items()
        }
        result = self.wait(found(**spelt))
        if inspect.isasyncgen(result):
            return self._loop.run_until_complete(_all_of(result))
        return list(result) if inspect.isgenerator(result) else result

    def wait(self, result: Any) -> Any:
        """The result itself, once it is there."""
        if inspect.isawaitable(result):
            return self._loop.run_until_complete(result)
        return result

    def close(self) -> None:
        """Close its connections, by its own public method."""
        self.call("close")
        self._loop.close()


async def _all_of(stream: Any) -> list[Any]:
    return [chunk async for chunk in stream]


@dataclass
class World:
    """What the checks of one client work on: a project of their own."""

    client: Client
    picture: bytes
    project: str = ""
    session: str = ""
    kept: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, /, **keywords: Any) -> Any:
        """Call a method of the client."""
        return self.client.call(method, **keywords)

    def named(self, what: str) -> str:
        """A key that no other client of this run takes."""
        return f"{what}-{VERSION.replace('.', '-')}-{self.client.kind}"

    @property
    def is_old(self) -> bool:
        """Whether it speaks of use cases: 0.12 and 0.1."""
        return "set_default_project" not in dir(self.client.sdk)

    def log(self, text: str, **keywords: Any) -> str:
        """Log one interaction by hand and return its id."""
        made = self.call(
            "interactions.create",
            messages=[{"role": "user", "content": text}],
            completion=f"Answer to: {text}",
            **keywords,
        )
        return str(made.completion_id)

    def attach(self, key: str) -> None:
        """Attach a model to the project without the SDK, whose async client cannot."""
        attaching = {"project": self.project, "models": [key]}
        assert graphql(ATTACH, {"input": attaching})["addModelsToProject"]["success"]

    def stored(self, completion_id: str, project: str = "") -> dict[str, Any]:
        """What the server keeps of an interaction, asked without the SDK."""
        variables = {"project": project or self.project, "id": completion_id}
        found: dict[str, Any] = graphql(STORED, variables)["completion"]
        return found


def graphql(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Run an operation with the administrator's key and return its data."""
    answer = httpx.post(
        f"{BASE_URL}/api/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {API_KEY}"},
        timeout=30,
    )
    answer.raise_for_status()
    body = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


ATTACH = """
mutation ($input: AddModelsToProjectInput!) { addModelsToProject(input: $input) { success } }
"""

STORED = """
query ($project: IdOrKey!, $id: UUID!) {
  completion(project: $project, id: $id) {
    id completion source createdAt promptHash
    model { key }
    session { id }
    createdBy { email }
    chatMessages {
      role content
      contentParts { ... on TextContentPart { text } ... on ImageContentPart { url } }
    }
    labels { key value }
    directScores { id value details metric { key } }
    comparisonScores { id preferedCompletion { id } otherCompletion { id } metric { key } }
    metadata { parameters timings usage { completionTokens promptTokens totalTokens } }
  }
}
"""
