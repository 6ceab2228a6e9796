"""Failures are told when they happen: of a run that is cut off, too, one knows what failed."""

import pytest

LINES = 30


class FailuresAtOnce:
    """Writes what failed and the end of why; at the end pytest says everything, as always."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell one failure; a worker's reports come here, and that of a worker that died."""
        if report.failed:
            self.terminal.write_line("")
            self.terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)
            for line in report.longreprtext.splitlines()[-LINES:]:
                self.terminal.write_line(f"  {line}")


def tell_at_once(config: pytest.Config) -> None:
    """Have failures told by the process that writes to the terminal."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, pytest.TerminalReporter) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(terminal), "failures-at-once")
