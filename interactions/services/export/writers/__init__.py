"""How each family of formats writes a record as a line."""
