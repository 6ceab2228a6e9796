"""The long part of an import's job: reading the file, and storing what was read, in steps."""
