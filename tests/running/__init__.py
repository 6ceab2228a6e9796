"""How the tests are run: in which order, on which worker, and what is said meanwhile."""
