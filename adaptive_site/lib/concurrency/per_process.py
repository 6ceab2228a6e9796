"""What each web process has of what the site has as a whole: threads, and so connections.

Half the threads are enough for half the requests, and PostgreSQL is asked no more at a time than
by one process; but a few slow questions must not take all the threads of the process they came to.
"""

_REQUESTS, _LEAST_REQUESTS = 32, 12
_DATABASE, _LEAST_DATABASE, _MOST_DATABASE = 16, 4, 8
_WRITERS = 3  # interactions, feedback, notices: a thread and a connection each
_WORKER = 5


def request_threads(processes: int) -> int:
    """How many requests to Django each process answers at a time."""
    return max(_LEAST_REQUESTS, _REQUESTS // processes)


def database_threads(processes: int) -> int:
    """How many threads each process has for coroutines that ask the database."""
    return max(_LEAST_DATABASE, min(_MOST_DATABASE, _DATABASE // processes))


def hashes_at_once(processes: int, cores: int) -> int:
    """How many passwords each process hashes at a time: half the cores', or one."""
    return max(1, cores // 2 // processes)


def connections(processes: int) -> int:
    """How many connections to the database a site and its worker use at most."""
    each = request_threads(processes) + database_threads(processes) + _WRITERS
    return processes * each + _WORKER
