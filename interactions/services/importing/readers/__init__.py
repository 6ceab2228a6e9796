"""Files of several kinds, read record by record at constant memory."""
