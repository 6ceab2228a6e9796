"""What backups made before an erasure still hold, and having it erased again after a restore."""
