"""Pages about API keys: of a person, and of a project."""
