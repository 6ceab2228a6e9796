"""How far the standby is behind."""

from django.db import DatabaseError, InterfaceError, connection

from adaptive_site.lib.database.replicas.choice import from_replica


def bytes_behind() -> int | str:
    """How many bytes of the log it has not replayed yet, or in words why it cannot be used.

    Raises what the primary's failure raises.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        (committed,) = cursor.fetchone()
    try:
        with from_replica(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_wal_lsn_diff(%s::pg_lsn, pg_last_wal_replay_lsn())", [committed]
            )
            (behind,) = cursor.fetchone()
    except (DatabaseError, InterfaceError) as error:
        return f"does not answer: {str(error).strip()}"
    return "is no standby" if behind is None else max(0, int(behind))
