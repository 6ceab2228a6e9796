"""What records of other programs say, as lines of our own format."""
