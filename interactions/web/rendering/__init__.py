"""What was said, made ready to be read: JSON laid out, Markdown, texts that keep their columns."""
