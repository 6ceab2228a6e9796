"""Files that come in a part at a time."""
