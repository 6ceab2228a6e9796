"""What two readers of chats say to a file: Together's checks, and the types of OpenAI's client."""

import json
from pathlib import Path
from typing import Any

from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import TypeAdapter, ValidationError
from together.utils.files import check_file

from tests.contract.training.drivers.saying import main

MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])
TOOLS = TypeAdapter(list[ChatCompletionToolParam])


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; each ends at a line feed alone."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def faults_of(path: Path) -> list[str]:
    """What in the lines is not as OpenAI's client would have it sent."""
    found = []
    for number, line in enumerate(lines_of(path), 1):
        asked = line.get("input", line)
        said = [*asked["messages"]]
        said += [*line.get("preferred_output", []), *line.get("non_preferred_output", [])]
        try:
            # What the types take lazily, such as content that is any iterable, is looked at too.
            json.dumps(MESSAGES.dump_python(MESSAGES.validate_python(said), mode="json"))
            if "tools" in asked:
                TOOLS.validate_python(asked["tools"])
        except (ValidationError, ValueError) as error:
            found.append(f"line {number}: {error}"[:600])
    return found


def checked(asked: dict[str, Any]) -> dict[str, Any]:
    """What both say."""
    path = Path(asked["path"])
    return {"together": check_file(path), "faults": faults_of(path)}


if __name__ == "__main__":
    main(lambda asked: {name: checked(one) for name, one in asked.items()})
