"""Which records a dataset has already, and into which split new ones go."""
