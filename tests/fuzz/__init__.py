"""Requests that nobody means, to every address there is: none may end in a 500."""
