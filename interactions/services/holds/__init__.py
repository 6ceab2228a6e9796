"""Legal holds: labels whose interactions nothing deletes."""
