"""Selections as files: one module for each format, named in `formats.py`."""
