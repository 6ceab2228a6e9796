"""What other people's libraries make of our training files; runs in their own environment.

Each reads one JSON object from its input and prints another.
"""
