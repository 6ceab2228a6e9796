"""What can be done to many interactions at once, a module for each kind of bulk action."""
