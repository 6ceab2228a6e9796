"""What only the texts of records tell: which are alike, and what is wrong with them."""
