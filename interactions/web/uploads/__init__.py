"""Files on their way in from a browser."""
