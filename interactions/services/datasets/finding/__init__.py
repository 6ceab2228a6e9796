"""Which records of a dataset: a filter over them, in which order, and how many have what."""
