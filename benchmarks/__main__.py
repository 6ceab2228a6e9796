"""`python -m benchmarks`: what can be measured, and a run of it on the demo project."""

import subprocess
import sys

NOTE = """\
python -m benchmarks.pages PROJECT   server time of the list and of single interactions
python -m benchmarks.ingest FILE…    an import against a bare COPY of the same bytes
python -m benchmarks.log             POST /interactions against a floor, and without group commit
python -m benchmarks.bulk            the SDK's async client in bulk: who waits for whom
python -m benchmarks.chat            a model's stream through us against straight from the model
python -m benchmarks.graphql         the SDK's list of 100 interactions

Pages of the demo project (`make serve` makes it):
"""


def main() -> int:
    """Say what there is, and measure the pages of the demo project."""
    print(NOTE, flush=True)
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", "demo"], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
