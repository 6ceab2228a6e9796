"""Databases as earlier versions left them, as SQL: each has to come up to today's."""
