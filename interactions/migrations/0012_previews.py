"""Rows of answers without text say what the answer was: calls, a refusal, reasoning alone."""

import json

from django.db import migrations

TAKEN = 2_000
LENGTH = 200
CALLS = '{"tool_calls":'


def spelt(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def arguments(given):
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.lstrip()[:1] == "{" else given
        except (ValueError, RecursionError):
            return given
    if isinstance(given, dict):
        return ", ".join(f"{name}: {spelt(value)}" for name, value in given.items())
    return "" if given is None else spelt(given)


def called(calls):
    for call in calls if isinstance(calls, list) else ():
        call = call if isinstance(call, dict) else {}
        named = next((call[n] for n in ("function", "custom") if isinstance(call.get(n), dict)), call)
        given = named.get("arguments", named.get("input"))
        yield f"→ {named.get('name') or 'unnamed'}({arguments(given)})"


def line_of(completion, parts):
    if completion.startswith(CALLS):
        try:
            return " ".join(called(json.loads(completion)["tool_calls"]))
        except (ValueError, RecursionError):
            return ""
    if not isinstance(parts, dict):
        return ""
    calls = list(called(parts.get("tool_calls")))
    if isinstance(parts.get("function_call"), dict):
        calls += called([parts["function_call"]])
    audio = parts.get("audio")
    said = [
        ("Refused", parts.get("refusal")),
        ("Spoken", audio.get("transcript") if isinstance(audio, dict) else None),
        ("Reasoning only", parts.get("reasoning_content") or parts.get("reasoning")),
    ]
    others = [f"{name}: {text}" for name, text in said if isinstance(text, str) and text.strip()]
    return " ".join(calls) or next(iter(others), "")


def fill(apps, schema_editor):
    """A few thousand at a time, as the index of texts has not begun to be made again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id FROM interaction i JOIN interaction_body b ON b.interaction_id = i.id"
            " WHERE (i.completion_preview = '' AND b.completion_parts IS NOT NULL)"
            " OR starts_with(i.completion_preview, %s)",
            [CALLS],
        )
        ids = [id for (id,) in cursor.fetchall()]
        for at in range(0, len(ids), TAKEN):
            cursor.execute(
                "SELECT interaction_id, completion, completion_parts::text FROM interaction_body"
                " WHERE interaction_id = ANY(%s)",
                [ids[at : at + TAKEN]],
            )
            found = []
            for id, completion, parts in cursor.fetchall():
                line = line_of(completion, json.loads(parts) if parts else None)
                line = " ".join(line[: 4 * LENGTH].split())
                if len(line) > LENGTH:
                    line = line[: LENGTH - 1].rstrip() + "…"
                if line:
                    found.append((id, line))
            cursor.execute(
                "UPDATE interaction SET completion_preview = n.line"
                " FROM unnest(%s::uuid[], %s::text[]) AS n(id, line) WHERE interaction.id = n.id",
                [[id for id, _ in found], [line for _, line in found]],
            )


class Migration(migrations.Migration):
    dependencies = [("interactions", "0011_search_letters")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
