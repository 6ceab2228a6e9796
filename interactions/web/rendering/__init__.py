"""Conversations made readable: JSON laid out, Markdown as HTML, texts that keep their columns."""
