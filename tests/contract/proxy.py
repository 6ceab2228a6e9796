"""litellm's proxy on loopback: a real OpenAI-compatible upstream that nobody here wrote.

It needs no network: what its models answer is written in its configuration.
"""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.environments import python_of
from tests.running.ports import free_port

SECRET = "sk-of-the-proxy-itself"
ANSWER = "Hello from behind the proxy, word by word."
ANSWERS = {
    "mock": ANSWER,
    "limited": "litellm.RateLimitError",
    "broken": "litellm.InternalServerError",
}
PATIENCE = 600.0  # it imports for 12 s of a processor


def configuration() -> dict[str, object]:
    """Models with fixed answers, none of which is asked twice when it fails."""
    return {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {
                    "model": "openai/anything",
                    "api_key": "none",
                    "mock_response": answer,
                },
            }
            for name, answer in ANSWERS.items()
        ],
        "general_settings": {"master_key": SECRET},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
        "litellm_settings": {"num_retries": 0},
    }


@contextmanager
def proxy(directory: Path) -> Iterator[str]:
    """Have one running; yields its address, with the `/v1` at the end."""
    port = free_port()
    config = directory / "proxy.yaml"
    config.write_text(json.dumps(configuration()), encoding="utf-8")  # JSON is YAML
    python = python_of("litellm")
    with (directory / "proxy.log").open("w") as log:
        process = subprocess.Popen(
            [str(python.with_name("litellm")), "--config", str(config), "--host", "127.0.0.1"]
            + ["--port", str(port)],
            env={**os.environ, "HOME": str(directory), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
            cwd=directory,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health/liveliness", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, "the proxy has stopped"
            assert time.monotonic() < deadline, "the proxy does not start"
            time.sleep(0.2)
