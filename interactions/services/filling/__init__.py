"""Records of a file for a dataset: what an import reads, put into a dataset instead of the log."""
