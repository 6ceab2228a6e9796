"""The builder: from a selection, by a recipe, to the records of a dataset."""
