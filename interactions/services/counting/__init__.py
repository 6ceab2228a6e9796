"""What is counted of a filter's matches, and of how many of them."""
