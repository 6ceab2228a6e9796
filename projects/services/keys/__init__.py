"""API keys: what they may, how often, and who sees them."""
