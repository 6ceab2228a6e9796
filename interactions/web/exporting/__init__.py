"""Selections and datasets as files: the page with what to choose, and the files."""
