"""Changes of many records, done by jobs, and what undoing any change of a dataset needs."""
