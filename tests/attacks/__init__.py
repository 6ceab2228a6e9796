"""Attacks that SECURITY.md names, each tried."""
