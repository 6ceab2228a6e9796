"""How lines become a file; each module has a function `pack` that `packing.py` chooses."""
