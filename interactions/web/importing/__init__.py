"""Files that people bring in from the browser."""
