"""Datasets of uploaded files, and the logging of their records as interactions."""
