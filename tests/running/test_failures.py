"""A failure is told when it happens, with its name and the end of why."""

import io

import pytest

from tests.running.failures import LINES, FailuresAtOnce


def report(outcome: str, reason: str) -> pytest.TestReport:
    """What pytest reports of one test."""
    return pytest.TestReport(
        nodeid="tests/test_trees.py::test_a_maple",
        location=("tests/test_trees.py", 1, "test_a_maple"),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=reason,
        when="call",
    )


def test_what_failed_is_named_at_once_and_what_passed_is_not(
    pytestconfig: pytest.Config,
) -> None:
    written = io.StringIO()
    told = FailuresAtOnce(pytest.TerminalReporter(pytestconfig, written))
    told.pytest_runtest_logreport(report("passed", ""))
    assert written.getvalue() == ""
    reason = "\n".join(f"line {n}" for n in range(LINES + 1))
    told.pytest_runtest_logreport(report("failed", reason))
    said = written.getvalue()
    assert "FAILED tests/test_trees.py::test_a_maple (call)" in said
    assert "line 0\n" not in said
    assert f"line {LINES}\n" in said
