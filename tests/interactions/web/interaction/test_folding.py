"""Of a long conversation what is judged stands in sight, and what went before is folded."""

import re

from django.test import Client

from interactions.models import Interaction
from projects.models import Project, User
from tests import make


def page(interaction: Interaction, query: str = "") -> str:
    return f"/projects/{interaction.project.key}/interactions/{interaction.id}/{query}"


def test_of_a_long_conversation_the_earlier_messages_are_folded(
    client: Client, alice: User, project: Project
) -> None:
    said = [{"role": "system", "content": "Be kind. " * 60}]
    said += [
        {"role": ("user", "assistant")[n % 2], "content": f"Message {n} end\n" * 80}
        for n in range(40)
    ]
    made = make.make_interaction(project, messages=said, completion="Done.")
    client.force_login(alice)
    text = client.get(page(made)).text
    before, _, rest = text.partition('<details class="earlier"><summary>38 earlier messages')
    folded, _, after = rest.partition("Message 38 end")
    assert "Be kind." in before and 'class="system"' in before
    assert "Message 0 end" in folded and "Message 37 end" in folded
    assert folded.rstrip().endswith("<p>") and "</details>" in folded
    assert "Message 39 end" in after and "Done." in after
    ids = re.findall(r' id="(fold-[^"]+)"', text)
    assert len(ids) == len(set(ids)) == 40
    assert '<details class="earlier" open>' in client.get(page(made, "?text=Message+3")).text
    assert '<details class="earlier">' in client.get(page(made, "?text=Done")).text
    short = make.make_interaction(project, messages=said[:8])
    assert 'class="earlier"' not in client.get(page(short)).text
