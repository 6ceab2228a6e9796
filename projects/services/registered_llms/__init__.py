"""Registered models as administrators see them: their use and errors, disabled, changed."""
