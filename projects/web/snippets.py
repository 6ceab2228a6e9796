"""Code to copy: the same acts through each client, with this server's address filled in."""

from dataclasses import dataclass

from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code, what it does, and what must be installed before."""

    id: str
    client: str
    title: str
    text: str
    needs: str = ""


def snippets(project: Project, *, address: str, metric: Metric | None) -> list[Snippet]:
    """Chat, logging by hand and feedback by `adaptive-sdk`, `openai` and `curl`.

    `address` is the server's, without a slash at its end. Feedback goes under `metric`, a
    yes/no one; without one the snippets make or name `helpful`.
    """
    names = {"address": address, "project": project.key, "metric": metric.key if metric else ""}
    return [
        Snippet(
            "adaptive-sdk", "adaptive-sdk", "Python, adaptive-sdk", _sdk(**names), "adaptive-sdk"
        ),
        Snippet("openai", "openai", "Python, openai", _openai(**names), "openai"),
        Snippet("curl", "curl", "Any language, over HTTP", _curl(**names)),
    ]


def _sdk(*, address: str, project: str, metric: str) -> str:
    key = metric or "helpful"
    register = (
        ""
        if metric
        else f'client.feedback.register_key("{project}", "{key}", kind="bool")  # once\n'
    )
    return f'''from adaptive_sdk import Adaptive

client = Adaptive(base_url="{address}")  # reads ADAPTIVE_API_KEY
client.set_default_project("{project}")

# Ask the project's default model; the interaction is logged by itself.
response = client.chat.create(
    messages=[{{"role": "user", "content": "Hello"}}],
    labels={{"env": "test"}},
)
choice = response.choices[0]
print(choice.message.content)

# Say whether it was any good.
{register}client.feedback.log_metric(True, choice.completion_id, "{key}")

# What another system answered is logged by hand.
client.interactions.create(
    messages=[{{"role": "user", "content": "Hello"}}],
    completion="Hi!",
    labels={{"env": "test"}},
)
'''


def _openai(*, address: str, project: str, metric: str) -> str:
    return f'''import os

from openai import OpenAI

client = OpenAI(
    base_url="{address}/api/v1",
    api_key=os.environ["ADAPTIVE_API_KEY"],
)

# "{project}" is the project's default model, "{project}/<model>" any other.
completion = client.chat.completions.create(
    model="{project}",
    messages=[{{"role": "user", "content": "Hello"}}],
    metadata={{"env": "test"}},  # becomes labels
)
choice = completion.choices[0]
print(choice.message.content)

# Say whether it was any good.
client.post(
    "/feedback",
    cast_to=object,
    body={{
        "completion_id": choice.completion_id,
        "metric": "{metric or "helpful"}",
        "value": True,
    }},
)

# Read back what was logged.
for stored in client.chat.completions.list(model="{project}", metadata={{"env": "test"}}):
    print(stored.id, stored.choices[0].message.content)
'''


def _curl(*, address: str, project: str, metric: str) -> str:
    send = (
        '  -H "Authorization: Bearer $ADAPTIVE_API_KEY" \\\n  -H "Content-Type: application/json"'
    )
    return f'''# Ask the project's default model; the interaction is logged by itself.
curl {address}/api/v1/chat/completions \\
{send} \\
  -d '{{"model": "{project}", "messages": [{{"role": "user", "content": "Hello"}}],
       "labels": {{"env": "test"}}}}'

# What another system answered is logged by hand.
curl {address}/api/v1/interactions \\
{send} \\
  -d '{{"project": "{project}", "messages": [{{"role": "user", "content": "Hello"}}],
       "completion": "Hi!", "labels": {{"env": "test"}}}}'

# Say whether it was any good, by the completion_id of either answer.
curl {address}/api/v1/feedback \\
{send} \\
  -d '{{"completion_id": "…", "metric": "{metric or "helpful"}", "value": true}}'
'''
