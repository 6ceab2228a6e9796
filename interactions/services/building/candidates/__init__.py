"""The candidates of a selection: interactions and pairs of them, in narrow columns."""
