"""Reading from standbys of PostgreSQL, never anything older than what was committed before.

`base.py` is a backend of Django's: a connection to the primary that goes to a standby inside
`from_replica`. `middleware.py` puts requests that only read there.
"""
