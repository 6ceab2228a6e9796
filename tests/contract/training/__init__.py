"""Training files, opened by the libraries that people open them with."""
