"""`make audit-dependencies`: what is known to be wrong with the packages of our locks.

pip-audit exits 0 when it could look nothing up, so its exit code says too little; here its report
is read. Exits 0 where each package was looked up and nothing is known, 1 where something is, and
3 where any could not be looked up.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KNOWN, NOT_LOOKED_UP = 1, 3


@dataclass
class Looked:
    """What came of looking packages up: known faults, and why some were not looked up."""

    packages: int = 0
    faults: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0, KNOWN or NOT_LOOKED_UP; a fault counts more than what is not known."""
        if self.faults:
            return KNOWN
        return NOT_LOOKED_UP if self.left or not self.packages else 0

    @property
    def said(self) -> str:
        """In words, a line each."""
        lines = [f"known fault: {one}" for one in self.faults]
        if self.left or not self.packages:
            why = self.left[0] if self.left else "no package was reported"
            lines.append(
                f"{len(self.left)} of {self.packages} packages were NOT looked up, so this says"
                f" nothing of them; the first: {why}"
            )
        elif not self.faults:
            lines.append(f"{self.packages} packages looked up: no known faults")
        return "\n".join(lines)


def read(report: dict[str, Any]) -> Looked:
    """What pip-audit's JSON says."""
    found = Looked()
    for one in report["dependencies"]:
        found.packages += 1
        if why := one.get("skip_reason"):
            found.left.append(f"{one['name']}: {why}")
        for fault in one.get("vulns", ()):
            mended = ", ".join(fault["fix_versions"]) or "no version yet"
            found.faults.append(
                f"{one['name']} {one['version']}: {fault['id']}, mended in {mended}"
            )
    return found


def look(command: str, lock: str) -> Looked:
    """Have pip-audit look the packages of a lock up; one that fails as a whole looked up none."""
    asked = [command, "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json"]
    done = subprocess.run([*asked, "-r", lock], capture_output=True, text=True, check=False)
    try:
        return read(json.loads(done.stdout))
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or [f"pip-audit ended with {done.returncode}"]
        return Looked(left=last)


def main(arguments: Sequence[str]) -> int:
    """Look each lock up, and say what came of it."""
    command, *locks = arguments
    codes = set()
    for lock in locks:
        looked = look(command, lock)
        print(f"{lock}: {looked.said}")
        codes.add(looked.exit_code)
    return KNOWN if KNOWN in codes else max(codes, default=NOT_LOOKED_UP)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
