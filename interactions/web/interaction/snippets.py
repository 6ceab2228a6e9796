"""Code that fetches one interaction, for each client."""

from uuid import UUID

from django.urls import reverse

from projects.models import Project
from projects.web.snippets import Snippet


def fetching(project: Project, id: UUID, *, address: str) -> list[Snippet]:
    """By `curl`, `adaptive-sdk` and `openai`; `address` is the server's, without a slash."""
    raw = reverse("interaction-raw", kwargs={"key": project.key, "id": id})
    curl = f"""curl -H "Authorization: Bearer $ADAPTIVE_API_KEY" \\
  "{address}{raw}\""""
    sdk = f'''from adaptive_sdk import Adaptive

client = Adaptive(base_url="{address}")  # reads ADAPTIVE_API_KEY
client.set_default_project("{project.key}")
one = client.interactions.get(completion_id="{id}")
print(one.completion)'''
    openai = f'''import os

from openai import OpenAI

client = OpenAI(base_url="{address}/api/v1", api_key=os.environ["ADAPTIVE_API_KEY"])
one = client.chat.completions.retrieve("{id}")
print(one.choices[0].message.content)'''
    return [
        Snippet("curl", "curl", "curl", curl),
        Snippet("adaptive-sdk", "adaptive-sdk", "adaptive-sdk", sdk, "adaptive-sdk"),
        Snippet("openai", "openai", "openai", openai, "openai"),
    ]
